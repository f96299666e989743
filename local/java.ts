/** Finds a Java runtime for DynamoDB Local; on Debian, as root, puts one there. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { StartError } from "./start-error.ts";

const run = promisify(execFile);

export const LEAST_JAVA = 17;
const PACKAGE = "default-jre-headless";
const INSTALL_TIMEOUT_MS = 600_000;

/** `path` is the program, `version` its major number. */
export type Java = { path: string; version: number };

/** `openjdk version "17.0.15"`, `java version "1.8.0"`: the major number is the first, 1.8 is too old in any case. */
const versionOf = (text: string): number => Number(/version "(\d+)/.exec(text)?.[1] ?? 0);

const candidates = (): string[] => [
  ...(process.env.JAVA_HOME === undefined ? [] : [`${process.env.JAVA_HOME}/bin/java`]),
  "java",
  "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
  "/usr/lib/jvm/java-17-openjdk-arm64/bin/java",
];

const find = async (): Promise<Java | undefined> => {
  for (const path of candidates()) {
    try {
      const { stderr } = await run(path, ["-version"]);
      if (versionOf(stderr) >= LEAST_JAVA) return { path, version: versionOf(stderr) };
    } catch {
      // Not there, or no Java: the next one may be.
    }
  }
  return undefined;
};

const isDebianRoot = (): boolean => existsSync("/etc/debian_version") && process.getuid?.() === 0;

const install = async (): Promise<void> => {
  process.stderr.write(`Installing ${PACKAGE}: DynamoDB Local needs Java.\n`);
  const options = {
    env: { PATH: process.env.PATH ?? "", DEBIAN_FRONTEND: "noninteractive" },
    timeout: INSTALL_TIMEOUT_MS,
  };
  try {
    await run("apt-get", ["update"], options);
  } catch {
    // The lists at hand may do.
  }
  await run("apt-get", ["install", "-y", "--no-install-recommends", PACKAGE], options);
};

let found: Promise<Java> | undefined;

const ensure = async (): Promise<Java> => {
  const there = await find();
  if (there !== undefined) return there;
  if (isDebianRoot()) await install().catch(() => undefined);
  const installed = await find();
  if (installed === undefined)
    throw new StartError(
      `DynamoDB Local needs Java ${LEAST_JAVA} or later; install it (Debian: apt-get install ${PACKAGE}) or set JAVA_HOME.`,
    );
  return installed;
};

/** Looks once a process. Rejects with one line that says what to install. */
export const ensureJava = (): Promise<Java> => {
  found ??= ensure();
  return found;
};
