/** One deployment at a glance: the block that `show` and `status` print. Plain data and plain lines; colour is the reader's. */
import type { AuditLine, FactOf } from "../deployment/fact.ts";
import { type DeploymentRecord, isEnd } from "../deployment/record.ts";
import type { StoredFinding } from "../deployment/stored-judgement.ts";
import { durationText } from "../kit/time.ts";
import { exposedMs, placeOf, rollbackMs, shareNow, usersSentence, wayForward } from "../notice/phrases.ts";

export type CardSignal = {
  name: string;
  baseline: { total: number; bad: number };
  canary: { total: number; bad: number };
  verdict: string;
};

export type Card = {
  title: string;
  status: DeploymentRecord["status"];
  /** The canary's share of calls now, percent; absent when nobody looked yet. */
  canaryPercent?: number;
  signals: readonly CardSignal[];
  /** One sentence; the latest. */
  verdict?: string;
  /** From the first sign to all traffic being back, ms. */
  rollbackMs?: number;
  lines: readonly string[];
};

const BAR_WIDTH = 20;
const LABEL_WIDTH = 10;

/** "##.................." for 10 %. A share above nothing and below everything shows as such. */
export const barOf = (percent: number): string => {
  const exact = Math.round((percent / 100) * BAR_WIDTH);
  const filled = percent > 0 && percent < 100 ? Math.min(BAR_WIDTH - 1, Math.max(1, exact)) : exact;
  return "#".repeat(filled).padEnd(BAR_WIDTH, ".");
};

const row = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}${text}`;

const lastJudged = (lines: readonly AuditLine[]): FactOf<"judged"> | undefined =>
  lines
    .map((line) => line.fact)
    .filter((fact): fact is FactOf<"judged"> => fact.kind === "judged")
    .sort((left, right) => left.at - right.at)
    .at(-1);

const signalOf = ({ name, baseline, canary, verdict }: StoredFinding): CardSignal => ({
  name,
  baseline,
  canary,
  verdict,
});

const rateText = ({ total, bad }: { total: number; bad: number }): string =>
  total === 0 ? "no calls" : `${((100 * bad) / total).toFixed(2)} % (${bad} of ${total})`;

const trafficRow = (record: DeploymentRecord, percent: number | undefined): string => {
  const { from, to } = record.function;
  if (percent === undefined) return row("traffic", `the share of v${to} is not known yet`);
  return row(
    "traffic",
    `v${from} ${barOf(100 - percent)} ${100 - percent} %   v${to} ${barOf(percent)} ${percent} %`,
  );
};

const signalRow = (record: DeploymentRecord, signal: CardSignal): string => {
  const { from, to } = record.function;
  return row(
    signal.name,
    `v${from} ${rateText(signal.baseline)}   v${to} ${rateText(signal.canary)}   ${signal.verdict}`,
  );
};

const timesRow = ({ times }: DeploymentRecord): string => {
  const steps = [
    ["requested", times.requested],
    ["first traffic", times.firstTraffic],
    ["all traffic", times.fullTraffic],
    ["detected", times.detected],
    ["restored", times.restored],
    ["finished", times.finished],
  ] as const;
  const known = steps.filter((step): step is readonly [(typeof step)[0], string] => step[1] !== undefined);
  return row("times", `${known.map(([name, at]) => `${name} ${at.slice(11, 19)}`).join(", ")} (UTC)`);
};

const rollbackRow = (record: DeploymentRecord): string[] => {
  const { rollback } = record;
  if (rollback === undefined) return [];
  const took = rollbackMs(record);
  const exposed = exposedMs(record);
  const parts = [
    rollback.by === undefined ? `to v${rollback.to}` : `to v${rollback.to} by ${rollback.by}`,
    rollback.automatic ? "automatic" : "asked for by a person",
    ...(took === undefined ? [] : [`${durationText(took)} from first sign to all calls back`]),
    ...(exposed === undefined ? [] : [`${durationText(exposed)} of exposure`]),
  ];
  return [row("rollback", parts.join(", "))];
};

const alarmRow = (alarm: DeploymentRecord["alarms"][number]): string =>
  row("alarm", `${alarm.at.slice(11, 19)} ${alarm.name} ${alarm.state}, ${alarm.blame}: ${alarm.why}`);

const checkRow = (check: DeploymentRecord["checks"][number]): string =>
  row("check", `${check.hook}: ${check.verdict}, ${check.why}`);

const verdictOf = (record: DeploymentRecord): string | undefined => {
  if (isEnd(record.status) && record.outcome !== undefined)
    return `${record.outcome.verdict} (${record.outcome.cause}): ${record.outcome.why}`;
  const last = record.verdicts.at(-1);
  if (last === undefined) return undefined;
  return `${last.verdict === "inconclusive" ? "no verdict yet" : last.verdict}: ${last.why}`;
};

const byWhom = ({ actor, source }: DeploymentRecord): string =>
  `by ${actor.id} (${actor.type}), known by ${source}`;

/** The card of a record; with its audit lines it also shows the counts of both versions. */
export const cardOf = (record: DeploymentRecord, lines: readonly AuditLine[] = []): Card => {
  const percent = shareNow(record);
  const signals = (lastJudged(lines)?.judgement.signals ?? []).map(signalOf);
  const verdict = verdictOf(record);
  const back = rollbackMs(record);
  const title = `${placeOf(record)}  ${record.status}  ${wayForward(record)}  ${record.id}`;
  return {
    title,
    status: record.status,
    ...(percent !== undefined && { canaryPercent: percent }),
    signals,
    ...(verdict !== undefined && { verdict }),
    ...(back !== undefined && { rollbackMs: back }),
    lines: [
      title,
      row("what", `${record.kind}, ${record.deploymentConfig}, ${record.mode} mode, ${byWhom(record)}`),
      trafficRow(record, percent),
      ...signals.map((signal) => signalRow(record, signal)),
      ...record.checks.map(checkRow),
      ...record.alarms.map(alarmRow),
      row("verdict", verdict ?? "nothing judged yet"),
      ...rollbackRow(record),
      row("users", usersSentence(record).replace(/^Users: /, "")),
      timesRow(record),
      ...(record.acknowledgedBy.length === 0 ? [] : [row("seen by", record.acknowledgedBy.join(", "))]),
    ],
  };
};
