/** A message owed to someone, told once. Waits in the outbox until it is delivered. */
import type { Severity } from "../policy/policy.ts";

export type NoticeKind =
  | "started"
  | "shifting"
  | "baking"
  | "succeeded"
  | "inconclusive"
  | "failed"
  | "stopped"
  | "rolling-back"
  | "rolled-back"
  | "rollback-failed"
  | "alarm"
  | "alarm-over"
  | "would-roll-back"
  | "acknowledged"
  | "exposure";

/** Where a notice goes: the SNS topic of its severity, or the service's Slack channel. */
export type Outlet = "sns" | "slack";

export type Notice = {
  /** Unique within its subject; the same happening always gives the same id. */
  id: string;
  kind: NoticeKind;
  severity: Severity;
  at: number;
  /** One line that stands alone on a lock screen. */
  title: string;
  /** A few plain sentences with the numbers. */
  body: string;
  /** Told to the whole channel, beside the edit of the deployment's one message. */
  isBroadcast: boolean;
  outlets: readonly Outlet[];
};

/** What a notice is about: a deployment, or an alarm that belongs to none. */
export type Subject = { kind: "deployment"; id: string } | { kind: "alarm"; id: string };

/** A notice in the outbox, one entry per outlet. */
export type OutboxEntry = {
  subject: Subject;
  outlet: Outlet;
  notice: Notice;
  /** Slack channel wanted by the policy; the stage's default when absent. */
  slackChannel?: string;
  /** When it was put, which may be long after what it tells of. */
  putAt?: number;
  sentAt?: number;
};
