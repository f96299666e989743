/**
 * What a service owner promises about a service: how to check it, when to take a version back, whom to tell.
 * Kept as JSON in SSM under `/bellwether/<stage>/services/<function name>`; snapshotted into each deployment's record.
 */
import * as z from "zod/mini";
import { InputError } from "../kit/errors.ts";
import { issueText } from "./issue.ts";

const SMOKE_CHECKS_MAX = 20;
const ALARMS_MAX = 50;
/** Each signal takes a share of the budget: more of them than this see nothing. */
const SIGNALS_MAX = 10;

const name = z.string().check(z.minLength(1), z.maxLength(140));

const SmokeCheck = z.strictObject({
  /** Shown in the verdict. */
  name,
  /** The event the canary version is invoked with. Must be safe to run: it reaches the real function. */
  payload: z.unknown(),
  expect: z.optional(
    z.strictObject({
      /** `statusCode` of an API Gateway style answer. */
      statusCode: z.optional(z.int().check(z.minimum(100), z.maximum(599))),
      /** Text the answer's JSON must hold. */
      bodyIncludes: z.optional(z.string().check(z.minLength(1))),
      /** Longest run time, cold start not included. */
      maxDurationMs: z.optional(z.int().check(z.minimum(1), z.maximum(900_000))),
    }),
  ),
});

const AlarmRule = z.strictObject({
  name,
  severity: z.enum(["critical", "warning", "info"]),
});

const SIGNAL_NAME = /^[a-z][a-z0-9-]{0,59}$/;
/** What CloudWatch takes for namespaces, metrics and dimensions: one that it refuses would make all signals unreadable. */
const metricWord = z.string().check(z.regex(/^(?!:)(?=.*\S)[\x20-\x7e]{1,255}$/));
/** CloudWatch takes 30; one holds the version. */
const DIMENSIONS_MAX = 29;

/** What the judge counts by itself, from Lambda's own metrics. */
export const STANDARD_SIGNALS = ["errors", "slow-calls", "throttles", "timeouts"] as const;

/**
 * Metrics of the service's own that count: bad ones out of `total`, or out of all invocations. Both are summed. Zeros must be
 * emitted too: a minute with calls and no point of `bad` counts as not read, or a misspelt name would look like health.
 */
const CustomSignal = z.strictObject({
  name: z.string().check(z.regex(SIGNAL_NAME)),
  namespace: metricWord,
  bad: metricWord,
  total: z.optional(metricWord),
  /** Dimensions that both versions share. */
  dimensions: z.optional(z.record(metricWord, metricWord)),
  /** The dimension that holds the version number: `AWS_LAMBDA_FUNCTION_VERSION` says it to the function. */
  versionDimension: metricWord,
});

const Signal = z.union([z.enum(STANDARD_SIGNALS), CustomSignal]);

export const PolicySchema = z.strictObject({
  $schema: z.optional(z.string()),
  schema: z.literal(1),
  /** `shadow` judges and tells but never acts; `enforce` rolls back. */
  mode: z.enum(["shadow", "enforce"]),
  owner: z.optional(name),
  /** Slack channel id or name; the stage's default channel unless said. */
  slackChannel: z.optional(name),
  smoke: z.optional(z.array(SmokeCheck).check(z.maxLength(SMOKE_CHECKS_MAX))),
  /** What the judge compares: errors and slow calls unless said. Each takes an equal share of the false-rollback budget. */
  signals: z.optional(z.array(Signal).check(z.minLength(1), z.maxLength(SIGNALS_MAX))),
  /** The chance of rolling back a version that is no worse, over the whole deployment. 0.05 unless said. */
  falseRollbackRate: z.optional(z.number().check(z.gt(0), z.maximum(0.5))),
  /** Smallest excess bad-call rate worth a rollback, 0 to 1. 0.005 unless said. */
  minHarmRate: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
  /** What a shift that ends without enough evidence does. No default: it must be chosen. */
  onInconclusive: z.enum(["continue", "continue-loudly", "roll-back"]),
  /** Watch after all traffic moved; alarms in it roll back. */
  bakeMinutes: z.int().check(z.minimum(0), z.maximum(2_880)),
  /** Minutes a metric needs to settle before it is judged. 1 unless said. */
  settleMinutes: z.optional(z.int().check(z.minimum(1), z.maximum(15))),
  /** Alarms that belong to this service by name, beside those on its function's own metrics. */
  alarms: z.optional(z.array(AlarmRule).check(z.maxLength(ALARMS_MAX))),
});

export type Policy = z.infer<typeof PolicySchema>;
export type CustomSignal = z.infer<typeof CustomSignal>;
export type Signal = z.infer<typeof Signal>;
export type SmokeCheck = z.infer<typeof SmokeCheck>;
export type Severity = "critical" | "warning" | "info";

/** What holds for a service nobody wrote a policy for: everything is tracked and judged, nothing is touched. */
export const SHADOW_POLICY: Policy = {
  schema: 1,
  mode: "shadow",
  onInconclusive: "continue",
  bakeMinutes: 0,
};

/** What a signal is called in verdicts. */
export const signalName = (signal: Signal): string => (typeof signal === "string" ? signal : signal.name);

const customFaults = ({ name, bad, total, dimensions = {}, versionDimension }: CustomSignal): string[] => [
  ...(bad === total ? [`signals: "${name}" counts the same metric as bad and as total`] : []),
  ...(versionDimension in dimensions
    ? [
        `signals: "${name}" names ${versionDimension} as a dimension of both versions and as the one that tells them apart`,
      ]
    : []),
  ...(Object.keys(dimensions).length > DIMENSIONS_MAX
    ? [`signals: "${name}" has more than ${DIMENSIONS_MAX} dimensions`]
    : []),
];

const signalFaults = ({ signals = [] }: Policy): string[] => {
  const names = signals.map(signalName);
  const own = signals.filter((signal) => typeof signal !== "string").map(signalName);
  return [
    ...signals.flatMap((signal) => (typeof signal === "string" ? [] : customFaults(signal))),
    ...(new Set(names).size === names.length ? [] : ["signals: a name stands twice"]),
    ...own
      .filter((each) => STANDARD_SIGNALS.some((standard) => standard === each))
      .map((each) => `signals: "${each}" is the name of a signal of Lambda's; give yours another`),
  ];
};

/** Faults of settings that would have no effect: refused, because somebody believes in them. */
const idleSettings = (policy: Policy): string[] => {
  const faults: string[] = signalFaults(policy);
  if (policy.mode === "shadow" && policy.onInconclusive === "roll-back")
    faults.push('onInconclusive "roll-back" has no effect in mode "shadow"; use mode "enforce"');
  const names = (policy.alarms ?? []).map((alarm) => alarm.name);
  if (new Set(names).size !== names.length) faults.push("alarms: a name stands twice");
  const checks = (policy.smoke ?? []).map((check) => check.name);
  if (new Set(checks).size !== checks.length) faults.push("smoke: a name stands twice");
  return faults;
};

/** Every fault of a policy document, one line each with the place; none when it is good. */
export const policyFaults = (document: unknown): string[] => {
  const parsed = PolicySchema.safeParse(document);
  if (parsed.success) return idleSettings(parsed.data);
  return parsed.error.issues.map((issue) => issueText(issue, "policy"));
};

/** Parses policy JSON. Throws InputError with every fault in one line. */
export const parsePolicy = (text: string): Policy => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new InputError(`policy is not JSON: ${(error as Error).message}`);
  }
  const faults = policyFaults(document);
  if (faults.length > 0) throw new InputError(`policy refused: ${faults.join("; ")}`);
  return document as Policy;
};
