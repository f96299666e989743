/** Whether a canary's answer to a smoke check is what its owner expects. */
import type { CheckFinding } from "../deployment/fact.ts";
import type { SmokeCheck } from "../policy/policy.ts";

export type SmokeAnswer = {
  ok: boolean;
  payload: string;
  error?: string;
  executedVersion: string;
  durationMs: number;
};

/** Characters of an answer quoted in a reason: enough to see, little enough to leak nothing much. */
const QUOTE_MAX = 120;

const quote = (text: string): string => (text.length > QUOTE_MAX ? `${text.slice(0, QUOTE_MAX)}…` : text);

/** The fields of an API Gateway style answer; empty for any other. */
const webAnswer = (payload: string): { statusCode?: unknown; body?: unknown } => {
  try {
    return (JSON.parse(payload) as { statusCode?: unknown; body?: unknown } | null) ?? {};
  } catch {
    return {};
  }
};

const statusCodeOf = (payload: string): number | undefined => {
  const code = webAnswer(payload).statusCode;
  return typeof code === "number" ? code : undefined;
};

/** A web answer's body is text inside JSON: what an owner reads there stands escaped in the payload. */
const holds = (payload: string, text: string): boolean => {
  const { body } = webAnswer(payload);
  return payload.includes(text) || (typeof body === "string" && body.includes(text));
};

/** The first thing that is wrong with an answer, or nothing. */
const faultOf = (check: SmokeCheck, answer: SmokeAnswer, version: string): string | undefined => {
  if (answer.executedVersion !== version)
    return `version ${answer.executedVersion} answered instead of ${version}`;
  if (!answer.ok) return `it failed: ${quote(answer.error ?? answer.payload)}`;
  const { statusCode, bodyIncludes, maxDurationMs } = check.expect ?? {};
  const status = statusCodeOf(answer.payload);
  if (statusCode !== undefined && status !== statusCode)
    return `status ${status ?? "missing"}, expected ${statusCode}`;
  if (bodyIncludes !== undefined && !holds(answer.payload, bodyIncludes))
    return `the answer lacks "${quote(bodyIncludes)}": ${quote(answer.payload)}`;
  if (maxDurationMs !== undefined && answer.durationMs > maxDurationMs)
    return `took ${Math.round(answer.durationMs)} ms, allowed ${maxDurationMs} ms`;
  return undefined;
};

export const judgeAnswer = (check: SmokeCheck, answer: SmokeAnswer, version: string): CheckFinding => {
  const fault = faultOf(check, answer, version);
  return {
    name: check.name,
    ok: fault === undefined,
    why: fault ?? `answered in ${Math.round(answer.durationMs)} ms`,
    durationMs: answer.durationMs,
  };
};
