/** A command's whole outside: streams, environment, the person at the terminal. Passed in, so that tests need no process. */
import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";

export type Io = {
  stdin: Readable;
  /** The result, and nothing else. */
  stdout: Writable;
  /** Progress, questions, complaints. */
  stderr: Writable;
  env: Readonly<Record<string, string | undefined>>;
  /** A person sits at the other end and can be asked. */
  isTty: boolean;
  colour: boolean;
  /** Columns of the terminal; 100 when there is none. */
  columns: number;
  /** Fires on SIGINT and SIGTERM, with the signal's name as its reason. */
  stop: AbortSignal;
  /** Puts a question on stderr and resolves with the line typed. */
  ask(question: string): Promise<string>;
};

/** Writes a line to the result, and waits while the reader is slow. */
export const print = (io: Io, line: string): Promise<void> => write(io.stdout, `${line}\n`);

/** Writes a line beside the result. */
export const tell = (io: Io, line: string): Promise<void> => write(io.stderr, `${line}\n`);

/** One JSON document, readable by people, as the whole result. */
export const printJson = (io: Io, document: unknown): Promise<void> =>
  print(io, JSON.stringify(document, undefined, 2));

/** Resolves when the stream takes more; a stream that has ended takes nothing and is not waited for. */
export const write = (stream: Writable, text: string): Promise<void> => {
  if (stream.destroyed || stream.writableEnded) return Promise.resolve();
  if (stream.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ["drain", "close", "error"]) stream.off(event, done);
      resolve();
    };
    for (const event of ["drain", "close", "error"]) stream.once(event, done);
  });
};

export type Style = Parameters<typeof styleText>[0];

/** Colour where colour is wanted; never the only carrier of a meaning. */
export const paint = (io: Pick<Io, "colour">, style: Style, text: string): string =>
  io.colour ? styleText(style, text, { validateStream: false }) : text;
