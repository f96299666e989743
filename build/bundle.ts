/** Bundles each handler into `dist/<name>/index.mjs`: one self-contained ES module, small and quick to load. */
import { mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { handlerNames, ROOT } from "./handlers.ts";
import { builtinHttp } from "./plugins/builtin-http.ts";
import { envCredentials } from "./plugins/env-credentials.ts";
import { leanClients } from "./plugins/lean-clients.ts";

/** The most a bundle may weigh. Three SDK clients with logger and metrics stay below it; a second SDK copy or zod's full API does not. */
export const BUNDLE_BYTES_MAX = 430_000;

export type Bundle = { name: string; file: string; bytes: number };

/** How every bundle is made, but for the plugins below: what an ordinary build of the same code would do. */
export const ordinaryOptions = (entry: string, file: string) =>
  ({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // Some packages name their CommonJS build first; the ES build is what tree shaking can work on.
    mainFields: ["module", "main"],
    minify: true,
    legalComments: "none",
    logLevel: "error",
    metafile: true,
  }) satisfies BuildOptions;

/** What makes our bundles lighter and quicker than ordinary ones. */
export const PLUGINS = [builtinHttp, envCredentials, leanClients];

/** Bundles one entry file into `file` and gives back its size. Throws when it does not compile. */
export const bundleFile = async (entry: string, file: string): Promise<number> => {
  await build({ ...ordinaryOptions(entry, file), plugins: PLUGINS });
  return statSync(file).size;
};

/** Bundles every handler of `root` into `outDir`, replacing what was there. */
export const bundleHandlers = async (root = ROOT, outDir = join(root, "dist")): Promise<Bundle[]> => {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  return Promise.all(
    handlerNames(root).map(async (name) => {
      const file = join(outDir, name, "index.mjs");
      return { name, file, bytes: await bundleFile(join(root, "handlers", `${name}.ts`), file) };
    }),
  );
};

/** The bundles above the limit, one line each. */
export const tooHeavy = (bundles: readonly Bundle[]): string[] =>
  bundles
    .filter(({ bytes }) => bytes > BUNDLE_BYTES_MAX)
    .map(({ name, bytes }) => `${name}: ${bytes} bytes, the most is ${BUNDLE_BYTES_MAX}`);

/** One line per bundle, aligned. */
export const sizeLines = (bundles: readonly Bundle[]): string[] =>
  bundles.map(({ name, bytes }) => `${name.padEnd(24)} ${(bytes / 1000).toFixed(1).padStart(7)} KB`);

if (import.meta.main) {
  const bundles = await bundleHandlers();
  for (const line of sizeLines(bundles)) console.log(line);
  const faults = tooHeavy(bundles);
  for (const fault of faults) console.error(`too heavy: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
