/** Which Lambda functions there are: one file each in `handlers/`. The stack and the bundles both follow this list. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";

export const ROOT = join(import.meta.dirname, "..");

/** Names of the handlers on disk, sorted: `track-deployment`, `judge-canary`, … */
export const handlerNames = (root = ROOT): string[] =>
  readdirSync(join(root, "handlers"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => basename(file, ".ts"))
    .sort();
