/** Execution environments: started when a call finds none idle, kept for the next call, never shared by two at once. */
import type { Account } from "../account.ts";
import { randomText } from "../random-id.ts";
import type { CodeFolders } from "./code-folder.ts";
import { type Instance, startInstance } from "./instance.ts";
import { type Fn, LATEST, type Version } from "./state.ts";
import type { ErrorDocument, Line } from "./worker/messages.ts";

/** What a cold start takes, in account time, on top of the call; drawn anew for each. */
const INIT_LEAST_MS = 150;
const INIT_SPREAD_MS = 250;
const HEX = "0123456789abcdef";
const STREAM_ID_LENGTH = 32;
const TAIL_BYTES = 4_096;
/** The most threads kept for calls that may come; whoever waited longest goes first. */
const IDLE_MAX = 32;

export type Environment = {
  instance: Instance;
  /** The end of what was written since `resetTail`. */
  tail: { text: string };
  write(at: number, message: string): void;
  /** Set while the module is loaded, or after it could not be. */
  initError?: ErrorDocument;
};

/** `initMs` is given for a cold start. */
export type Acquired = { environment: Environment; initMs?: number };

export type Environments = {
  acquire(fn: Fn, version: Version): Promise<Acquired>;
  /** Keeps it for the next call if it still lives. */
  release(environment: Environment): void;
  discard(environment: Environment): void;
  close(): void;
};

export const createEnvironments = (account: Account, folders: CodeFolders): Environments => {
  const idle = new Map<string, Environment[]>();
  /** Longest idle first. */
  const idleInOrder = new Set<Environment>();
  const all = new Set<Environment>();
  let started = 0;

  const keyOf = (name: string, version: string, revision: string): string => `${name}:${version}:${revision}`;
  const keys = new WeakMap<Environment, string>();

  /** As on AWS, a function whose role may not write logs runs without. */
  const mayLog = (role: string, logGroup: string, logStream: string): boolean => {
    const resource = `arn:aws:logs:${account.region}:${account.id}:log-group:${logGroup}:log-stream:${logStream}`;
    return ["logs:CreateLogStream", "logs:PutLogEvents"].every((action) =>
      account.iam.allows(role, { action, resource }),
    );
  };

  const variablesOf = (fn: Fn, { version, config }: Version, logStream: string, codeDir: string) => {
    const credentials = account.iam.credentialsFor(config.role, fn.name);
    return {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      LANG: "en_US.UTF-8",
      // As on AWS, where nothing lies there: a function must not read this machine's AWS settings.
      HOME: "/home/sbx_user1051",
      TZ: ":UTC",
      SLACK_API_URL: `${account.endpoint}/slack/api`,
      ...config.environment,
      AWS_REGION: account.region,
      AWS_DEFAULT_REGION: account.region,
      AWS_ENDPOINT_URL: account.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: fn.name,
      AWS_LAMBDA_FUNCTION_VERSION: version,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memorySizeMb),
      AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      AWS_LAMBDA_LOG_FORMAT: config.logFormat,
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      LAMBDA_TASK_ROOT: codeDir,
      _HANDLER: config.handler,
    };
  };

  const start = (fn: Fn, version: Version): Environment => {
    started += 1;
    const { config, code } = version;
    const random = account.world.random(`environments/${fn.name}`);
    const day = new Date(account.world.now()).toISOString().slice(0, 10).replaceAll("-", "/");
    const logStream = `${day}/[${version.version}]${randomText(random, HEX, STREAM_ID_LENGTH)}`;
    const codeDir = folders.folderOf(code);
    const doesLog = mayLog(config.role, config.logGroup, logStream);
    const tail = { text: "" };
    const write = (at: number, message: string): void => {
      tail.text = `${tail.text}${message}\n`.slice(-TAIL_BYTES);
      if (doesLog) account.logs.write(config.logGroup, logStream, at, message);
    };
    const instance = startInstance(
      {
        workerId: `${fn.name}:${version.version}:${started}`,
        functionName: fn.name,
        version: version.version,
        handler: config.handler,
        codeDir,
        runtime: config.runtime,
        memorySizeMb: config.memorySizeMb,
        logFormat: config.logFormat,
        logGroup: config.logGroup,
        logStream,
        endpointHost: new URL(account.endpoint).host,
        seed: logStream,
        at: account.world.now(),
      },
      variablesOf(fn, version, logStream, codeDir),
      (lines: readonly Line[]) => {
        for (const { at, message } of lines) write(at, message);
      },
    );
    const environment: Environment = { instance, tail, write };
    keys.set(environment, keyOf(fn.name, version.version, version.revisionId));
    all.add(environment);
    return environment;
  };

  const discard = (environment: Environment): void => {
    all.delete(environment);
    environment.instance.kill();
  };

  /** Takes an idle one out of service. */
  const retire = (environment: Environment): void => {
    const key = keys.get(environment) ?? "";
    idle.set(
      key,
      (idle.get(key) ?? []).filter((one) => one !== environment),
    );
    idleInOrder.delete(environment);
    discard(environment);
  };

  return {
    acquire: async (fn, version) => {
      const waiting = idle.get(keyOf(fn.name, version.version, version.revisionId)) ?? [];
      const warm = waiting.pop();
      if (warm !== undefined) {
        idleInOrder.delete(warm);
        warm.tail.text = "";
        return { environment: warm };
      }
      // The old `$LATEST` never serves again.
      if (version.version === LATEST)
        for (const [key, environments] of idle)
          if (key.startsWith(`${fn.name}:${LATEST}:`)) for (const old of [...environments]) retire(old);
      const initMs = INIT_LEAST_MS + account.world.random(`init/${fn.name}`).below(INIT_SPREAD_MS);
      const environment = start(fn, version);
      const initError = await environment.instance.ready;
      if (initError !== undefined) environment.initError = initError;
      return { environment, initMs };
    },
    release: (environment) => {
      if (!environment.instance.isAlive() || environment.initError !== undefined) {
        discard(environment);
        return;
      }
      const key = keys.get(environment) ?? "";
      idle.set(key, [...(idle.get(key) ?? []), environment]);
      idleInOrder.delete(environment);
      idleInOrder.add(environment);
      const [oldest] = idleInOrder;
      if (idleInOrder.size > IDLE_MAX && oldest !== undefined) retire(oldest);
    },
    discard,
    close: () => {
      for (const environment of all) environment.instance.kill();
      all.clear();
      idle.clear();
      idleInOrder.clear();
    },
  };
};
