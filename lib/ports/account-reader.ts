import type { AlarmSeen, GroupName, GroupSeen, SlackSeen } from "../checkup/seen.ts";

/** A look at an account that changes nothing. Every method throws UnavailableError when it may not or cannot look. */
export type AccountReader = {
  /** All deployment groups of all applications. */
  groups(): Promise<readonly GroupName[]>;
  group(name: GroupName): Promise<GroupSeen>;
  alarms(names: readonly string[]): Promise<readonly AlarmSeen[]>;
  alarmsNamedLike(prefix: string): Promise<readonly AlarmSeen[]>;
  rule(name: string): Promise<"on" | "off" | "gone">;
  subscriptions(topicArn: string): Promise<{ confirmed: number; pending: number } | "gone">;
  hasTable(name: string): Promise<boolean>;
  /** The sum of a metric from `from` to `to`; 0 without data. */
  metricSum(metric: MetricName, from: number, to: number): Promise<number>;
  /** Whether a role's policies allow an action, in the opinion of IAM's own simulator. */
  allows(roleArn: string, action: string, resourceArn: string): Promise<boolean>;
  parameter(name: string): Promise<string | undefined>;
};

export type MetricName = { namespace: string; name: string; dimension: { name: string; value: string } };

/** Asks Slack who the token is; posts nothing. */
export type SlackProbe = (token: string) => Promise<SlackSeen>;
