/** Scenarios in which what Bellwether itself relies on fails. */
import { isEnd } from "../../lib/deployment/record.ts";
import { MINUTE_MS } from "../../lib/kit/time.ts";
import type { Ended, Scenario } from "../scenario.ts";

const EVENTS = { source: "aws.codedeploy" } as const;
const LOST_MAX = 10;
const LATE_MAX_MS = 3 * MINUTE_MS;

const toldOnceAfter = (recoveredAt: number, { told }: Ended): readonly string[] => {
  const messages = told.filter(({ outlet }) => outlet === "slack");
  const roots = messages.filter(({ isReply }) => !isReply);
  const replies = messages.filter(({ isReply }) => isReply).map(({ title }) => title);
  return [
    ...(roots.length === 1 ? [] : [`Slack holds ${roots.length} messages about it`]),
    ...(new Set(replies).size === replies.length ? [] : ["something was told twice in its thread"]),
    ...(messages.every(({ at }) => at >= recoveredAt) ? [] : ["Slack was told while it was down"]),
  ];
};

const slackDown = (): Scenario => {
  let recoveredAt = Number.POSITIVE_INFINITY;
  return {
    name: "slack-down",
    story: "The version of bad-errors again, and Slack answers nothing until it is all over.",
    promise: "It is taken back all the same, and Slack hears of it once, afterwards.",
    from: { version: "v1" },
    to: { version: "v2-throws" },
    before: ({ account }) => account.slack.behave({ kind: "down" }),
    acts: [
      {
        name: "Slack is back",
        isDue: ({ record }) => record !== undefined && isEnd(record.status),
        run: ({ account }) => {
          recoveredAt = account.world.now();
          account.slack.behave({ kind: "up" });
        },
      },
    ],
    must: {
      status: "ROLLED_BACK",
      verdict: "fail",
      serves: "old",
      faults: (ended) => toldOnceAfter(recoveredAt, ended),
    },
  };
};

const isComplete = ({ record, others }: Ended): readonly string[] => {
  const { firstTraffic, detected, restored, finished } = record.times;
  const missing = Object.entries({ firstTraffic, detected, restored, finished }).filter(
    ([, at]) => at === undefined,
  );
  const by = others.find((other) => other.id === record.rollback?.by);
  return [
    ...missing.map(([name]) => `the record lacks the time of ${name}`),
    ...(by !== undefined && isEnd(by.status) ? [] : ["the rollback is not on record"]),
  ];
};

const haveLanded = ({ site }: Ended): readonly string[] =>
  (["drop", "double", "delay"] as const)
    .filter((kind) => (site.account.faults.landed.get(kind) ?? 0) === 0)
    .map((kind) => `no event was befallen by "${kind}"`);

export const disturbed: readonly (() => Scenario)[] = [
  slackDown,
  () => ({
    name: "events-lost",
    story:
      "The version of bad-errors again. Every second event of CodeDeploy never arrives, the others come late, twice and out of order.",
    promise: "It is taken back all the same, and its record lacks nothing.",
    from: { version: "v1" },
    to: { version: "v2-throws" },
    before: ({ account: { faults } }) => {
      // Each rule passes over the events that those before it took: the first event is lost, then every second one.
      for (let skip = 0; skip < LOST_MAX; skip += 1) faults.add({ ...EVENTS, kind: "drop", skip, times: 1 });
      faults.add({ ...EVENTS, kind: "double", delayMs: LATE_MAX_MS });
      faults.add({ ...EVENTS, kind: "delay", delayMs: LATE_MAX_MS });
    },
    must: {
      status: "ROLLED_BACK",
      verdict: "fail",
      serves: "old",
      faults: (ended) => [...isComplete(ended), ...haveLanded(ended)],
    },
  }),
];
