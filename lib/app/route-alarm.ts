/** Routes one alarm change: was it the deployment? Rolls back if it was, says so plainly if it was not, tells by severity. */
import { fact } from "../deployment/fact.ts";
import { isRollback } from "../deployment/known.ts";
import { isEnd } from "../deployment/record.ts";
import { type AlarmChange, alarmNameOf, metricsAbout } from "../incident/alarm-change.ts";
import { type ArmCounts, blameFor, type Judged } from "../incident/blame.ts";
import { HOUR_MS, MINUTE_MS, minuteOf } from "../kit/time.ts";
import { alarmNotice } from "../notice/alarm-notices.ts";
import type { Policy, Severity } from "../policy/policy.ts";
import type { Counts } from "../ports/counts.ts";
import type { Outbox } from "../ports/outbox.ts";
import { type Recorded, recordedFrom, recordFacts } from "./recording.ts";
import { type RollBackPorts, refusalOf, rollBack } from "./roll-back.ts";
import { supersededBy } from "./superseded.ts";

export type RouteAlarmPorts = RollBackPorts & { counts: Counts; outbox: Outbox };

/** How far back both versions are compared when an alarm does not say which one it watches. */
const COMPARE_MS = 10 * MINUTE_MS;
/** An alarm that changed longer ago than this is history, replayed: recorded, not acted on. */
const STALE_MS = HOUR_MS;

const ruleFor = (
  policy: Policy | null | undefined,
  change: AlarmChange,
): { severity: Severity } | undefined => {
  const names = [change.name, ...change.children.map(alarmNameOf)];
  return policy?.alarms?.find((rule) => names.includes(rule.name));
};

const concerns = (current: Recorded, change: AlarmChange): boolean =>
  metricsAbout(change, current.record.function).length > 0 ||
  ruleFor(current.known.policed?.policy, change) !== undefined;

/** A retry, after the first attempt has taken the deployment back: it is still about that one. */
const knowsOf = (current: Recorded, change: AlarmChange): boolean =>
  current.known.alarmed.some((each) => each.alarmArn === change.arn && each.at === change.at);

/** Open deployments the alarm may be about: its function's own, or a service whose policy names it. */
const candidates = async (ports: RouteAlarmPorts, change: AlarmChange): Promise<Recorded[]> => {
  const found: Recorded[] = [];
  for (const id of await ports.store.openIds()) {
    const stored = await ports.store.load(id);
    if (stored === undefined) continue;
    const current = recordedFrom(stored);
    const isCandidate =
      (!isEnd(current.record.status) || knowsOf(current, change)) &&
      !isRollback(current.known) &&
      concerns(current, change);
    // What a later deployment has taken over cannot be what hurts now.
    if (isCandidate && (await supersededBy(ports.store, current.record)) === undefined) found.push(current);
  }
  return found;
};

/** Failures of both versions up to the alarm; of the canary alone once it serves everything. */
const countsAt = async (
  ports: RouteAlarmPorts,
  current: Recorded,
  change: AlarmChange,
): Promise<ArmCounts | undefined> => {
  const startedAt = current.known.entered.SHIFTING;
  if (startedAt === undefined || change.at < startedAt) return undefined;
  const fromAt = Math.max(minuteOf(startedAt), minuteOf(change.at - COMPARE_MS));
  const query = { function: current.record.function, fromAt, untilAt: minuteOf(change.at) + MINUTE_MS };
  const baseline = await ports.counts.exposure({ ...query, version: current.record.function.from });
  const canary = await ports.counts.exposure({ ...query, version: current.record.function.to });
  if (baseline === "unreadable" || canary === "unreadable") return undefined;
  return {
    baseline: { total: baseline.calls, bad: baseline.bad },
    canary: { total: canary.calls, bad: canary.bad },
  };
};

const judgeAlarm = async (ports: RouteAlarmPorts, current: Recorded, change: AlarmChange): Promise<Judged> =>
  blameFor(
    change,
    {
      shift: current.record.function,
      status: current.record.status,
      ...(current.known.entered.SHIFTING !== undefined && { firstTrafficAt: current.known.entered.SHIFTING }),
    },
    await countsAt(ports, current, change),
  );

const severityOf = (current: Recorded | undefined, change: AlarmChange): Severity =>
  ruleFor(current?.known.policed?.policy, change)?.severity ?? "warning";

const routeTo = async (
  ports: RouteAlarmPorts,
  current: Recorded,
  change: AlarmChange,
  now: number,
): Promise<Judged> => {
  const judged: Judged =
    change.state === "alarm"
      ? await judgeAlarm(ports, current, change)
      : { blame: change.heldBack === undefined ? "not-the-deployment" : "ignored", why: change.reason };
  const when = { at: now, via: "alarm" } as const;
  const alarmed = fact(change.at, {
    kind: "alarmed",
    alarmName: change.name,
    alarmArn: change.arn,
    state: change.state,
    severity: severityOf(current, change),
    ...judged,
  });
  const recorded = await recordFacts(ports, current.record.id, [alarmed], when);
  const mustAct =
    change.state === "alarm" && judged.blame === "deployment" && refusalOf(recorded, "alarm") === undefined;
  if (mustAct)
    await rollBack(ports, current.record.id, { by: "alarm", who: change.name, why: judged.why, ...when });
  return judged;
};

export type Routed = {
  change: string;
  deployments: readonly { id: string; blame: string; why: string }[];
  told: boolean;
};

/**
 * Handles a change of state. Muted and suppressed alarms are recorded where they concern a deployment and otherwise
 * left alone, as their owners asked. Doing it again changes nothing.
 */
export const routeAlarm = async (
  ports: RouteAlarmPorts,
  change: AlarmChange,
  now: number,
): Promise<Routed> => {
  const isStale = now - change.at > STALE_MS;
  const concerned = isStale || change.state === "insufficient-data" ? [] : await candidates(ports, change);
  const deployments: { id: string; blame: string; why: string }[] = [];
  for (const current of concerned)
    deployments.push({ id: current.record.id, ...(await routeTo(ports, current, change, now)) });
  const isQuiet =
    isStale || change.heldBack !== undefined || change.state === "insufficient-data" || concerned.length > 0;
  const isRecovery = change.state === "ok" && change.previous !== "alarm";
  const told = !isQuiet && !isRecovery;
  if (told) await ports.outbox.put(alarmNotice(change, severityOf(undefined, change)));
  ports.log.info("alarm routed", {
    alarm: change.name,
    state: change.state,
    deployments: deployments.length,
    told,
  });
  return { change: change.name, deployments, told };
};
