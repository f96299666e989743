#!/usr/bin/env node
/** The process: its streams and signals become an Io, its exit code is what the command says. */
import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";
import type { Io } from "./io.ts";
import { runCli } from "./program.ts";

const COLUMNS_DEFAULT = 100;
const PARENT_LOOK_EVERY_MS = 250;
/** The reader went away (`| head`): the wanted end of a pipe, not an error. */
const BROKEN_PIPE = "EPIPE";

const stopper = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopper.abort(signal));

/** npx does not pass SIGTERM on: it dies with its shell and leaves this process alone. A lost parent is that signal. */
const watchParent = (): void => {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stopper.abort("SIGTERM");
  }, PARENT_LOOK_EVERY_MS).unref();
};
if (process.env.npm_command !== undefined) watchParent();

for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === BROKEN_PIPE ? 0 : 1);
  });

const ask = async (question: string): Promise<string> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question, { signal: stopper.signal });
  } finally {
    lines.close();
  }
};

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  isTty: process.stdin.isTTY === true && process.stderr.isTTY === true,
  colour: styleText("red", ".", { stream: process.stdout }) !== ".",
  columns: process.stdout.columns ?? COLUMNS_DEFAULT,
  stop: stopper.signal,
  ask,
};

const code = await runCli(process.argv.slice(2), io);
// Output into a pipe is asynchronous: end only when it has left.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
