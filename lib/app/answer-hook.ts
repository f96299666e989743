/**
 * Answers one of CodeDeploy's lifecycle hooks, whatever happens: the verdict starts as Failed, is stored before it is
 * reported, and is reported by every retry. CodeDeploy calls hooks asynchronously, so a retry is normal, not rare.
 */
import { type CheckFinding, fact } from "../deployment/fact.ts";
import { messageOf, UnavailableError } from "../kit/errors.ts";
import type { HookRun, HookStore } from "../ports/hook-store.ts";
import type { Log } from "../ports/log.ts";
import { type ObservePorts, observe } from "./observe.ts";
import { type Recorded, recordFacts } from "./recording.ts";

export type HookPorts = ObservePorts & { hooks: HookStore; log: Log; clock: { now(): number } };

export type HookCall = { deploymentId: string; executionId: string; hook: "before" | "after" };

export type Finding = {
  verdict: "pass" | "fail" | "skipped";
  why: string;
  findings: readonly CheckFinding[];
};

/** What a hook checks once it knows the deployment. Rejecting counts as a failed check. */
export type Check = (current: Recorded, deadline: AbortSignal) => Promise<Finding>;

const timedOut = (deadline: AbortSignal): Promise<Finding> =>
  new Promise((resolve) => {
    const finish = (): void =>
      resolve({ verdict: "fail", why: "the checks did not end in time", findings: [] });
    if (deadline.aborted) finish();
    deadline.addEventListener("abort", finish, { once: true });
  });

const find = async (
  ports: HookPorts,
  call: HookCall,
  check: Check,
  deadline: AbortSignal,
): Promise<Finding> => {
  try {
    const seen = await observe(ports, call.deploymentId, { at: ports.clock.now(), via: "hook" });
    if (typeof seen === "string")
      return {
        verdict: "fail",
        why: `CodeDeploy knows no Lambda deployment ${call.deploymentId}`,
        findings: [],
      };
    return await check(seen, deadline);
  } catch (error) {
    ports.log.error("hook check failed", {
      deploymentId: call.deploymentId,
      hook: call.hook,
      reason: messageOf(error),
    });
    return {
      verdict: "fail",
      why: `the ${call.hook} hook could not check: ${messageOf(error)}`,
      findings: [],
    };
  }
};

/** Stores the verdict; a store that cannot be reached makes it Failed, because an unstored pass could be forgotten. */
const decide = async (ports: HookPorts, run: HookRun, found: Finding): Promise<HookRun> => {
  const wanted = found.verdict === "fail" ? "Failed" : "Succeeded";
  try {
    const { verdict, findings } = found;
    return await ports.hooks.decide({ ...run, found: { verdict, findings } }, wanted, found.why);
  } catch (error) {
    ports.log.error("hook verdict not stored", { deploymentId: run.deploymentId, reason: messageOf(error) });
    return { ...run, verdict: "Failed", why: `the verdict could not be stored: ${messageOf(error)}` };
  }
};

const report = async (ports: HookPorts, run: HookRun): Promise<void> => {
  const verdict = run.verdict ?? "Failed";
  const answer = await ports.deployer.answerHook({
    deploymentId: run.deploymentId,
    executionId: run.executionId,
    verdict,
  });
  ports.log.info("hook answered", {
    deploymentId: run.deploymentId,
    hook: run.hook,
    verdict,
    answer,
    why: run.why,
  });
  if (answer === "unknown") ports.log.count("InputRejected");
};

/** Writing down comes after answering: CodeDeploy waits for the answer, the record can be mended by a later look. */
const writeDown = async (ports: HookPorts, run: HookRun, found: Finding): Promise<void> => {
  const at = ports.clock.now();
  const body = {
    kind: "checked",
    hook: run.hook,
    verdict: found.verdict,
    why: found.why,
    findings: found.findings,
  } as const;
  const seen = await observe(ports, run.deploymentId, { at, via: "hook" });
  if (typeof seen !== "string")
    await recordFacts(ports, run.deploymentId, [fact(run.openedAt, body)], { at, via: "hook" });
  await ports.hooks.markReported(run, at);
};

const open = async (ports: HookPorts, call: HookCall): Promise<HookRun> => {
  const run: HookRun = { ...call, openedAt: ports.clock.now() };
  try {
    return await ports.hooks.open(run);
  } catch (error) {
    ports.log.error("hook not opened", { deploymentId: call.deploymentId, reason: messageOf(error) });
    return { ...run, verdict: "Failed", why: `the hook could not be opened: ${messageOf(error)}` };
  }
};

/**
 * Runs the checks and answers. `deadline` fires while there is still time to answer. Resolves with the verdict that was
 * reported; throws UnavailableError when CodeDeploy could not be told, so that Lambda retries.
 */
export const answerHook = async (
  ports: HookPorts,
  call: HookCall,
  check: Check,
  deadline: AbortSignal,
): Promise<"Succeeded" | "Failed"> => {
  const run = await open(ports, call);
  const stored: Finding = {
    verdict: run.found?.verdict ?? (run.verdict === "Failed" ? "fail" : "skipped"),
    why: run.why ?? "",
    findings: run.found?.findings ?? [],
  };
  const found =
    run.verdict === undefined
      ? await Promise.race([find(ports, call, check, deadline), timedOut(deadline)])
      : stored;
  const decided = run.verdict === undefined ? await decide(ports, run, found) : run;
  await report(ports, decided);
  try {
    await writeDown(
      ports,
      decided,
      decided.verdict === "Failed" && found.verdict !== "fail"
        ? { ...found, verdict: "fail", why: decided.why ?? found.why }
        : found,
    );
  } catch (error) {
    throw new UnavailableError(`hook answered, but not written down: ${messageOf(error)}`, { cause: error });
  }
  return decided.verdict ?? "Failed";
};
