/** Runs one command line in this process, with streams, environment and ports of the test's own. */
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Io } from "../../../cli/io.ts";
import type { CliPorts, Parts } from "../../../cli/parts.ts";
import { runCli } from "../../../cli/program.ts";

export type Given = {
  ports?: CliPorts;
  stdin?: string | Buffer | Readable;
  env?: Record<string, string>;
  isTty?: boolean;
  /** What the person types when asked. */
  answer?: string;
  colour?: boolean;
  stop?: AbortSignal;
  parts?: Partial<Parts>;
  /** Read by the test itself; otherwise what is written is collected. */
  stdout?: PassThrough;
};

export type Ran = {
  code: number;
  stdout: string;
  stderr: string;
  asked: readonly string[];
  stages: readonly string[];
};

export const run = async (args: readonly string[], given: Given = {}): Promise<Ran> => {
  const [stdout, stderr] = [given.stdout ?? new PassThrough(), new PassThrough()];
  const [out, err] = [given.stdout === undefined ? text(stdout) : "", text(stderr)];
  const asked: string[] = [];
  const stages: string[] = [];
  const io: Io = {
    stdin: given.stdin instanceof Readable ? given.stdin : Readable.from([Buffer.from(given.stdin ?? "")]),
    stdout,
    stderr,
    env: given.env ?? { BELLWETHER_STAGE: "local" },
    isTty: given.isTty ?? false,
    colour: given.colour ?? false,
    columns: 100,
    stop: given.stop ?? new AbortController().signal,
    ask: async (question) => {
      asked.push(question);
      return given.answer ?? "";
    },
  };
  const parts: Parts = {
    connect: async (stage) => {
      stages.push(stage);
      if (given.ports === undefined) throw new Error("this test gave no ports");
      return given.ports;
    },
    checkup: () => Promise.reject(new Error("this test gave no checkup")),
    connectAudit: async () => {
      throw new Error("this test gave no archive");
    },
    connectBootstrap: async () => {
      throw new Error("this test gave no account to bootstrap");
    },
    ...given.parts,
  };
  const code = await runCli(args, io, parts);
  stdout.end();
  stderr.end();
  return { code, stdout: await out, stderr: await err, asked, stages };
};
