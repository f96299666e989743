/** The archive, its key and the list of trails, in memory: proven equal to the adapters by the contract suite. */
import { generateKeyPairSync, sign } from "node:crypto";
import type { Archive } from "../../lib/ports/archive.ts";
import type { DeploymentStore } from "../../lib/ports/deployment-store.ts";
import type { Signer, VerifyingKey } from "../../lib/ports/signer.ts";
import type { Trails } from "../../lib/ports/trails.ts";

export const memoryArchive = () => {
  const objects = new Map<string, string>();
  const archive: Archive = {
    put: async (key, text) => {
      if (objects.has(key)) return "exists";
      objects.set(key, text);
      return "stored";
    },
    get: async (key) => objects.get(key),
    list: async (prefix, after = "") =>
      [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort(),
  };
  return { archive, objects };
};

export const memorySigner = (): { signer: Signer; verifyingKey: VerifyingKey } => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    signer: {
      sign: async (text) => ({
        algorithm: "ECDSA_SHA_256",
        keyId: "key",
        value: sign("sha256", Buffer.from(text), privateKey).toString("base64"),
      }),
    },
    verifyingKey: { read: async () => publicKey.export({ type: "spki", format: "pem" }).toString() },
  };
};

/** Over a store that can list everything. */
export const memoryTrails = (store: DeploymentStore): Trails => ({
  since: async (at) => {
    const open = new Set(await store.openIds());
    const records = await store.history({ limit: 1_000 });
    const listed = records.filter(({ id, times }) => open.has(id) || Date.parse(times.requested) >= at);
    return Promise.all(
      listed.map(async ({ id, times }) => ({
        deployment: id,
        requested: times.requested,
        lines: (await store.load(id))?.lines.length ?? 0,
      })),
    );
  },
});
