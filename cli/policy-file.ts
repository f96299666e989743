/** A policy that a person wrote into a file, or pipes in. */
import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { InputError, messageOf } from "../lib/kit/errors.ts";
import { type Policy, parsePolicy } from "../lib/policy/policy.ts";
import type { Io } from "./io.ts";

/** Said for a file: what is piped in. */
export const STDIN = "-";

const readText = async (io: Io, file: string): Promise<string> => {
  if (file === STDIN) return readAll(io.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new InputError(`cannot read ${file}: ${messageOf(error)}`);
  }
};

/** Reads and checks a policy file. Throws InputError with every fault. */
export const readPolicy = async (io: Io, file: string): Promise<{ text: string; policy: Policy }> => {
  const text = await readText(io, file);
  return { text, policy: parsePolicy(text) };
};
