/** A CodeDeploy that reacts: stopping a deployment starts its rollback, which reaches the alias two seconds later. */
import { markedRollbackOf, rollbackMark, type Snapshot } from "../../lib/deployment/snapshot.ts";
import type { Deployer } from "../../lib/ports/deployer.ts";
import type { Router, Routing } from "../../lib/ports/router.ts";
import { HOOKS, SHIFT } from "./stories.ts";

export const START = Date.UTC(2026, 0, 5, 12, 0, 0);
const ROLLBACK_MS = 2_000;

export type Behaviour = {
  /** All traffic moved at this many ms after the start, and CodeDeploy was done; absent: a canary that is still shifting. */
  fullTrafficMs?: number;
  /** CodeDeploy stops without taking anything back. */
  hasNoAutoRollback?: boolean;
  /** The rollback never reaches the alias. */
  isStuck?: boolean;
};

export const reactiveCodedeploy = (behaviour: Behaviour = {}) => {
  const clock = { at: START };
  const starts: string[] = [];
  const pins: string[] = [];
  let stoppedAt: number | undefined;
  let pinnedAt: number | undefined;
  let back: { id: string; at: number; description?: string } | undefined;

  const fullAt = behaviour.fullTrafficMs === undefined ? undefined : START + behaviour.fullTrafficMs;
  const isFull = (): boolean => fullAt !== undefined && clock.at >= fullAt && stoppedAt === undefined;
  const isBack = (): boolean =>
    pinnedAt !== undefined || (!behaviour.isStuck && back !== undefined && clock.at >= back.at + ROLLBACK_MS);
  const base = {
    application: "shop",
    deploymentGroup: "checkout",
    deploymentConfig: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
  };

  const main = (): Snapshot => ({
    ...base,
    id: "d-MAIN",
    function: SHIFT,
    hooks: HOOKS,
    creator: "user",
    createdAt: START,
    phases: {
      AllowTraffic: {
        startedAt: START + 1_000,
        ...(isFull() && fullAt !== undefined && { endedAt: fullAt }),
        ok: isFull(),
      },
    },
    ...(stoppedAt !== undefined && {
      end: { result: "stopped", at: stoppedAt, code: "MANUAL_STOP", message: "stopped" },
    }),
    ...(isFull() && fullAt !== undefined && { end: { result: "succeeded", at: fullAt } }),
    ...(back !== undefined && back.description === undefined && { rolledBackBy: back.id }),
  });

  const rollback = (begun: { id: string; at: number; description?: string }): Snapshot => {
    const of = markedRollbackOf(begun.description) ?? "d-MAIN";
    return {
      ...base,
      id: begun.id,
      function: { ...SHIFT, from: "2", to: "1" },
      hooks: {},
      creator: begun.description === undefined ? "codeDeployRollback" : "user",
      ...(begun.description !== undefined && { description: begun.description }),
      createdAt: begun.at,
      phases: {},
      ...(isBack() && { end: { result: "succeeded", at: begun.at + ROLLBACK_MS } }),
      rollbackOf: of,
    };
  };

  const begin = (description?: string): string => {
    back ??= { id: "d-BACK", at: clock.at, ...(description !== undefined && { description }) };
    starts.push(back.id);
    return back.id;
  };

  const deployer: Deployer = {
    read: async (id) => {
      if (id === "d-MAIN") return main();
      return back?.id === id ? rollback(back) : "unknown";
    },
    runningIds: async () => [
      ...(main().end === undefined ? ["d-MAIN"] : []),
      ...(back !== undefined && !isBack() ? [back.id] : []),
    ],
    idsSince: async () => ["d-MAIN", ...(back === undefined ? [] : [back.id])],
    stop: async () => {
      if (main().end !== undefined) return "already-over";
      stoppedAt = clock.at;
      if (!behaviour.hasNoAutoRollback) begin();
      return "stopping";
    },
    startRollback: async (order) =>
      back !== undefined && !isBack() ? "busy" : { deploymentId: begin(rollbackMark(order.of)) },
    answerHook: async () => "accepted",
  };

  const routing = (): Routing => {
    if (isBack()) return { version: "1", revision: "r" };
    if (fullAt !== undefined && clock.at >= fullAt) return { version: "2", revision: "r" };
    return { version: "1", split: { version: "2", percent: 10 }, revision: "r" };
  };
  const router: Router = {
    read: async () => routing(),
    version: async (_name, version) => ({ codeSha256: `sha-of-${version}` }),
    pin: async (_name, _alias, version) => {
      pins.push(version);
      pinnedAt = clock.at;
      return "pinned";
    },
  };
  return { clock, deployer, router, starts, pins };
};
