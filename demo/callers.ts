/** Who calls the example service, and with what: the events and shares in `examples/checkout`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";

export const CHECKOUT_DIR = join(import.meta.dirname, "..", "examples", "checkout");

export type Input = { payload: unknown; weight: number };

const Shares = z.array(z.object({ event: z.string(), weight: z.number() }));
const Callers = z.object({ callsPerSecond: z.number(), usual: Shares, outage: Shares });

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(CHECKOUT_DIR, file), "utf8"));

const inputsOf = (shares: z.infer<typeof Shares>): Input[] =>
  shares.map(({ event, weight }) => ({ payload: readJson(join("events", event)), weight }));

const callers = Callers.parse(readJson("traffic.json"));

export const CALLS_PER_SECOND = callers.callsPerSecond;
/** Carts as on any day. */
export const USUAL: readonly Input[] = inputsOf(callers.usual);
/** The payment provider answers no call of a part of the carts, whichever version asks. */
export const OUTAGE: readonly Input[] = inputsOf(callers.outage);
/** A day on which nobody has a coupon. */
export const NO_COUPONS: readonly Input[] = inputsOf(
  callers.usual.filter(({ event }) => event !== "with-coupon.json"),
);
