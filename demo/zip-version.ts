/** One version of the example service as the zip that Lambda gets: one bundled file, the same bytes every time. */
import { join } from "node:path";
import { build } from "esbuild";
import { zipSync } from "fflate";
import { CHECKOUT_DIR } from "./callers.ts";
import type { Code } from "./scenario.ts";

/** Zip knows no time before 1980; a fixed one keeps the digest that of the code. */
const WRITTEN_AT = new Date(1980, 0, 2);

const bundle = async ({ version, build: number = 1 }: Code): Promise<Uint8Array> => {
  const built = await build({
    entryPoints: [join(CHECKOUT_DIR, version, "index.mjs")],
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    write: false,
    logLevel: "error",
    banner: { js: `// checkout ${version}, build ${number}` },
  });
  const [file] = built.outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${version}`);
  return zipSync({ "index.mjs": [file.contents, { mtime: WRITTEN_AT }] });
};

const made = new Map<string, Promise<Uint8Array>>();

/** Bundled once a process. */
export const zipOf = (code: Code): Promise<Uint8Array> => {
  const key = `${code.version}/${code.build ?? 1}`;
  const known = made.get(key) ?? bundle(code);
  made.set(key, known);
  return known;
};
