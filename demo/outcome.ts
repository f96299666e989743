/** What `demo --json` prints of a scenario. Scripts rely on these names. */
import { MINUTE_MS } from "../lib/kit/time.ts";
import type { Judged } from "./check.ts";
import type { Ended, Scenario } from "./scenario.ts";

export type Outcome = {
  name: string;
  deploymentId: string;
  service: string;
  outcome: string;
  verdict: string | null;
  cause: string | null;
  /** From the first call of the new version to the verdict that counted; null when none was given. */
  minutesToVerdict: number | null;
  exposure: { calls: number; bad: number };
  aliasVersion: string;
  expectedVersion: string;
  notifications: readonly { severity: string; channel: string; title: string }[];
  auditLines: number;
  wallMs: number;
  ok: boolean;
};

const minutesToVerdict = ({ record }: Ended): number | null => {
  const counted = record.verdicts.find((each) => each.verdict === "fail") ?? record.verdicts.at(-1);
  if (counted === undefined || record.times.firstTraffic === undefined) return null;
  return Math.round((10 * (Date.parse(counted.at) - Date.parse(record.times.firstTraffic))) / MINUTE_MS) / 10;
};

export const outcomeOf = (scenario: Scenario, ended: Ended, judged: Judged, wallMs: number): Outcome => ({
  name: scenario.name,
  deploymentId: ended.deploymentId,
  service: ended.record.service,
  outcome: ended.record.status,
  verdict: ended.record.outcome?.verdict ?? null,
  cause: ended.record.outcome?.cause ?? null,
  minutesToVerdict: minutesToVerdict(ended),
  exposure: ended.record.exposure,
  aliasVersion: ended.aliasVersion,
  expectedVersion: judged.expectedVersion,
  notifications: ended.told.map(({ severity, channel, title }) => ({ severity, channel, title })),
  auditLines: ended.lines.length,
  wallMs,
  ok: judged.isOk,
});
