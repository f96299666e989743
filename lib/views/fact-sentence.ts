/** One fact as one plain sentence, for timelines. */
import type { Fact, FactOf } from "../deployment/fact.ts";
import { unreachable } from "../kit/errors.ts";
import { sentence } from "../notice/phrases.ts";

const PASSAGES: Readonly<Record<FactOf<"entered">["passage"], string>> = {
  PRE_TRAFFIC: "Checks before any traffic began.",
  SHIFTING: "The first calls went to the canary version.",
  FULL_TRAFFIC: "All calls went to the canary version.",
  POST_TRAFFIC: "Checks after the shift began.",
};

const described = ({
  function: shift,
  application,
  deploymentConfig,
  creator,
  rollbackOf,
}: FactOf<"described">): string => {
  const what = `${shift.name}:${shift.alias} from version ${shift.from} to ${shift.to}`;
  return rollbackOf === undefined
    ? `Asked for by ${creator}: ${what} in ${application}, ${deploymentConfig}.`
    : `Takes back ${rollbackOf}: ${what}, started by ${creator}.`;
};

const policed = ({ policy, sha256 }: FactOf<"policed">): string =>
  policy === null
    ? "No usable policy: watched and judged, never touched (shadow mode)."
    : `Policy ${sha256.slice(0, 12)} holds: ${policy.mode}, ${policy.bakeMinutes} minutes of bake time, inconclusive means ${policy.onInconclusive}.`;

const ended = ({ result, code, message }: FactOf<"ended">): string => {
  const reason = [code, message].filter((part) => part !== undefined).join(": ");
  return reason === "" ? `CodeDeploy ended it: ${result}.` : `CodeDeploy ended it: ${result} (${reason}).`;
};

const judged = ({ judgement, isShiftOver }: FactOf<"judged">): string => {
  const isWaiting = judgement.verdict === "inconclusive" && !isShiftOver;
  return isWaiting ? `No verdict yet. ${judgement.why}` : `Verdict ${judgement.verdict}. ${judgement.why}`;
};

const alarmed = ({ alarmName, state, severity, blame, why }: FactOf<"alarmed">): string => {
  const change = `Alarm ${alarmName} (${severity}) went to ${state}`;
  if (state !== "alarm") return sentence(`${change}: ${why}`);
  if (blame === "ignored") return sentence(`${change}, ignored: ${why}`);
  const who = blame === "deployment" ? "the deployment is to blame" : "not the deployment";
  return sentence(`${change}; ${who}: ${why}`);
};

const checked = ({ hook, verdict, why, findings }: FactOf<"checked">): string => {
  const wrong = findings.filter((finding) => !finding.ok).length;
  const counted =
    findings.length === 0 ? "" : ` (${findings.length - wrong} of ${findings.length} checks good)`;
  return sentence(`The ${hook} hook said ${verdict}${counted}: ${why}`);
};

const exposed = ({ calls, bad, isFinal }: FactOf<"exposed">): string =>
  `The canary version served ${calls} calls, ${bad} went bad${isFinal ? " (final count)" : " so far"}.`;

/** What happened, in one sentence with its numbers. */
export const factSentence = (fact: Fact): string => {
  switch (fact.kind) {
    case "described":
      return described(fact);
    case "policed":
      return policed(fact);
    case "entered":
      return PASSAGES[fact.passage];
    case "ended":
      return ended(fact);
    case "weighed":
      return `The alias sent ${fact.canaryPercent} % of calls to the canary version.`;
    case "checked":
      return checked(fact);
    case "judged":
      return judged(fact);
    case "exposed":
      return exposed(fact);
    case "alarmed":
      return alarmed(fact);
    case "rollback-asked":
      return sentence(`Rollback asked for by ${fact.by} (${fact.who}): ${fact.why}`);
    case "rollback-began":
      return `Rollback ${fact.by} began.`;
    case "restored":
      return `The alias was read: all calls go to version ${fact.version}.`;
    case "rollback-failed":
      return sentence(`The rollback failed: ${fact.why}`);
    case "baked":
      return "The bake time is over.";
    case "acknowledged":
      return `Acknowledged by ${fact.who}.`;
    default:
      return unreachable(fact);
  }
};
