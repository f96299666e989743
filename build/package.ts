/** Packages the stack of a stage, offline and without an account: bundles, then template and one zip per function. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bundleHandlers, sizeLines, tooHeavy } from "./bundle.ts";
import { ROOT } from "./handlers.ts";
import { withLock } from "./lock.ts";

/** What a package is made from. A change elsewhere in the tree does not make another one. */
const INPUTS = [
  "handlers",
  "lib",
  "build",
  "stack",
  "stages",
  "serverless.yml",
  "package.json",
  "package-lock.json",
];
const HASH_FILE = "content.sha256";

export type Progress = (line: string) => void;

const filesUnder = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

const inputFiles = (root: string): string[] =>
  INPUTS.map((input) => join(root, input))
    .filter(existsSync)
    .flatMap((path) => (statSync(path).isDirectory() ? filesUnder(path) : [path]));

/** SHA-256 over the names and contents of everything a package is made from, and the Node version that makes it. */
export const contentHash = (root = ROOT): string => {
  const hash = createHash("sha256").update(process.version);
  for (const file of inputFiles(root)) {
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
};

/**
 * Runs the Serverless Framework in `root` with nothing of the caller's AWS settings but those of `settings`. Throws with its
 * output when it fails.
 */
export const serverless = (
  args: readonly string[],
  root = ROOT,
  settings: Readonly<Record<string, string>> = {},
): Promise<string> =>
  new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(root, "node_modules", ".bin", "serverless"), ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH ?? "",
        HOME: process.env.HOME ?? "",
        NO_COLOR: "1",
        CI: "1",
        SLS_TELEMETRY_DISABLED: "1",
        SLS_NOTIFICATIONS_MODE: "off",
        AWS_EC2_METADATA_DISABLED: "true",
        ...settings,
      },
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", failed);
    child.on("close", (code) =>
      code === 0
        ? done(output)
        : failed(new Error(`serverless ${args.join(" ")} ended with ${code}:\n${output}`)),
    );
  });

const holds = (file: string, text: string): boolean =>
  existsSync(file) && readFileSync(file, "utf8") === text;

/** A folder that holds something else than a package is not emptied for one. */
const emptyForPackage = (dir: string): void => {
  const isForeign =
    existsSync(dir) && readdirSync(dir).length > 0 && !existsSync(join(dir, "serverless-state.json"));
  if (isForeign) throw new Error(`${dir} holds other things than a package; name another folder`);
  rmSync(dir, { recursive: true, force: true });
};

/** Bundles the handlers unless `dist` was made from this very tree. */
const ensureBundles = async (root: string, hash: string, progress: Progress): Promise<void> => {
  const hashFile = join(root, "dist", HASH_FILE);
  if (holds(hashFile, hash)) return;
  progress("bundling the handlers");
  const bundles = await bundleHandlers(root);
  for (const line of sizeLines(bundles)) progress(`  ${line}`);
  const faults = tooHeavy(bundles);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  writeFileSync(hashFile, hash);
};

/** Packages kept per stage: a demo that runs while the tree changes must not lose the one it stands on. */
const KEPT = 4;

/** Where the package of this very content belongs; the oldest others are removed. */
const homeOf = (root: string, stage: string, hash: string): string => {
  const home = join(root, ".bellwether", `package-${stage}`);
  mkdirSync(home, { recursive: true });
  const byAge = readdirSync(home)
    .map((name) => ({ path: join(home, name), at: statSync(join(home, name)).mtimeMs }))
    .sort((left, right) => right.at - left.at);
  for (const { path } of byAge.slice(KEPT)) rmSync(path, { recursive: true, force: true });
  return join(home, hash.slice(0, 16));
};

/**
 * Packages a stage into `dir` (a folder of its own per content, unless named) if it is not there already: the template as
 * `cloudformation-template-update-stack.json` and one `<handler>.zip` each. Safe to call from several processes at once;
 * `progress` hears what is being done.
 */
export const ensurePackage = (
  stage: string,
  wanted?: string,
  options: { root?: string; progress?: Progress } = {},
): Promise<{ dir: string }> => {
  const { root = ROOT, progress = () => {} } = options;
  mkdirSync(join(root, ".bellwether"), { recursive: true });
  return withLock(join(root, ".bellwether", "package.lock"), async () => {
    const hash = contentHash(root);
    const dir = wanted ?? homeOf(root, stage, hash);
    const hashFile = join(dir, HASH_FILE);
    if (holds(hashFile, hash)) return { dir };
    emptyForPackage(dir);
    await ensureBundles(root, hash, progress);
    progress(`packaging stage ${stage}`);
    await serverless(["package", "--stage", stage, "--package", dir], root);
    writeFileSync(hashFile, hash);
    return { dir };
  });
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      stage: { type: "string", default: "dev" },
      package: { type: "string", default: ".serverless" },
    },
  });
  const { dir } = await ensurePackage(values.stage, resolve(values.package), {
    progress: (line) => console.error(line),
  });
  console.log(dir);
}
