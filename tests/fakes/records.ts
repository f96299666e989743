/** Records of one deployment as its facts become known, for tests of what is made out of records. */
import { deriveRecord } from "../../lib/deployment/derive.ts";
import { type Fact, fact } from "../../lib/deployment/fact.ts";
import type { DeploymentRecord } from "../../lib/deployment/record.ts";
import { packInput, storedJudgement } from "../../lib/deployment/stored-judgement.ts";
import { judge } from "../../lib/judge/judge.ts";
import type { JudgeInput } from "../../lib/judge/judgement.ts";
import { SECOND_MS } from "../../lib/kit/time.ts";
import type { Policy } from "../../lib/policy/policy.ts";

export const START_AT = Date.UTC(2026, 0, 5, 12, 0, 0);
export const ID = "d-TEST12345";
export const PLACE = { id: ID, stage: "prod", account: "000000000000", region: "eu-west-1" };

const ENFORCED: Policy = { schema: 1, mode: "enforce", onInconclusive: "continue-loudly", bakeMinutes: 5 };

export const after = (seconds: number): number => START_AT + seconds * SECOND_MS;

export const described = (body: Partial<Extract<Fact, { kind: "described" }>> = {}): Fact =>
  fact(START_AT, {
    kind: "described",
    application: "shop",
    deploymentGroup: "checkout",
    deploymentConfig: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    function: { name: "checkout", alias: "live", from: "57", to: "58" },
    creator: "user",
    hooks: {},
    ...body,
  });

export const policed = (policy: Policy | null = ENFORCED): Fact =>
  fact(START_AT, { kind: "policed", policy, sha256: policy === null ? "" : "ab".repeat(32) });

export const entered = (seconds: number, passage: Extract<Fact, { kind: "entered" }>["passage"]): Fact =>
  fact(after(seconds), { kind: "entered", passage });

export const ended = (
  seconds: number,
  result: Extract<Fact, { kind: "ended" }>["result"],
  code?: string,
  message?: string,
): Fact =>
  fact(after(seconds), {
    kind: "ended",
    result,
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
  });

const minute = (baselineBad: number, canaryBad: number, scale = 1) => ({
  baseline: { total: 2_700 * scale, bad: baselineBad },
  canary: { total: 300 * scale, bad: canaryBad },
});

export const WORSE: JudgeInput = {
  alpha: 0.05,
  minHarm: 0.005,
  signals: [{ name: "errors", minutes: [minute(5, 20), minute(6, 21), minute(5, 19)] }],
};
export const LIKE: JudgeInput = {
  alpha: 0.05,
  minHarm: 0.005,
  signals: [{ name: "errors", minutes: Array.from({ length: 5 }, () => minute(50, 5)) }],
};
export const FEW: JudgeInput = {
  alpha: 0.05,
  minHarm: 0.005,
  signals: [
    {
      name: "errors",
      minutes: [{ baseline: { total: 4, bad: 0 }, canary: { total: 1, bad: 0 } }],
    },
  ],
};

/** What the judge says, at an instant. */
export const judged = (seconds: number, input: JudgeInput, isShiftOver: boolean): Fact =>
  fact(after(seconds), {
    kind: "judged",
    judgement: storedJudgement(judge(input, { isShiftOver })),
    input: packInput(input),
    isShiftOver,
  });

export const exposed = (seconds: number, calls: number, bad: number, isFinal = false): Fact =>
  fact(after(seconds), { kind: "exposed", calls, bad, isFinal });

export const alarmed = (
  seconds: number,
  change: Partial<Omit<Extract<Fact, { kind: "alarmed" }>, "kind" | "id" | "at">> = {},
): Fact => {
  const alarmName = change.alarmName ?? "checkout-5xx";
  return fact(after(seconds), {
    kind: "alarmed",
    alarmName,
    alarmArn: `arn:aws:cloudwatch:eu-west-1:000000000000:alarm:${alarmName}`,
    state: "alarm",
    severity: "critical",
    blame: "deployment",
    why: "the alarm watches version 58, the one being deployed",
    ...change,
  });
};

export const BEGUN: readonly Fact[] = [described(), policed()];
export const SHIFTING: readonly Fact[] = [
  ...BEGUN,
  entered(2, "PRE_TRAFFIC"),
  entered(10, "SHIFTING"),
  fact(after(70), { kind: "weighed", canaryPercent: 10 }),
];
export const GOING_BACK: readonly Fact[] = [
  ...SHIFTING,
  judged(190, WORSE, false),
  exposed(190, 900, 60),
  fact(after(191), {
    kind: "rollback-asked",
    by: "judge",
    who: "bellwether",
    why: judge(WORSE, { isShiftOver: false }).why,
  }),
];
export const ROLLED_BACK: readonly Fact[] = [
  ...GOING_BACK,
  ended(200, "stopped", "MANUAL_STOP", "stopped"),
  fact(after(201), { kind: "rollback-began", by: "d-BACK12345" }),
  fact(after(232), { kind: "restored", version: "57" }),
];
export const SHIFTED: readonly Fact[] = [...SHIFTING, entered(310, "FULL_TRAFFIC"), ended(320, "succeeded")];

export const recordOf = (facts: readonly Fact[], stage = "prod"): DeploymentRecord =>
  deriveRecord(facts, { ...PLACE, stage }, "event");

/** The records that arise when facts become known one by one, the first without a predecessor. */
export const steps = (
  facts: readonly Fact[],
): { before: DeploymentRecord | undefined; after: DeploymentRecord }[] =>
  facts.map((_, index) => ({
    before: index === 0 ? undefined : recordOf(facts.slice(0, index)),
    after: recordOf(facts.slice(0, index + 1)),
  }));
