/** A CodeDeploy that tells one story: what it would show of each deployment at each instant, and which events it sent. */
import type { LifecyclePhase, Snapshot } from "../../lib/deployment/snapshot.ts";
import type { Deployer } from "../../lib/ports/deployer.ts";
import type { Router, Routing } from "../../lib/ports/router.ts";

const START = Date.UTC(2026, 0, 5, 12, 0, 0);
export const SHIFT = { name: "checkout", alias: "live", from: "1", to: "2" } as const;
export const HOOKS = {
  before: "CodeDeployHook_bellwether-local-before",
  after: "CodeDeployHook_bellwether-local-after",
};

export type StoryKind =
  | "succeeds"
  | "smoke-fails"
  | "stopped-by-alarm"
  | "after-hook-fails"
  | "drift"
  | "stopped-before-traffic";

/** Instants of one deployment, ms after the start of its story. */
type Plan = {
  phases: Partial<Record<LifecyclePhase, [number, number, boolean]>>;
  end: [number, NonNullable<Snapshot["end"]>["result"], string?];
  rollback?: number;
};

const PLANS: Readonly<Record<StoryKind, Plan>> = {
  succeeds: {
    phases: {
      BeforeAllowTraffic: [1e3, 5e3, true],
      AllowTraffic: [5e3, 305e3, true],
      AfterAllowTraffic: [306e3, 310e3, true],
    },
    end: [311e3, "succeeded"],
  },
  "smoke-fails": {
    phases: { BeforeAllowTraffic: [1e3, 5e3, false] },
    end: [6e3, "failed", "HOOK_EXECUTION_FAILURE"],
    rollback: 7e3,
  },
  "stopped-by-alarm": {
    phases: { BeforeAllowTraffic: [1e3, 5e3, true], AllowTraffic: [5e3, 161e3, false] },
    end: [161e3, "stopped", "ALARM_ACTIVE"],
    rollback: 162e3,
  },
  "after-hook-fails": {
    phases: { AllowTraffic: [1e3, 301e3, true], AfterAllowTraffic: [302e3, 310e3, false] },
    end: [311e3, "failed", "HOOK_EXECUTION_FAILURE"],
    rollback: 312e3,
  },
  drift: {
    phases: { AllowTraffic: [1e3, 2e3, false] },
    end: [2e3, "failed", "INVALID_LAMBDA_CONFIGURATION"],
    rollback: 3e3,
  },
  "stopped-before-traffic": {
    phases: { BeforeAllowTraffic: [1e3, 50e3, false] },
    end: [50e3, "stopped", "MANUAL_STOP"],
  },
};

const ROLLBACK_MS = 2_000;

export type Story = {
  id: string;
  rollbackId: string;
  startAt: number;
  endAt: number;
  events: readonly { deploymentId: string; at: number }[];
};

/** The story and the ports through which it is seen; `clock.at` is set by the test. */
export const tellStory = (kind: StoryKind, number = 1) => {
  const plan = PLANS[kind];
  const [id, rollbackId] = [`d-STORY${number}`, `d-BACK${number}`];
  const clock = { at: START };
  const since = (ms: number): number => START + ms;
  const isPast = (ms: number): boolean => clock.at >= since(ms);
  const [endMs, result, code] = plan.end;
  const stops: string[] = [];
  const answers: { executionId: string; verdict: string }[] = [];

  const base = {
    application: "shop",
    deploymentGroup: "checkout",
    deploymentConfig: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
  };

  const main = (): Snapshot => ({
    ...base,
    id,
    function: SHIFT,
    hooks: HOOKS,
    creator: "user",
    createdAt: START,
    phases: Object.fromEntries(
      Object.entries(plan.phases)
        .filter(([, [from]]) => isPast(from))
        .map(([phase, [from, to, ok]]) => [
          phase,
          { startedAt: since(from), ...(isPast(to) && { endedAt: since(to) }), ok: isPast(to) && ok },
        ]),
    ),
    ...(isPast(endMs) && {
      end: { result, at: since(endMs), ...(code !== undefined && { code, message: `ended by ${code}` }) },
    }),
    ...(plan.rollback !== undefined && isPast(plan.rollback) && { rolledBackBy: rollbackId }),
  });

  const back = (rollbackMs: number): Snapshot => ({
    ...base,
    id: rollbackId,
    deploymentConfig: "CodeDeployDefault.LambdaAllAtOnce",
    function: { ...SHIFT, from: "2", to: "1" },
    hooks: {},
    creator: "codeDeployRollback",
    createdAt: since(rollbackMs),
    phases: {},
    ...(isPast(rollbackMs + ROLLBACK_MS) && {
      end: { result: "succeeded", at: since(rollbackMs + ROLLBACK_MS) },
    }),
    rollbackOf: id,
  });

  const deployer: Deployer = {
    read: async (deploymentId) => {
      if (deploymentId === id) return main();
      if (deploymentId === rollbackId && plan.rollback !== undefined && isPast(plan.rollback))
        return back(plan.rollback);
      return "unknown";
    },
    runningIds: async () => (isPast(endMs) ? [] : [id]),
    idsSince: async () => [id, ...(plan.rollback !== undefined && isPast(plan.rollback) ? [rollbackId] : [])],
    stop: async (deploymentId) => {
      stops.push(deploymentId);
      return isPast(endMs) ? "already-over" : "stopping";
    },
    startRollback: async () => "busy",
    answerHook: async ({ executionId, verdict }) => {
      if (answers.some((answer) => answer.executionId === executionId)) return "closed";
      answers.push({ executionId, verdict });
      return "accepted";
    },
  };

  const routing = (): Routing => {
    const shift = plan.phases.AllowTraffic;
    const hasMoved = shift !== undefined && kind !== "drift" && isPast(shift[0]);
    const isBack = plan.rollback !== undefined && isPast(plan.rollback + ROLLBACK_MS);
    if (!hasMoved || isBack) return { version: "1", revision: "r" };
    if (shift[2] && isPast(shift[1])) return { version: "2", revision: "r" };
    return { version: "1", split: { version: "2", percent: 10 }, revision: "r" };
  };
  const router: Router = {
    read: async () => routing(),
    version: async (_name, version) => ({ codeSha256: `sha-of-${version}` }),
    pin: async () => "pinned",
  };

  const happenings = [
    { deploymentId: id, at: START },
    { deploymentId: id, at: since(endMs) },
    ...(plan.rollback === undefined
      ? []
      : [
          { deploymentId: rollbackId, at: since(plan.rollback) },
          { deploymentId: rollbackId, at: since(plan.rollback + ROLLBACK_MS) },
        ]),
  ];
  const story: Story = {
    id,
    rollbackId,
    startAt: START,
    endAt: since(Math.max(endMs, (plan.rollback ?? 0) + ROLLBACK_MS)),
    events: happenings,
  };
  return { story, clock, deployer, router, stops, answers };
};

export const STORIES = Object.keys(PLANS) as StoryKind[];
