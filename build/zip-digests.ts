/**
 * One release for every stage: packages differ in their templates, and in not one byte of code. Prints the digest of each zip as
 * `sha256sum` does; ends with 1 when a stage's zips are not those of the first.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `<sha256>  <file>` per zip of a package, by name. */
export const zipDigests = (dir: string): string[] =>
  readdirSync(dir)
    .filter((file) => file.endsWith(".zip"))
    .sort()
    .map(
      (file) =>
        `${createHash("sha256")
          .update(readFileSync(join(dir, file)))
          .digest("hex")}  ${file}`,
    );

/** What is not alike in the packages, a line each. */
export const differences = (dirs: readonly string[]): string[] => {
  const [first = "", ...others] = dirs;
  const wanted = zipDigests(first);
  const empty = wanted.length === 0 ? [`${first} holds no zip`] : [];
  return [
    ...empty,
    ...others.flatMap((dir) => {
      const found = zipDigests(dir);
      const odd = [
        ...found.filter((line) => !wanted.includes(line)),
        ...wanted.filter((line) => !found.includes(line)),
      ];
      const names = [...new Set(odd.map((line) => line.split("  ")[1]))];
      return names.map((name) => `${name} is not the same in ${first} and ${dir}`);
    }),
  ];
};

if (import.meta.main) {
  const dirs = process.argv.slice(2);
  const faults =
    dirs.length === 0 ? ["name the packages: node build/zip-digests.ts <folder> …"] : differences(dirs);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else for (const line of zipDigests(dirs[0] ?? "")) console.log(line);
}
