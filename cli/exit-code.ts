/** What the process says when it ends. Scripts rely on these numbers: never renumber one. */
import { CommanderError } from "commander";
import { InputError, messageOf, UnavailableError } from "../lib/kit/errors.ts";

export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  failed: 3,
  noEvidence: 4,
  stillRunning: 5,
  notApproved: 6,
  frozen: 7,
  noWayBack: 8,
  /** 128 + the signal's number, as shells count. */
  interrupted: 130,
  terminated: 143,
} as const;

/** Ends a command with a code and one line on stderr. */
export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** How the AWS SDK and Node say that a machine did not answer, or that nobody may ask it. */
const UNREACHABLE =
  /^(TimeoutError|NetworkingError|CredentialsProviderError|ExpiredToken|UnrecognizedClient|AccessDenied|Throttling)|^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EAI_AGAIN)$/;

/** The local account shares no code with the rest, so its errors are known by name: this one is what was asked for. */
const isNamed = (thrown: unknown, name: string): boolean => thrown instanceof Error && thrown.name === name;

const isUnreachable = (thrown: unknown): boolean => {
  if (!(thrown instanceof Error)) return false;
  const code = "code" in thrown ? String(thrown.code) : "";
  return UNREACHABLE.test(thrown.name) || UNREACHABLE.test(code);
};

/** The exit code of anything that a command may throw. Commander's help and version end well. */
export const exitCodeOf = (thrown: unknown): number => {
  if (thrown instanceof ExitError) return thrown.code;
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (thrown instanceof InputError || isNamed(thrown, "StartError")) return EXIT.usage;
  if (thrown instanceof UnavailableError || isUnreachable(thrown)) return EXIT.noEvidence;
  return EXIT.internal;
};

/** One line for people; nothing for what commander has already printed. */
export const lineOf = (thrown: unknown): string | undefined => {
  if (thrown instanceof CommanderError) return undefined;
  const message = messageOf(thrown).replaceAll(/\s*\n\s*/g, " ");
  if (thrown instanceof Error && "code" in thrown && thrown.code === "ECONNREFUSED")
    return `nothing answers: ${message || "connection refused"}; is the local account up? start it with: bellwether local up`;
  return message === "" ? (thrown instanceof Error ? thrown.name : "failed without a reason") : message;
};
