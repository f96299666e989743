/** The before hook's check: asks the canary version what its owner wants it to be able to answer, before it gets a call. */

import type { CheckFinding } from "../deployment/fact.ts";
import { messageOf, UnavailableError } from "../kit/errors.ts";
import type { Policy, SmokeCheck } from "../policy/policy.ts";
import type { Invoker } from "../ports/invoker.ts";
import type { Policies } from "../ports/policies.ts";
import { judgeAnswer } from "../smoke/judge-answer.ts";
import type { Check, Finding } from "./answer-hook.ts";
import type { Recorded } from "./recording.ts";

/** A canary that could not be asked is asked once more: throttling is not the version's fault. */
const ATTEMPTS = 2;

const ask = async (invoker: Invoker, current: Recorded, check: SmokeCheck): Promise<CheckFinding> => {
  const { name, to } = current.record.function;
  let last: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      return judgeAnswer(check, await invoker.invoke(name, to, check.payload), to);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      last = error;
    }
  }
  return { name: check.name, ok: false, why: `could not be asked: ${messageOf(last)}` };
};

const conclude = (to: string, findings: readonly CheckFinding[]): Finding => {
  const wrong = findings.filter((finding) => !finding.ok);
  if (wrong.length === 0)
    return { verdict: "pass", why: `version ${to} answered all ${findings.length} smoke checks`, findings };
  return {
    verdict: "fail",
    why: `version ${to} failed ${wrong.length} of ${findings.length} smoke checks: ${wrong.map((each) => `${each.name}: ${each.why}`).join("; ")}`,
    findings,
  };
};

const checksOf = (policy: Policy | null | undefined): readonly SmokeCheck[] => policy?.smoke ?? [];

/** A policy that cannot be read fails the check: its owner believes in checks that nobody would run. */
export const smokeCanary =
  (ports: { invoker: Invoker; policies: Policies }): Check =>
  async (current, deadline) => {
    const { record, known } = current;
    const policy = await ports.policies.read(record.service);
    if (policy !== "none" && "broken" in policy)
      return {
        verdict: "fail",
        why: `the policy of ${record.service} cannot be used: ${policy.broken}`,
        findings: [],
      };
    const checks = checksOf(known.policed?.policy);
    if (checks.length === 0)
      return { verdict: "skipped", why: "the policy names no smoke checks", findings: [] };
    const findings: CheckFinding[] = [];
    for (const check of checks) {
      if (deadline.aborted) return { verdict: "fail", why: "the smoke checks did not end in time", findings };
      findings.push(await ask(ports.invoker, current, check));
    }
    return conclude(record.function.to, findings);
  };
