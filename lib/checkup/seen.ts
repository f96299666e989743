/** What was seen in an account, in plain words. Times are epoch milliseconds. */
export type GroupName = { application: string; group: string };

export type GroupSeen = GroupName & {
  serviceRoleArn: string;
  deploymentConfig: string;
  isLambda: boolean;
  /** Events that start a rollback; none when rollback is off. */
  rollbackEvents: readonly string[];
  alarms: { isEnabled: boolean; ignoresPollFailure: boolean; names: readonly string[] };
  lastDeploymentId?: string;
};

export type AlarmSeen = {
  name: string;
  /** `OK`, `ALARM`, `INSUFFICIENT_DATA`, or what CloudWatch may add. */
  state: string;
  stateSince: number;
  hasActionsEnabled: boolean;
};

/** What Slack says about a token: its scopes, or the name of its error. */
export type SlackSeen = { kind: "ok"; scopes: readonly string[] } | { kind: "error"; error: string };
