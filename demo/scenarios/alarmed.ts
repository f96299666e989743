/** Scenarios in which an alarm speaks, and the question is whether it was the deployment. */
import { ERRORS_ALARM, watchErrors } from "../alarm.ts";
import { NO_COUPONS, USUAL } from "../callers.ts";
import type { Ended, Scenario } from "../scenario.ts";

const ERRORS_A_MINUTE = 1;
const MANY_ERRORS_A_MINUTE = 20;

const causedByAlarm = ({ record }: Ended): readonly string[] =>
  record.outcome?.cause === "alarm"
    ? []
    : [`an alarm should have been the cause, not ${record.outcome?.cause}`];

/** A rollback after CodeDeploy's own work is done must be a deployment that somebody created. */
const byOwnDeployment = ({ record, others }: Ended): readonly string[] => {
  const by = others.find((other) => other.id === record.rollback?.by);
  if (by === undefined) return ["no deployment on record took it back"];
  return by.kind === "rollback" && by.actor.id !== "codeDeployRollback"
    ? []
    : [`${by.id} is CodeDeploy's own rollback`];
};

export const alarmed: readonly Scenario[] = [
  {
    name: "alarm-while-shifting",
    story:
      "The new version throws at old coupons. The policy judges slow calls only, but the team has an alarm on errors.",
    promise: "The alarm takes it back in the middle of the shift.",
    from: { version: "v1" },
    to: { version: "v2-throws" },
    policy: { signals: ["slow-calls"] },
    before: (site) => watchErrors(site, site.service.to, ERRORS_A_MINUTE),
    must: {
      status: "ROLLED_BACK",
      serves: "old",
      faults: (ended) => [
        ...causedByAlarm(ended),
        ...(ended.record.times.fullTraffic === undefined
          ? []
          : ["it got all traffic before it was taken back"]),
      ],
    },
  },
  {
    name: "alarm-in-bake",
    story:
      "Nobody has a coupon while the traffic shifts. Coupons come back when the new version serves everybody: it throws.",
    promise: "The alarm takes it back by a deployment of its own, because CodeDeploy is done.",
    from: { version: "v1" },
    to: { version: "v2-throws" },
    inputs: NO_COUPONS,
    before: (site) => watchErrors(site, site.service.to, MANY_ERRORS_A_MINUTE),
    acts: [
      {
        name: "customers find their coupons",
        isDue: ({ record }) => record?.status === "BAKING",
        run: (site) => site.call(USUAL),
      },
    ],
    must: {
      status: "ROLLED_BACK",
      serves: "old",
      faults: (ended) => [
        ...causedByAlarm(ended),
        ...byOwnDeployment(ended),
        ...(ended.record.times.fullTraffic === undefined
          ? ["it was taken back before it got all traffic"]
          : []),
      ],
    },
  },
  {
    name: "fix-under-alarm",
    story:
      "The version that serves fails every cart from elsewhere, and its alarm is up. The new one mends it.",
    promise: "The alarm of the bad version does not block its fix: it stays.",
    from: { version: "v1-broken" },
    to: { version: "v1" },
    description: "hotfix: carts from countries outside the Union",
    setUp: (site) => watchErrors(site, site.service.from, MANY_ERRORS_A_MINUTE),
    before: ({ account }) => {
      const state = account.cloudwatch.alarmState(ERRORS_ALARM);
      if (state !== "ALARM")
        throw new Error(`${ERRORS_ALARM} should be in ALARM before the fix, it is ${state}`);
    },
    must: {
      status: "SUCCEEDED",
      serves: "new",
      faults: ({ record }) => [
        ...(record.kind === "hotfix" ? [] : [`its kind is ${record.kind}`]),
        ...(record.rollback === undefined ? [] : ["a rollback was begun"]),
      ],
    },
  },
];
