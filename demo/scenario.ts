/** What a scenario is: which versions, which callers, which faults; and what it must come to. Never how it comes to it. */

import type { AuditLine } from "../lib/deployment/fact.ts";
import type { DeploymentRecord, RecordVerdict, Status } from "../lib/deployment/record.ts";
import type { Policy } from "../lib/policy/policy.ts";
import type { Account } from "../local/account.ts";
import type { Input } from "./callers.ts";
import type { Service } from "./service.ts";

/** A version of the example service in `examples/checkout`; `build` tells two builds of the same code apart. */
export type Code = { version: "v1" | "v1-broken" | "v2-throws" | "v2-slow" | "v2-wrong"; build?: number };

/** The account with the service in it, as scenarios act on it. */
export type Site = {
  account: Account;
  service: Service;
  /** From now on the callers send these inputs, at the scenario's rate. */
  call(inputs: readonly Input[]): void;
};

/** What can be seen after each step of the clock. */
export type Moment = { sinceDeployedMs: number; record: DeploymentRecord | undefined };

/** Something that befalls the account once, as soon as it is due. */
export type Act = { name: string; isDue(moment: Moment): boolean; run(site: Site): void | Promise<void> };

export type Told = {
  at: number;
  outlet: "sns" | "slack";
  severity: "critical" | "warning" | "info";
  /** Topic name, or Slack channel. */
  channel: string;
  title: string;
  text: string;
  /** Slack only: a reply in the thread of the deployment's one message. */
  isReply: boolean;
  /** Slack only: how often it was edited; `title` and `text` are those that stand in the end. */
  edits: number;
};

/** Everything that can be read back when it is over. */
export type Ended = {
  deploymentId: string;
  record: DeploymentRecord;
  lines: readonly AuditLine[];
  told: readonly Told[];
  /** Acts of the scenario, when they were due. */
  befell: readonly { at: number; name: string }[];
  /** The version to which the alias sends all calls; both with their shares when it is split. */
  aliasVersion: string;
  deployedAt: number;
  endedAt: number;
  /** Somebody still has to look at it. */
  isOpen: boolean;
  /** Calls that CloudWatch says the new version served through the alias. */
  callsServed: number;
  /** Records of other deployments of the service: rollbacks. */
  others: readonly DeploymentRecord[];
  site: Site;
};

export type Must = {
  status: Status;
  verdict?: RecordVerdict["verdict"];
  /** Which version the alias must serve in the end. */
  serves: "old" | "new";
  /** What else is wrong with how it ended, one line each. */
  faults?(ended: Ended): readonly string[];
};

/** What is deployed over what, and how CodeDeploy shifts it: 10 % for five minutes unless said. */
export type Change = { from: Code; to: Code; deploymentConfig?: string };

export type Scenario = Change & {
  name: string;
  /** What happens, in one sentence. */
  story: string;
  /** What it must come to, in one sentence. */
  promise: string;
  callsPerSecond?: number;
  inputs?: readonly Input[];
  /** How long the old version serves before the deployment. */
  warmMinutes?: number;
  policy?: Partial<Policy>;
  description?: string;
  /** When the service stands, before the old version is warm. */
  setUp?(site: Site): void | Promise<void>;
  /** Before the deployment is created, the old version warm. */
  before?(site: Site): void | Promise<void>;
  acts?: readonly Act[];
  must: Must;
};
