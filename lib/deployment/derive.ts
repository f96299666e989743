/** From facts to the record that readers see: a pure function of the set of facts, so nothing else can get in. */
import { isoOf } from "../kit/time.ts";
import type { Fact, FactOf } from "./fact.ts";
import { hasMovedTraffic, isRollback, type Known, knownFrom } from "./known.ts";
import { type DeploymentRecord, isEnd, type RecordVerdict, type Status } from "./record.ts";
import { outcomeOf, statusOf } from "./status.ts";

export type Place = { id: string; stage: string; account: string; region: string };

/** Alarm changes a record shows at most, the latest. */
const ALARMS_MAX = 50;
/** Verdicts a record shows at most, the latest; the audit trail keeps all. */
const VERDICTS_MAX = 100;

const verdictOf = (judged: FactOf<"judged">): RecordVerdict => {
  const { verdict, reason, minute, signal, evidence, bar, why } = judged.judgement;
  return {
    at: isoOf(judged.at),
    verdict,
    ...(reason !== undefined && { reason }),
    minute,
    signal,
    evidence,
    bar,
    why,
  };
};

const verdictsOf = (known: Known): RecordVerdict[] => known.judged.slice(-VERDICTS_MAX).map(verdictOf);

/** Canary weights over time, each shown when it changed. */
const trafficOf = (known: Known): DeploymentRecord["traffic"] => {
  const points = known.weighed.map((each) => ({ at: each.at, weight: each.canaryPercent }));
  if (known.entered.FULL_TRAFFIC !== undefined) points.push({ at: known.entered.FULL_TRAFFIC, weight: 100 });
  if (known.restored !== undefined && hasMovedTraffic(known))
    points.push({ at: known.restored.at, weight: 0 });
  return points
    .sort((left, right) => left.at - right.at)
    .filter((point, index, sorted) => index === 0 || sorted[index - 1]?.weight !== point.weight)
    .map((point) => ({ at: isoOf(point.at), weight: point.weight }));
};

const finishedAt = (known: Known, status: Status): number | undefined => {
  switch (status) {
    case "SUCCEEDED":
      return known.baked?.at ?? known.ended?.at;
    case "FAILED":
      return known.ended?.at;
    case "STOPPED":
      return known.ended?.at;
    case "ROLLED_BACK":
      return known.restored?.at;
    case "ROLLBACK_FAILED":
      return known.rollbackFailed?.at;
    default:
      return undefined;
  }
};

const detectedAt = (known: Known): number | undefined => {
  const failedEnd =
    known.ended !== undefined && known.ended.result !== "succeeded" ? known.ended.at : undefined;
  const instants = [known.asked?.at, failedEnd].filter((at) => at !== undefined);
  return instants.length === 0 ? undefined : Math.min(...instants);
};

const timesOf = (known: Known, status: Status): DeploymentRecord["times"] => {
  const instants = {
    firstTraffic: hasMovedTraffic(known) ? known.entered.SHIFTING : undefined,
    fullTraffic: known.entered.FULL_TRAFFIC,
    detected: isRollback(known) ? undefined : detectedAt(known),
    restored: status === "ROLLED_BACK" ? known.restored?.at : undefined,
    finished: finishedAt(known, status),
  };
  const shown = Object.entries(instants).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return {
    requested: isoOf(known.described.at),
    ...Object.fromEntries(shown.map(([name, at]) => [name, isoOf(at)])),
  };
};

const rollbackOf = (known: Known, place: Place): DeploymentRecord["rollback"] => {
  const { described, asked, began } = known;
  if (described.rollbackOf !== undefined)
    return {
      of: described.rollbackOf,
      by: place.id,
      to: described.function.to,
      automatic: described.creator === "codeDeployRollback",
    };
  const by = began.at(-1)?.by;
  if (by === undefined && asked === undefined && known.restored === undefined) return undefined;
  if (!hasMovedTraffic(known))
    return by === undefined ? undefined : { of: place.id, by, to: described.function.from, automatic: true };
  return {
    of: place.id,
    ...(by !== undefined && { by }),
    to: described.function.from,
    automatic: asked?.by !== "operator",
    ...(asked !== undefined && { askedBy: asked.by }),
  };
};

const ACTORS: Readonly<Record<string, DeploymentRecord["actor"]["type"]>> = {
  user: "user",
  CloudFormation: "ci",
  CloudFormationRollback: "auto",
  codeDeployRollback: "auto",
  CodeDeployAutoUpdate: "auto",
  CodeDeploy: "auto",
};

const kindOf = (known: Known): DeploymentRecord["kind"] => {
  const { described } = known;
  if (isRollback(known)) return "rollback";
  if (described.codeSha256 !== undefined && described.codeSha256 === described.codeSha256From)
    return "config";
  return /^hotfix\b/i.test(described.description ?? "") ? "hotfix" : "release";
};

const linksOf = (place: Place, known: Known): Record<string, string> => {
  const { name, alias } = known.described.function;
  const console_ = `https://${place.region}.console.aws.amazon.com`;
  return {
    codedeploy: `${console_}/codesuite/codedeploy/deployments/${place.id}?region=${place.region}`,
    function: `${console_}/lambda/home?region=${place.region}#/functions/${name}/aliases/${alias}?tab=monitoring`,
    logs: `${console_}/cloudwatch/home?region=${place.region}#logsV2:log-groups/log-group/${encodeURIComponent(encodeURIComponent(`/aws/lambda/${name}`))}`,
  };
};

/** The record of a deployment. `source` says whether events alone would have been enough. */
export const deriveRecord = (
  facts: readonly Fact[],
  place: Place,
  source: DeploymentRecord["source"],
): DeploymentRecord => {
  const known = knownFrom(facts);
  const { described, policed } = known;
  const status = statusOf(known);
  const outcome = outcomeOf(known, status);
  const rollback = rollbackOf(known, place);
  return {
    schema: 1,
    id: place.id,
    service: described.function.name,
    stage: place.stage,
    account: place.account,
    region: place.region,
    application: described.application,
    deploymentGroup: described.deploymentGroup,
    deploymentConfig: described.deploymentConfig,
    kind: kindOf(known),
    status,
    ...(outcome && isEnd(status) && { outcome }),
    ...(described.codeSha256 !== undefined && {
      release: { id: described.codeSha256, version: described.function.to, codeSha256: described.codeSha256 },
    }),
    function: described.function,
    actor: { type: ACTORS[described.creator] ?? "auto", id: described.creator },
    mode: policed?.policy?.mode ?? "shadow",
    ...(policed && policed.policy !== null && { policySha256: policed.sha256 }),
    ...(policed?.broken !== undefined && { policyBroken: policed.broken }),
    traffic: trafficOf(known),
    exposure: { calls: known.exposed?.calls ?? 0, bad: known.exposed?.bad ?? 0 },
    times: timesOf(known, status),
    ...(rollback && { rollback }),
    approvals: [],
    checks: known.checked.map(({ hook, verdict, why, findings }) => ({ hook, verdict, why, findings })),
    verdicts: verdictsOf(known),
    alarms: known.alarmed.slice(-ALARMS_MAX).map((each) => ({
      at: isoOf(each.at),
      name: each.alarmName,
      state: each.state,
      severity: each.severity,
      blame: each.blame,
      why: each.why,
    })),
    acknowledgedBy: known.acknowledged.map((each) => each.who),
    source,
    links: linksOf(place, known),
  };
};
