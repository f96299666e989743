import type { DeploymentConfig } from "../traffic/config.ts";

/** Calls of one alias in an hour, of whatever version, and how many failed. */
export type Hour = { at: number; calls: number; bad: number };

/** How an alias is used and shifted, for planning. */
export type Usage = {
  /** Hours without calls are left out; `missing` when there is no such alias. */
  hours(query: {
    name: string;
    alias: string;
    fromAt: number;
    untilAt: number;
  }): Promise<{ hours: readonly Hour[] } | { unreadable: string } | "missing">;
  /** How a deployment group shifts traffic now; undefined when there is no such group, or it is not for Lambda. */
  config(application: string, group: string): Promise<DeploymentConfig | undefined>;
};
