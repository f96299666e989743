/**
 * The life of a deployment on the account's clock: Created → InProgress → BeforeAllowTraffic → AllowTraffic →
 * AfterAllowTraffic → Succeeded, or Failed or Stopped from anywhere, and the rollback that may follow.
 */
import type { Account } from "../account.ts";
import type { Timer } from "../world.ts";
import { alarmProblem, POLL_MS } from "./alarm-poll.ts";
import { type Routing, stepsOf } from "./configs.ts";
import { HOOK_TIMEOUT_MS, startHook } from "./hooks.ts";
import { moveTo, startProblem } from "./move.ts";
import type { MoveFaults } from "./move-faults.ts";
import { emitState, runTriggers } from "./notify.ts";
import { hookFailed, hookSilent, MANUAL_STOP } from "./problems.ts";
import { register } from "./revisions.ts";
import { createRollback, type EndCause, wantsRollback } from "./rollback.ts";
import {
  applicationOf,
  type Deployment,
  isOver,
  type LifecycleEvent,
  type LifecycleName,
  type Problem,
  refusal,
  type Store,
} from "./state.ts";

/** Measured on real deployments: Stopped 0.73 s after creation under an alarm, rollback done about 2 s after the stop. */
const START_DELAY_MS = 300;
const FIRST_POLL_MS = 400;
const FIRST_EVENT_MS = 700;
const BETWEEN_EVENTS_MS = 500;
const STOP_DELAY_MS = 1_000;

export type Lifecycle = {
  /** Takes on a created deployment. */
  begin(deployment: Deployment): void;
  /** A hook's report; throws InvalidLifecycleEventHookExecutionId or LifecycleEventAlreadyCompleted. */
  report(deployment: Deployment, executionId: string, isSuccess: boolean): void;
  /** The deployment stops a moment later. */
  stop(deployment: Deployment, rollsBack: boolean | undefined): void;
};

type Parts = { account: Account; store: Store; faults: MoveFaults; routingOf(configName: string): Routing };
type Ending = { status: "Succeeded" } | { status: "Failed" | "Stopped"; problem: Problem; cause: EndCause };

const EVENT_STATES = { Succeeded: "SUCCESS", Failed: "FAILURE", Stopped: "STOP" } as const;

