/** Scenarios in which the judge decides, from what both versions answered. */
import { MINUTE_MS } from "../../lib/kit/time.ts";
import { OUTAGE, USUAL } from "../callers.ts";
import type { Scenario } from "../scenario.ts";

const OUTAGE_FROM_MS = 2 * MINUTE_MS;
const OUTAGE_UNTIL_MS = 4 * MINUTE_MS;
/** What a bad version may have got by the time it is found out. */
const LINEAR_MOST_PERCENT = 50;

export const judged: readonly Scenario[] = [
  {
    name: "healthy",
    story: "A good version gets 10 % of the calls for five minutes, then all of them.",
    promise: "It stays.",
    from: { version: "v1" },
    to: { version: "v1", build: 2 },
    must: { status: "SUCCEEDED", verdict: "pass", serves: "new" },
  },
  {
    name: "bad-errors",
    story: "The new version throws at every cart with an old coupon: about one in seventeen.",
    promise: "It is taken back while nine of ten callers never met it.",
    from: { version: "v1" },
    to: { version: "v2-throws" },
    must: {
      status: "ROLLED_BACK",
      verdict: "fail",
      serves: "old",
      faults: ({ record }) => [
        ...(record.outcome?.cause === "judge"
          ? []
          : [`the judge should have been the cause, not ${record.outcome?.cause}`]),
        ...(record.times.fullTraffic === undefined ? [] : ["it got all traffic before it was taken back"]),
      ],
    },
  },
  {
    name: "bad-latency",
    story: "The new version asks the payment provider twice: twice as slow, and no call fails.",
    promise: "It is taken back for being slow.",
    from: { version: "v1" },
    to: { version: "v2-slow" },
    must: {
      status: "ROLLED_BACK",
      verdict: "fail",
      serves: "old",
      faults: ({ record }) =>
        record.verdicts.some((each) => each.verdict === "fail" && each.signal === "slow-calls")
          ? []
          : ["no verdict says that calls were slow"],
    },
  },
  {
    name: "linear-shift",
    story: "Ten percent more of the calls every minute go to a version that is twice as slow.",
    promise:
      "It is taken back while most callers are still on the old one, whatever the weight was in each minute.",
    from: { version: "v1" },
    to: { version: "v2-slow" },
    deploymentConfig: "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    must: {
      status: "ROLLED_BACK",
      verdict: "fail",
      serves: "old",
      faults: ({ record }) => {
        const weights = record.traffic.map(({ weight }) => weight);
        return [
          ...(new Set(weights).size > 2 ? [] : ["the weight was not seen to rise"]),
          ...(Math.max(...weights) <= LINEAR_MOST_PERCENT
            ? []
            : [`it got ${Math.max(...weights)} % of the calls`]),
        ];
      },
    },
  },
  {
    name: "shared-outage",
    story: "The payment provider fails for two minutes, for both versions alike.",
    promise: "The new version is not blamed: it stays.",
    from: { version: "v1" },
    to: { version: "v1", build: 2 },
    acts: [
      {
        name: "the payment provider goes down",
        isDue: ({ sinceDeployedMs }) => sinceDeployedMs >= OUTAGE_FROM_MS,
        run: (site) => site.call(OUTAGE),
      },
      {
        name: "the payment provider is back",
        isDue: ({ sinceDeployedMs }) => sinceDeployedMs >= OUTAGE_UNTIL_MS,
        run: (site) => site.call(USUAL),
      },
    ],
    must: {
      status: "SUCCEEDED",
      serves: "new",
      faults: ({ record }) => [
        ...(record.exposure.bad > 0 ? [] : ["the outage reached no call of the new version"]),
        ...(record.rollback === undefined ? [] : ["a rollback was begun"]),
      ],
    },
  },
  {
    name: "low-traffic",
    story: "Four calls a minute: the canary sees two of them in its five minutes.",
    promise: "Nobody claims to know: it stays, and the verdict says that it is inconclusive.",
    from: { version: "v1" },
    to: { version: "v1", build: 2 },
    callsPerSecond: 4 / 60,
    must: {
      status: "SUCCEEDED",
      verdict: "inconclusive",
      serves: "new",
      faults: ({ told }) =>
        told.some(({ title, text }) => /inconclusive|not enough evidence/i.test(`${title} ${text}`))
          ? []
          : ["nobody was told that it is inconclusive"],
    },
  },
];
