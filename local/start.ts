/** Puts the services of an account together, serves them on loopback, and makes a packaged stack in it. */
import type { Account, Service } from "./account.ts";
import { type Instantiated, planStack } from "./cloudformation/stack.ts";
import { type StackUpdate, updateStack } from "./cloudformation/update.ts";
import { createCloudWatch } from "./cloudwatch/service.ts";
import { createCodeDeploy } from "./codedeploy/service.ts";
import { createDynamodb } from "./dynamodb.ts";
import { createEvents } from "./events/service.ts";
import { createFaults } from "./faults.ts";
import { createIam } from "./iam/service.ts";
import { createKms } from "./kms/service.ts";
import { createLambda } from "./lambda/service.ts";
import { createLogs } from "./logs.ts";
import { quietWatch } from "./quiet-watch.ts";
import { createS3 } from "./s3/service.ts";
import { serve } from "./server.ts";
import { createSlack } from "./slack.ts";
import { createSns } from "./sns.ts";
import { createSqs } from "./sqs.ts";
import { createSsm } from "./ssm.ts";
import { StartError } from "./start-error.ts";
import { createSts } from "./sts.ts";
import { createTraffic } from "./traffic.ts";
import { createWorld, type World } from "./world.ts";

export const ACCOUNT_ID = "000000000000";
export const REGION = "eu-west-1";
/** A Monday noon, and no whole second: nothing depends on the real clock, or on a round one. */
export const START_AT = Date.parse("2026-01-05T12:00:00.250Z");
const STAGE = "local";

export type StartOptions = {
  /** The same seed gives the same account, event for event. */
  seed: number;
  /** 0, the default, takes any free port. */
  port?: number;
  /** A folder made by `serverless package`; without it the account is empty. */
  packageDir?: string;
  stage?: string;
  /** The account's number and region; ACCOUNT_ID and REGION unless said. */
  accountId?: string;
  region?: string;
  /** Account time at the start, epoch milliseconds. */
  startAt?: number;
  /** Values of the template's parameters. */
  parameters?: Readonly<Record<string, string>>;
};

export type LocalAccount = {
  account: Account;
  /** `http://127.0.0.1:<port>`: every service, Slack under `/slack/`, functions under `/function-url/<name>/`. */
  endpoint: string;
  /** The stack's outputs; none when no stack was made. */
  outputs: Readonly<Record<string, string>>;
  world: World;
  /** Updates the stack to another package, as time passes. Throws StartError when there is no stack, or the package will not do. */
  update(packageDir: string): Promise<Readonly<StackUpdate>>;
  /** Lets `ms` of account time pass. Calls made at the same time wait for each other. */
  advance(ms: number): Promise<void>;
  /** Lets time pass until no function has work waiting, `maxMs` at most; false when it was not over by then. */
  drain(maxMs: number): Promise<boolean>;
  close(): Promise<void>;
};

type Parts = {
  account: Account;
  services: readonly Service[];
  dynamodb: ReturnType<typeof createDynamodb>;
  lambda: ReturnType<typeof createLambda>;
};

const createParts = (world: World, options: StartOptions): Parts => {
  // Services know each other through the account, and use it only once they are all there.
  const account = {
    id: options.accountId ?? ACCOUNT_ID,
    region: options.region ?? REGION,
    endpoint: "",
    world,
    faults: createFaults(world),
  } as Account;
  const dynamodb = createDynamodb(account);
  const offered = {
    iam: createIam(account),
    kms: createKms(account),
    s3: createS3(account),
    lambda: createLambda(account),
    logs: createLogs(account),
    ssm: createSsm(account),
    cloudwatch: createCloudWatch(account),
    events: createEvents(account),
    sns: createSns(account),
    sqs: createSqs(account),
    codedeploy: createCodeDeploy(account),
  };
  Object.assign(account, offered, {
    dynamodb,
    slack: createSlack(account),
    traffic: createTraffic(account),
  });
  const services = [...Object.values(offered), createSts(account), dynamodb].map(({ service }) => service);
  return { account, services, dynamodb, lambda: offered.lambda };
};

type Closer = () => Promise<void>;

/** Last opened, first closed; one that fails does not keep the others open. */
const closeAll = async (closers: Closer[]): Promise<void> => {
  const failures: unknown[] = [];
  for (const close of closers.splice(0).reverse()) await close().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
};

const openParts = async (parts: Parts, options: StartOptions, closers: Closer[]) => {
  const { account, services, dynamodb, lambda } = parts;
  const { packageDir, stage = STAGE, parameters = {} } = options;
  const stack =
    packageDir === undefined ? undefined : planStack(account, services, { packageDir, stage, parameters });
  const server = await serve(account, services, options.port ?? 0);
  account.endpoint = server.endpoint;
  closers.push(server.close, dynamodb.close, lambda.close);
  await dynamodb.start();
  account.traffic.listen();
  account.slack.listen();
  return stack?.make();
};

/** One update at a time: the next one starts from where the last one ended. */
const updaterOf = (
  { account, services }: Parts,
  stack: Instantiated | undefined,
  { stage = STAGE, parameters = {} }: StartOptions,
): LocalAccount["update"] => {
  let last: Readonly<StackUpdate> | undefined;
  return async (packageDir) => {
    const before = last?.stack ?? stack;
    if (before === undefined) throw new StartError("the local account has no stack to update");
    if (last?.status === "UPDATE_IN_PROGRESS") throw new StartError(`${before.stackName} is being updated`);
    last = await updateStack(
      account,
      planStack(account, services, { packageDir, stage, parameters }),
      before,
    );
    return last;
  };
};

/** Throws StartError, one clear line, when the port is in use or the package will not do. */
export const startAccount = async (options: StartOptions): Promise<LocalAccount> => {
  const watch = quietWatch(createWorld({ seed: options.seed, startAt: options.startAt ?? START_AT }));
  const parts = createParts(watch.world, options);
  const closers: Closer[] = [];
  try {
    const stack = await openParts(parts, options, closers);
    return {
      account: parts.account,
      endpoint: parts.account.endpoint,
      outputs: stack?.outputs ?? {},
      world: watch.world,
      update: updaterOf(parts, stack, options),
      advance: watch.advance,
      drain: watch.drain,
      close: () => closeAll(closers),
    };
  } catch (error) {
    await closeAll(closers).catch(() => {});
    throw error;
  }
};
