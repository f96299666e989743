/** A served account without DynamoDB and without real functions: the real server, protocols, IAM, STS, SSM, Logs, SNS, SQS and CloudWatch. */
import type { Account, Service } from "../../local/account.ts";
import { createCloudWatch } from "../../local/cloudwatch/service.ts";
import { createFaults } from "../../local/faults.ts";
import { createIam } from "../../local/iam/service.ts";
import { createKms } from "../../local/kms/service.ts";
import { createLogs } from "../../local/logs.ts";
import { createS3 } from "../../local/s3/service.ts";
import { type AccountServer, serve } from "../../local/server.ts";
import { createSlack } from "../../local/slack.ts";
import { createSns } from "../../local/sns.ts";
import { createSqs } from "../../local/sqs.ts";
import { createSsm } from "../../local/ssm.ts";
import { createSts } from "../../local/sts.ts";
import { createWorld } from "../../local/world.ts";

export const SERVED_AT = Date.UTC(2026, 0, 5, 12, 0, 0);

export type ServedAccount = {
  account: Account;
  services: readonly Service[];
  endpoint: string;
  /** What an SDK client needs to call the account as its owner. */
  settings: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };
  /** Invocations that were ended, in order. */
  killed: readonly string[];
  /** Says which invocation a function has under way. */
  running: Map<string, string>;
  close(): Promise<void>;
};

export const serveAccount = async (further: readonly Service[] = []): Promise<ServedAccount> => {
  const world = createWorld({ seed: 1, startAt: SERVED_AT });
  const running = new Map<string, string>();
  const killed: string[] = [];
  const account = {
    id: "000000000000",
    region: "eu-west-1",
    endpoint: "",
    world,
    faults: createFaults(world),
  } as Account;
  const offered = {
    iam: createIam(account),
    kms: createKms(account),
    s3: createS3(account),
    logs: createLogs(account),
    ssm: createSsm(account),
    cloudwatch: createCloudWatch(account),
    sns: createSns(account),
    sqs: createSqs(account),
  };
  const lambda = {
    running: (name: string) => running.get(name),
    kill: (invocationId: string) => killed.push(invocationId),
  };
  Object.assign(account, offered, { lambda, slack: createSlack(account) });
  const services = [
    ...[...Object.values(offered), createSts(account)].map(({ service }) => service),
    ...further,
  ];
  const server: AccountServer = await serve(account, services, 0);
  account.endpoint = server.endpoint;
  account.slack.listen();
  return {
    account,
    services,
    endpoint: server.endpoint,
    settings: {
      endpoint: server.endpoint,
      region: account.region,
      credentials: { accessKeyId: "LOCALOWNER", secretAccessKey: "local-owner" },
      maxAttempts: 1,
    },
    killed,
    running,
    close: server.close,
  };
};
