/** Structured lines and counts. Secrets never go in. */
export type Log = {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A counter that alarms watch; a metric with a unit in its name is a level, of which the highest counts. */
  count(metric: Metric, value?: number): void;
};

export type Metric =
  | "InputRejected"
  | "EventLost"
  | "HookSilent"
  | "JudgeBlind"
  | "VerdictGiven"
  | "RollbackStarted"
  | "RollbackVerified"
  | "RollbackFailed"
  | "NoticeSent"
  | "NoticeUndelivered"
  /** Level, told each minute of every canary that takes calls: how long ago a verdict was given on it. */
  | "UnjudgedSeconds"
  /** Level, told each round: how long the oldest notice waits that could not be sent; 0 when none does. */
  | "OldestUnsentNoticeSeconds"
  | "AuditArchived"
  | "AuditBroken";
