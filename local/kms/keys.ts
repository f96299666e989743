/** The account's keys and their aliases. */
import { type Account, AwsError, type Json } from "../account.ts";
import { randomUuid } from "../random-id.ts";
import { type Material, newMaterial } from "./material.ts";

export type Key = {
  id: string;
  arn: string;
  usage: "ENCRYPT_DECRYPT" | "SIGN_VERIFY";
  material: Material;
  policy: Json;
  description: string;
  createdAt: number;
  isEnabled: boolean;
};

export type Keys = {
  make(properties: Json, seedName: string): Key;
  /** By id, ARN, `alias/…` or an alias's ARN. */
  find(keyId: string): Key | undefined;
  /** Throws NotFoundException. */
  get(keyId: string): Key;
  name(alias: string, keyId: string): void;
};

const USAGE_OF = { SYMMETRIC_DEFAULT: "ENCRYPT_DECRYPT", ECC_NIST_P256: "SIGN_VERIFY" } as const;

/** The policy of a key that was made without one: the account's own policies decide. */
const defaultPolicy = (accountId: string): Json => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ],
});

const policyOf = (given: Json, accountId: string): Json => {
  if (given === undefined) return defaultPolicy(accountId);
  try {
    return typeof given === "string" ? JSON.parse(given) : given;
  } catch {
    throw new AwsError("MalformedPolicyDocumentException", "The policy is not JSON.");
  }
};

export const createKeys = (account: Account): Keys => {
  const keys = new Map<string, Key>();
  const aliases = new Map<string, string>();
  const prefix = `arn:aws:kms:${account.region}:${account.id}:`;

  const find = (keyId: string): Key | undefined => {
    const short = keyId.replace(prefix, "").replace(/^key\//, "");
    return keys.get(aliases.get(short) ?? short);
  };

  const get = (keyId: string): Key => {
    const key = find(keyId);
    if (key !== undefined) return key;
    const named = keyId.startsWith("alias/") ? `Alias ${prefix}${keyId}` : `Key '${prefix}key/${keyId}'`;
    throw new AwsError("NotFoundException", `${named} does not exist`);
  };

  return {
    find,
    get,
    make: (properties, seedName) => {
      const random = account.world.random(seedName);
      const id = randomUuid(random);
      const material = newMaterial(String(properties.KeySpec ?? "SYMMETRIC_DEFAULT"), random);
      const usage = USAGE_OF[material.spec];
      if ((properties.KeyUsage ?? "ENCRYPT_DECRYPT") !== usage)
        throw new AwsError(
          "ValidationException",
          `KeyUsage ${properties.KeyUsage ?? "ENCRYPT_DECRYPT"} is not compatible with KeySpec ${material.spec}`,
        );
      const key: Key = {
        id,
        arn: `${prefix}key/${id}`,
        usage,
        material,
        policy: policyOf(properties.KeyPolicy ?? properties.Policy, account.id),
        description: String(properties.Description ?? ""),
        createdAt: account.world.now(),
        isEnabled: properties.Enabled !== false,
      };
      keys.set(id, key);
      return key;
    },
    name: (alias, keyId) => {
      if (!/^alias\/[A-Za-z0-9/_-]+$/.test(alias))
        throw new AwsError("InvalidAliasNameException", `${alias} is not a valid alias`);
      aliases.set(alias, get(keyId).id);
    },
  };
};
