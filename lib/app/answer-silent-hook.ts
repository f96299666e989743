/** Answers for a hook of ours that died without a word, long before CodeDeploy's hour is over. */
import { fact, type Via } from "../deployment/fact.ts";
import type { HookRun, HookStore } from "../ports/hook-store.ts";
import type { Log } from "../ports/log.ts";
import { type ObservePorts, observe } from "./observe.ts";
import { type Recorded, recordFacts } from "./recording.ts";

export type SilentHookPorts = ObservePorts & { hooks: HookStore; log: Log };

/**
 * Reports Failed with the execution id the hook left behind. If it died before it left one there is nothing to report
 * with, so the deployment is stopped instead: only the hook's own payload ever holds that id.
 */
export const answerSilentHook = async (
  ports: SilentHookPorts,
  current: Recorded,
  hook: "before" | "after",
  when: { at: number; via: Via },
): Promise<Recorded> => {
  const { id } = current.record;
  const silence = `the ${hook} hook did not answer within 5 minutes`;
  ports.log.count("HookSilent");
  const run = (await ports.hooks.ofDeployment(id)).find((each) => each.hook === hook);
  const verdict =
    run === undefined ? await stopInstead(ports, id) : await reportFor(ports, run, silence, when.at);
  const isPass = verdict === "Succeeded";
  const why = isPass ? "reported for the hook, which died after it had decided" : silence;
  const checked = fact(when.at, {
    kind: "checked",
    hook,
    verdict: isPass ? "pass" : "fail",
    why,
    findings: [],
  });
  const recorded = await recordFacts(ports, id, [checked], when);
  const seen = await observe(ports, id, when);
  return typeof seen === "string" ? recorded : seen;
};

const stopInstead = async (ports: SilentHookPorts, deploymentId: string): Promise<"Failed"> => {
  await ports.deployer.stop(deploymentId);
  return "Failed";
};

/** A verdict that the hook stored before it died is the one that counts. */
const reportFor = async (
  ports: SilentHookPorts,
  run: HookRun,
  why: string,
  at: number,
): Promise<"Succeeded" | "Failed"> => {
  const decided = await ports.hooks.decide(run, "Failed", why);
  const verdict = decided.verdict ?? "Failed";
  await ports.deployer.answerHook({ deploymentId: run.deploymentId, executionId: run.executionId, verdict });
  await ports.hooks.markReported(decided, at);
  return verdict;
};
