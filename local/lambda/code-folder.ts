/** Where a function's code lies while workers run it: one folder for each distinct zip, gone when the account closes. */
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { unzipSync } from "fflate";
import { AwsError } from "../account.ts";

/** Lambda's limit on a package, unzipped. */
export const MAX_UNZIPPED_BYTES = 262_144_000;

export type Code = { zip: Uint8Array; sha256: string; bytes: number };

export type CodeFolders = {
  /** The folder that holds this code, extracted when it is first asked for. */
  folderOf(code: Code): string;
  close(): void;
};

let madeFolders = 0;

/** `sha256` is base64, as Lambda's CodeSha256. */
export const codeOf = (zip: Uint8Array): Code => ({
  zip,
  sha256: createHash("sha256").update(zip).digest("base64"),
  bytes: zip.byteLength,
});

const unzip = (zip: Uint8Array): Record<string, Uint8Array> => {
  let total = 0;
  const filter = ({ originalSize }: { originalSize: number }): boolean => {
    total += originalSize;
    if (total > MAX_UNZIPPED_BYTES)
      throw new AwsError(
        "InvalidParameterValueException",
        `Unzipped size must be smaller than ${MAX_UNZIPPED_BYTES} bytes`,
      );
    return true;
  };
  try {
    return unzipSync(zip, { filter });
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError(
      "InvalidParameterValueException",
      "Could not unzip uploaded file. Please check your file, then try to upload again.",
    );
  }
};

/** Throws InvalidParameterValueException for what is no zip, or names places outside itself. */
export const filesOf = (zip: Uint8Array): Record<string, Uint8Array> => {
  const files = unzip(zip);
  for (const name of Object.keys(files))
    if (normalize(name).startsWith("..") || name.startsWith("/"))
      throw new AwsError("InvalidParameterValueException", `The zip names a place outside itself: ${name}`);
  return files;
};

export const createCodeFolders = (): CodeFolders => {
  madeFolders += 1;
  const root = join(tmpdir(), `bellwether-local-${process.pid}-${madeFolders}`);
  const known = new Map<string, string>();

  const extract = (code: Code): string => {
    const folder = join(root, Buffer.from(code.sha256, "base64").toString("hex"));
    for (const [name, content] of Object.entries(filesOf(code.zip))) {
      const file = join(folder, name);
      mkdirSync(name.endsWith("/") ? file : dirname(file), { recursive: true });
      if (!name.endsWith("/")) writeFileSync(file, content);
    }
    mkdirSync(folder, { recursive: true });
    known.set(code.sha256, folder);
    return folder;
  };

  const close = (): void => {
    rmSync(root, { recursive: true, force: true });
    known.clear();
  };
  process.once("exit", close);

  return {
    folderOf: (code) => known.get(code.sha256) ?? extract(code),
    close: () => {
      process.removeListener("exit", close);
      close();
    },
  };
};
