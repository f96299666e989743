/** The verdict in one English sentence with its numbers. */

import { unreachable } from "../kit/errors.ts";
import type { SignalFinding } from "./judgement.ts";
import type { Volume } from "./volume.ts";

/** What a sentence needs of a finding: stored findings have no evidence by the minute. */
type Said = Omit<SignalFinding, "evidenceByMinute">;

const whole = (value: number): string => Math.round(value).toLocaleString("en-US").replaceAll(",", " ");

const figure = (value: number): string => {
  if (value >= 100) return value < 1e6 ? whole(value) : value.toExponential(1);
  return value >= 10 ? value.toFixed(0) : value.toFixed(value < 0.1 ? 2 : 1);
};

const percent = (rate: number): string => `${Number((rate * 100).toPrecision(2))} %`;

const counted = (count: number, one: string): string => `${whole(count)} ${one}${count === 1 ? "" : "s"}`;

/** What was counted, where the name alone does not say it. */
const meaning = ({ about }: Said): string => {
  const said = [
    about?.slowerThanMs === undefined ? "" : `slower than ${whole(about.slowerThanMs)} ms`,
    about?.isEstimated ? "estimated from percentiles" : "",
    about?.coldStarts === undefined ? "" : `up to ${counted(about.coldStarts, "cold start")} set apart`,
  ].filter((part) => part !== "");
  return said.length === 0 ? "" : ` (${said.join(", ")})`;
};

const counts = (finding: Said): string => {
  const { name, canary, baseline, expectedBad } = finding;
  return (
    `canary: ${whole(canary.bad)} ${name}${meaning(finding)} in ${whole(canary.total)} calls; baseline: ${whole(baseline.bad)} in ${whole(baseline.total)}; ` +
    `a like version would own ${figure(expectedBad)} of those ${whole(canary.bad + baseline.bad)}`
  );
};

const evidence = (finding: Said): string =>
  `evidence ${figure(finding.evidence)}:1 (bar ${figure(finding.bar)}:1)`;

/** A verdict that rests on history says so, since its guarantee does. */
const backing = ({ witness, history }: Said): string =>
  witness === "memory" && history !== undefined
    ? `, on the word of the baseline's history: ${whole(history.bad)} in ${whole(history.total)}`
    : "";

const more = (count: number, one: string): string => `${whole(count)} more ${one}${count === 1 ? "" : "s"}`;

const wants = ({ needs }: Said): string => {
  // What has been seen would do: it is only not over yet.
  if (needs?.calls === 0) return "";
  const ways = [
    needs?.calls === undefined ? "" : `about ${more(needs.calls, "call")}`,
    needs?.minutes === undefined ? "" : more(needs.minutes, "minute"),
    needs?.weightPercent === undefined ? "" : `weight ${needs.weightPercent} %`,
  ].filter((way) => way !== "");
  return ways.length === 0 ? "" : `; needs ${ways.join(", or ")}`;
};

const sees = ({ seeableRate }: Said): string =>
  seeableRate === undefined
    ? "; this shift cannot see any rate"
    : `; this shift sees rates above ${percent(seeableRate)}`;

/** One sentence for one signal's finding. */
export const sentenceOf = (finding: Said): string => {
  switch (finding.verdict) {
    case "fail":
      return `Worse at minute ${finding.minute}: ${counts(finding)}; ${evidence(finding)}${backing(finding)}.`;
    case "pass":
      return `${finding.evidence >= finding.bar ? "Worse by less than matters" : "No worse"}: ${counts(finding)}; ${evidence(finding)}${sees(finding)}.`;
    case "inconclusive":
      return finding.reason === "could-not-look"
        ? `Could not look: ${finding.minutesMissing} of ${finding.minute} minutes of ${finding.name} were not read; ${counts(finding)}; ${evidence(finding)}.`
        : `Not enough evidence: ${counts(finding)}; ${evidence(finding)}${sees(finding)}${wants(finding)}.`;
    default:
      return unreachable(finding.verdict);
  }
};

/** For a canary that did not get the calls its weight asks for. */
export const shortSentence = ({ got, expected, evidence: odds }: Volume): string =>
  `Could not look: the canary served ${whole(got)} of the ${whole(expected)} calls that its weight asks for (odds ${figure(odds)}:1 against chance): it is throttled, or calls are not routed to it.`;
