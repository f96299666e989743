/** What notices and views say about a deployment in the same words: plain text, made from its record alone. */
import type { DeploymentRecord } from "../deployment/record.ts";
import { durationText } from "../kit/time.ts";

const between = (from: string | undefined, until: string | undefined): number | undefined =>
  from === undefined || until === undefined ? undefined : Date.parse(until) - Date.parse(from);

/** "checkout PROD". */
export const placeOf = (record: DeploymentRecord): string =>
  `${record.service} ${record.stage.toUpperCase()}`;

/** "v57 -> v58", the way the deployment goes. */
export const wayForward = ({ function: shift }: DeploymentRecord): string => `v${shift.from} -> v${shift.to}`;

/** "v58 -> v57", the way back. */
export const wayBack = ({ function: shift }: DeploymentRecord): string => `v${shift.to} -> v${shift.from}`;

/** From the first sign that it must go back to all traffic being back, ms. */
export const rollbackMs = ({ times }: DeploymentRecord): number | undefined =>
  between(times.detected, times.restored);

/** From the first call of the canary version to its last, as far as it is over, ms. */
export const exposedMs = ({ times }: DeploymentRecord): number | undefined =>
  between(times.firstTraffic, times.restored);

/** Whether calls can have reached the canary version. */
export const hasHadTraffic = ({ times }: DeploymentRecord): boolean => times.firstTraffic !== undefined;

/** The canary's share of calls as last seen, percent; undefined when nobody looked yet. */
export const shareNow = (record: DeploymentRecord): number | undefined =>
  hasHadTraffic(record) ? record.traffic.at(-1)?.weight : 0;

const figure = (value: number): string => value.toLocaleString("en-US").replaceAll(",", " ");

const callsText = (record: DeploymentRecord): string => {
  const { calls, bad } = record.exposure;
  const version = `v${record.function.to}`;
  if (calls === 0) return `the calls ${version} served are not counted yet`;
  const harm = bad === 0 ? "none went bad" : `${figure(bad)} went bad`;
  return `${version} served ${figure(calls)} ${calls === 1 ? "call" : "calls"}, ${harm}`;
};

/** Is anyone hurt, and is it over? One sentence that begins with "Users:". */
export const usersSentence = (record: DeploymentRecord): string => {
  if (!hasHadTraffic(record)) return `Users: no call reached v${record.function.to}.`;
  const now = shareNow(record);
  const peak = Math.max(0, ...record.traffic.map((point) => point.weight));
  const over = exposedMs(record);
  if (over !== undefined)
    return `Users: up to ${peak} % of calls for ${durationText(over)}; ${callsText(record)}. Now 0 %.`;
  const share = now === undefined ? "an unknown share" : `${now} %`;
  return `Users: ${share} of calls go to v${record.function.to} now; ${callsText(record)}.`;
};

/** The judge's last word, in one sentence; undefined when nothing was judged. */
export const lastVerdictWhy = (record: DeploymentRecord): string | undefined => record.verdicts.at(-1)?.why;

/** Ends a sentence that may come without a full stop. */
export const sentence = (text: string): string =>
  /[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;

/** The exact command that tells more, or acts, on this deployment. */
export const command = (
  verb: "explain" | "show" | "watch" | "rollback",
  record: DeploymentRecord,
): string => {
  const base = `npx bellwether ${verb} ${record.id} --stage ${record.stage}`;
  return verb === "rollback" ? `${base} --reason "..."` : base;
};
