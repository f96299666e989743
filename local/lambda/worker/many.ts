/** Makes many calls in one go, each in its own time: timers fire without asking the host. */
import type { Clock } from "./clock.ts";
import type { Outcome } from "./messages.ts";
import type { CallResult, Many } from "./messages.ts";
import { type InFlight, turn } from "./in-flight.ts";
import { untilQuiet } from "./quiet.ts";
import type { Timers } from "./timers.ts";

/** Microtask turns within which most handlers answer; beyond them the event loop takes a turn. */
const MICROTASK_TURNS = 12;

type Call = (index: number, deadlineAt: number) => Promise<Outcome>;

const isNever = (): boolean => false;

/** Runs the timers of one call until it answers, or until its deadline. */
const settle = async (
  timers: Timers,
  clock: Clock,
  inFlight: InFlight,
  deadlineAt: number,
  isSettled: () => boolean,
): Promise<void> => {
  for (let hop = 0; hop < MICROTASK_TURNS && !isSettled(); hop += 1) await null;
  while (!isSettled()) {
    if (inFlight.count() > 0) await untilQuiet(inFlight, isSettled);
    else await turn();
    if (isSettled()) return;
    if (timers.nextAt() === Number.POSITIVE_INFINITY) await untilQuiet(inFlight, isSettled);
    if (isSettled()) return;
    const next = Math.max(timers.nextAt(), clock.now());
    clock.set(Math.min(next, deadlineAt));
    if (next >= deadlineAt) return;
    timers.fireOne();
  }
};

/**
 * `call` starts the call of an index. Results are pushed to `results` as they come, so that they survive the process.
 * A call that runs into its deadline loses its timers; its process goes on, unlike Lambda's, to spare a start a call.
 */
export const runMany = async (
  many: Many,
  tools: { clock: Clock; timers: Timers; inFlight: InFlight },
  call: Call,
  results: CallResult[],
): Promise<void> => {
  const { clock, timers, inFlight } = tools;
  for (const [index, { at }] of many.calls.entries()) {
    const [deadlineAt, made] = [at + many.timeoutMs, timers.made()];
    let outcome: Outcome | undefined;
    clock.set(at);
    call(index, deadlineAt).then((answer) => {
      outcome = answer;
    }, isNever);
    await settle(timers, clock, inFlight, deadlineAt, () => outcome !== undefined);
    const durationMs = clock.now() - at;
    if (outcome === undefined) {
      timers.forget(made);
      results.push({ ok: false, durationMs: many.timeoutMs, errorType: "Sandbox.Timedout" });
    } else if (outcome.ok) results.push({ ok: true, durationMs });
    else results.push({ ok: false, durationMs, errorType: outcome.error.errorType });
  }
  clock.set(undefined);
};
