/** Seeded faults: what goes wrong, where, how often. Each kind counts how often it landed, so that a green run proves something. */
import type { World } from "./world.ts";

export type FaultKind = "throttle" | "error" | "crash-after" | "crash-before" | "drop" | "double" | "delay";

/** A rule applies where all its given fields match. `share` 0–1, default 1; `times` bounds how often it lands; `skip` lets that many matches pass first. */
export type FaultRule = {
  kind: FaultKind;
  /** API calls: service, operation and calling function. Events: `source` and `detailType`. */
  service?: string;
  operation?: string;
  functionName?: string;
  source?: string;
  detailType?: string;
  share?: number;
  times?: number;
  skip?: number;
  fromAt?: number;
  untilAt?: number;
  /** `delay` and `double`: how late, at most. */
  delayMs?: number;
};

export type CallFacts = { service: string; operation: string; functionName?: string };
export type EventFacts = { source: string; detailType: string };

export type Faults = {
  add(rule: FaultRule): void;
  clear(): void;
  /** What befalls this API call, if anything. */
  ofCall(call: CallFacts): "throttle" | "error" | "crash-after" | "crash-before" | undefined;
  /** Delays, in ms, of the copies of this event to deliver: [] is a lost event, [0] a normal one. */
  ofEvent(event: EventFacts): readonly number[];
  /** How often each kind landed. */
  readonly landed: ReadonlyMap<FaultKind, number>;
};

export const createFaults = (world: World): Faults => {
  type Live = FaultRule & { seen: number; done: number };
  let rules: Live[] = [];
  const landed = new Map<FaultKind, number>();
  const random = world.random("faults");

  const lands = (rule: Live, facts: Readonly<Record<string, string | undefined>>): boolean => {
    const fields = ["service", "operation", "functionName", "source", "detailType"] as const;
    if (fields.some((field) => rule[field] !== undefined && rule[field] !== facts[field])) return false;
    const now = world.now();
    if (now < (rule.fromAt ?? -Infinity) || now >= (rule.untilAt ?? Infinity)) return false;
    rule.seen += 1;
    if (rule.seen <= (rule.skip ?? 0) || rule.done >= (rule.times ?? Infinity)) return false;
    if (random.next() >= (rule.share ?? 1)) return false;
    rule.done += 1;
    landed.set(rule.kind, (landed.get(rule.kind) ?? 0) + 1);
    return true;
  };

  return {
    add: (rule) => {
      rules.push({ ...rule, seen: 0, done: 0 });
    },
    clear: () => {
      rules = [];
    },
    ofCall: (call) => {
      for (const rule of rules) {
        const { kind } = rule;
        if (kind === "drop" || kind === "double" || kind === "delay") continue;
        if (lands(rule, call)) return kind;
      }
      return undefined;
    },
    ofEvent: (event) => {
      let copies: number[] = [0];
      for (const rule of rules) {
        if (rule.kind === "drop" && lands(rule, event)) return [];
        if (rule.kind === "double" && lands(rule, event))
          copies = [...copies, random.below((rule.delayMs ?? 5_000) + 1)];
        if (rule.kind === "delay" && lands(rule, event))
          copies = copies.map((late) => late + random.below((rule.delayMs ?? 60_000) + 1));
      }
      return copies;
    },
    landed,
  };
};
