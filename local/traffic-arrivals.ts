/** When calls arrive and what they carry: a Poisson process whose rate follows the model's phases. */
import type { TrafficModel } from "./traffic-model.ts";
import type { Random } from "./world.ts";

export type Call = { at: number; payload: string };

export type Arrivals = {
  /** All calls not yet given that fall before `at`, in order of time. */
  before(at: number): Call[];
};

type Phase = { fromAt: number; untilAt: number; perSecond: number; inputs: readonly Input[]; weight: number };
type Input = { payload: string; weight: number };

const phasesOf = (model: TrafficModel, setAt: number): Phase[] =>
  model.phases.map((phase, index) => {
    const inputs = phase.inputs.map(({ payload, weight }) => ({ payload: JSON.stringify(payload), weight }));
    return {
      fromAt: setAt + phase.afterMs,
      untilAt: setAt + (model.phases[index + 1]?.afterMs ?? Number.POSITIVE_INFINITY),
      perSecond: phase.callsPerSecond ?? model.callsPerSecond,
      inputs,
      weight: inputs.reduce((sum, input) => sum + input.weight, 0),
    };
  });

const draw = (phase: Phase, random: Random): string => {
  let rest = random.next() * phase.weight;
  for (const { payload, weight } of phase.inputs) {
    rest -= weight;
    if (rest < 0) return payload;
  }
  return phase.inputs.at(-1)?.payload ?? "null";
};

/** The process has no memory, so that at a phase's end the next gap is simply drawn anew with the next rate. */
export const createArrivals = (model: TrafficModel, setAt: number, random: Random): Arrivals => {
  const phases = phasesOf(model, setAt);
  let cursor = setAt;

  const next = (): { at: number; phase: Phase | undefined } => {
    let at = cursor;
    for (;;) {
      const phase = phases.find(({ fromAt, untilAt }) => at >= fromAt && at < untilAt);
      const later = phases.find(({ fromAt }) => fromAt > at)?.fromAt ?? Number.POSITIVE_INFINITY;
      const gap =
        phase === undefined || phase.perSecond <= 0
          ? Number.POSITIVE_INFINITY
          : (-Math.log(1 - random.next()) / phase.perSecond) * 1000;
      if (at + gap < later) return { at: at + gap, phase };
      if (later === Number.POSITIVE_INFINITY) return { at: later, phase: undefined };
      at = later;
    }
  };

  let pending: ReturnType<typeof next> | undefined;
  return {
    before: (at) => {
      const calls: Call[] = [];
      pending ??= next();
      while (pending.at < at) {
        const { phase } = pending;
        if (phase !== undefined) calls.push({ at: Math.floor(pending.at), payload: draw(phase, random) });
        cursor = pending.at;
        pending = next();
      }
      return calls;
    },
  };
};
