/** AWS's own DynamoDB Local: one Java process for all accounts of this process, each with tables of its own by its access key. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AwsError, type Json } from "../account.ts";
import { ensureJava, type Java } from "../java.ts";

const START_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** Nobody needs it any more: it stays this long, for the next account. */
const LINGER_MS = 5_000;
const HEAP_MB = 384;
/** The first Java without a security manager, with which connections from elsewhere are refused. */
const FIRST_WITHOUT_MANAGER = 24;
const POLICY = fileURLToPath(new URL("./loopback.policy", import.meta.url));

export const TABLES = "DynamoDB_20120810";
export const STREAMS = "DynamoDBStreams_20120810";

type Running = { port: number; child: ChildProcess; agent: Agent };

/** Sends one operation with an access key; throws AwsError with all fields of an error answer. */
export type Send = (target: typeof TABLES | typeof STREAMS, operation: string, input: Json) => Promise<Json>;

export type Engine = { send: Send; start(): Promise<void>; close(): Promise<void> };

let running: Promise<Running> | undefined;
let users = 0;
let accounts = 0;
let lingering: NodeJS.Timeout | undefined;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

const folder = (): string =>
  join(
    dirname(createRequire(import.meta.url).resolve("amplify-dynamodb-simulator/package.json")),
    "emulator",
  );

const argumentsFor = (java: Java, port: number): string[] => [
  ...(java.version < FIRST_WITHOUT_MANAGER
    ? ["-Djava.security.manager", `-Djava.security.policy==${POLICY}`]
    : []),
  `-Xmx${HEAP_MB}m`,
  // Up in a third of the time: it lives too briefly for the optimizing compiler to pay.
  "-XX:TieredStopAtLevel=1",
  "-XX:+UseSerialGC",
  `-Djava.library.path=${join(folder(), "DynamoDBLocal_lib")}`,
  "-jar",
  join(folder(), "DynamoDBLocal.jar"),
  "-inMemory",
  "-port",
  String(port),
];

/** Ends with this process, also when that is killed: the shell waits for its input to close. Windows has no such shell. */
const launch = (java: Java, port: number): ChildProcess => {
  const options: SpawnOptions = {
    cwd: folder(),
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: process.env.PATH ?? "" },
  };
  const args = argumentsFor(java, port);
  if (process.platform === "win32") return spawn(java.path, args, options);
  return spawn("/bin/sh", ["-c", '"$@" & child=$!; cat; kill $child', "sh", java.path, ...args], options);
};

const post = (
  { port, agent }: Pick<Running, "port" | "agent">,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, agent, method: "POST", path: "/", headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() }),
      );
      answer.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });

const untilUp = async (candidate: Running): Promise<Running> => {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (candidate.child.exitCode !== null) throw new Error("DynamoDB Local ended as it started");
    try {
      await post(candidate, {}, "");
      return candidate;
    } catch {
      if (Date.now() > giveUpAt) throw new Error("DynamoDB Local does not answer");
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
};

const stopChild = ({ child, agent }: Running): void => {
  agent.destroy();
  if (process.platform === "win32") child.kill();
  else child.stdin?.end();
};

const startProcess = async (): Promise<Running> => {
  const java = await ensureJava();
  const port = await freePort();
  const child = launch(java, port);
  child.on("error", () => undefined);
  child.unref();
  child.stdin?.on("error", () => undefined);
  const candidate = { port, child, agent: new Agent({ keepAlive: true }) };
  process.once("exit", () => stopChild(candidate));
  return untilUp(candidate);
};

const use = (): Promise<Running> => {
  clearTimeout(lingering);
  running ??= startProcess().catch((error: unknown) => {
    running = undefined;
    throw error;
  });
  return running;
};

const leave = (): void => {
  users -= 1;
  if (users > 0 || running === undefined) return;
  lingering = setTimeout(() => {
    running?.then(stopChild, () => undefined);
    running = undefined;
  }, LINGER_MS);
  lingering.unref();
};

const errorOf = (status: number, body: string): AwsError => {
  const { __type = "InternalServerError", message, Message, ...fields }: Json = JSON.parse(body);
  return new AwsError(String(__type).split("#").at(-1) ?? "", message ?? Message ?? "", status, fields);
};

/** The process is started by the first `send` or `start` of any account. */
export const createEngine = (region: string): Engine => {
  accounts += 1;
  // DynamoDB Local takes letters and digits only.
  const key = `LOCAL${accounts}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20260105/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`;
  let isUser = false;

  const start = (): Promise<Running> => {
    if (!isUser) users += 1;
    isUser = true;
    return use();
  };
  const send: Send = async (target, operation, input) => {
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `${target}.${operation}`,
      authorization,
    };
    const answer = await post(await start(), headers, JSON.stringify(input));
    if (answer.status !== 200) throw errorOf(answer.status, answer.body);
    return JSON.parse(answer.body);
  };
  const dropTables = async (): Promise<void> => {
    const { TableNames: names } = await send(TABLES, "ListTables", {});
    for (const TableName of names) {
      await send(TABLES, "UpdateTable", { TableName, DeletionProtectionEnabled: false });
      await send(TABLES, "DeleteTable", { TableName });
    }
  };

  return {
    send,
    start: async () => {
      await start();
    },
    close: async () => {
      if (!isUser) return;
      await dropTables();
      isUser = false;
      leave();
    },
  };
};
