/** Structured lines and counts. Secrets never go in. */
export type Log = {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A counter that alarms watch. */
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
  | "AuditArchived"
  | "AuditBroken";