export const createLifecycle = ({ account, store, faults, routingOf }: Parts): Lifecycle => {
  const later = (
    deployment: Deployment,
    delayMs: number,
    what: string,
    run: () => Promise<void> | void,
  ): Timer => {
    const timer = account.world.at(
      account.world.now() + delayMs,
      `deployment ${deployment.id}: ${what}`,
      run,
    );
    deployment.timers.push(timer);
    return timer;
  };

  const eventOf = (deployment: Deployment, name: LifecycleName): LifecycleEvent => {
    const event = deployment.events.find((one) => one.name === name);
    if (event === undefined) throw new Error(`deployment ${deployment.id} has no event ${name}`);
    return event;
  };

  const mark = (deployment: Deployment, event: LifecycleEvent, status: LifecycleEvent["status"]): void => {
    event.status = status;
    if (status === "InProgress") event.startedAt = account.world.now();
    if (status === "Succeeded" || status === "Failed") event.endedAt = account.world.now();
    deployment.updatedAt = account.world.now();
  };

  /** The running event fails, those to come are skipped. */
  const closeEvents = (deployment: Deployment): void => {
    for (const event of deployment.events) {
      if (event.status === "InProgress") mark(deployment, event, "Failed");
      else if (event.status === "Pending") mark(deployment, event, "Skipped");
    }
  };

  const end = (deployment: Deployment, ending: Ending): void => {
    if (isOver(deployment)) return;
    for (const timer of deployment.timers) timer.cancel();
    deployment.timers = [];
    if (ending.status !== "Succeeded") closeEvents(deployment);
    deployment.status = ending.status;
    deployment.completedAt = account.world.now();
    deployment.updatedAt = account.world.now();
    if (ending.status === "Succeeded") deployment.group.lastSuccessful = deployment;
    else deployment.error = ending.problem;
    const rollback =
      ending.status !== "Succeeded" && wantsRollback(deployment, ending.cause)
        ? createRollback(account, deployment)
        : undefined;
    emitState(account, deployment, EVENT_STATES[ending.status]);
    runTriggers(account, deployment);
    if (rollback !== undefined) begin(rollback);
  };

  const fail = (deployment: Deployment, problem: Problem): void =>
    end(deployment, { status: "Failed", problem, cause: { kind: "failure" } });

  const finishEvent = (deployment: Deployment, name: LifecycleName): void => {
    mark(deployment, eventOf(deployment, name), "Succeeded");
    const next = deployment.events.find((event) => event.status === "Pending");
    later(deployment, BETWEEN_EVENTS_MS, `after ${name}`, () =>
      next === undefined ? end(deployment, { status: "Succeeded" }) : enter(deployment, next.name),
    );
  };

  const runHook = (deployment: Deployment, name: "BeforeAllowTraffic" | "AfterAllowTraffic"): void => {
    const hook = deployment.spec.hooks[name];
    if (hook === undefined) {
      finishEvent(deployment, name);
      return;
    }
    const problem = startHook(account, deployment, name, hook);
    if (problem !== undefined) {
      fail(deployment, problem);
      return;
    }
    later(deployment, HOOK_TIMEOUT_MS, `${name} has been silent for an hour`, () => {
      if (eventOf(deployment, name).status === "InProgress") fail(deployment, hookSilent(name));
    });
  };

  /** Calls that came before the move are answered with the weights they met. */
  const move = async (deployment: Deployment, percent: number): Promise<void> => {
    await account.traffic.settle(account.world.now());
    if (isOver(deployment)) return;
    const problem = moveTo(account, faults, deployment, percent);
    if (problem !== undefined) fail(deployment, problem);
    else if (percent >= 100) finishEvent(deployment, "AllowTraffic");
  };

  const allowTraffic = (deployment: Deployment): void => {
    const problem = startProblem(account, deployment);
    if (problem !== undefined) {
      fail(deployment, problem);
      return;
    }
    for (const { afterMs, percent } of stepsOf(routingOf(deployment.configName)))
      later(deployment, afterMs, `traffic to ${percent} %`, () => move(deployment, percent));
  };

  const enter = (deployment: Deployment, name: LifecycleName): void => {
    mark(deployment, eventOf(deployment, name), "InProgress");
    if (name === "AllowTraffic") allowTraffic(deployment);
    else runHook(deployment, name);
  };

  const poll = (deployment: Deployment): void => {
    const problem = alarmProblem(account, deployment);
    if (problem === undefined) later(deployment, POLL_MS, "alarms are polled", () => poll(deployment));
    else end(deployment, { status: "Stopped", problem, cause: { kind: "alarm" } });
  };

  const start = (deployment: Deployment): void => {
    deployment.status = "InProgress";
    deployment.startedAt = account.world.now();
    deployment.updatedAt = account.world.now();
    emitState(account, deployment, "START");
    runTriggers(account, deployment);
    if (deployment.rollsBack === undefined)
      later(deployment, FIRST_POLL_MS, "alarms are polled", () => poll(deployment));
    const first = deployment.events.find((event) => event.status === "Pending");
    if (first !== undefined)
      later(deployment, FIRST_EVENT_MS, first.name, () => enter(deployment, first.name));
  };

  const begin = (deployment: Deployment): void => {
    const { group } = deployment;
    store.deployments.set(deployment.id, deployment);
    group.lastAttempted = deployment;
    const revision = register(
      applicationOf(store, group.applicationName),
      deployment.revision,
      account.world.now(),
    );
    revision.firstUsedAt ??= account.world.now();
    revision.lastUsedAt = account.world.now();
    revision.groups.add(group.name);
    runTriggers(account, deployment);
    later(deployment, START_DELAY_MS, "starts", () => start(deployment));
  };

  const report: Lifecycle["report"] = (deployment, executionId, isSuccess) => {
    const name = deployment.hooks.get(executionId);
    if (name === undefined)
      throw refusal(
        "InvalidLifecycleEventHookExecutionId",
        "The lifecycle event hook execution ID is not valid.",
      );
    const event = eventOf(deployment, name);
    if (isOver(deployment) || event.status !== "InProgress")
      throw refusal("LifecycleEventAlreadyCompleted", "The lifecycle event has already completed.");
    if (isSuccess) {
      finishEvent(deployment, name);
      return;
    }
    mark(deployment, event, "Failed");
    later(deployment, BETWEEN_EVENTS_MS, `${name} failed`, () => fail(deployment, hookFailed(name)));
  };

  const stop: Lifecycle["stop"] = (deployment, asked) => {
    if (deployment.isStopRequested) return;
    deployment.isStopRequested = true;
    later(deployment, STOP_DELAY_MS, "stops", () =>
      end(deployment, { status: "Stopped", problem: MANUAL_STOP, cause: { kind: "request", asked } }),
    );
  };

  return { begin, report, stop };
};
