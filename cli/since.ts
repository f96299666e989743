/** How far back to look: `90d`, `36h`, `8w`, or a date. */
import { InvalidArgumentError } from "commander";
import { InputError } from "../lib/kit/errors.ts";
import { DAY_MS, HOUR_MS } from "../lib/kit/time.ts";

const UNITS_MS = { h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const;
const SPAN = /^(\d{1,5})([hdw])$/;
const DATE = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/;

export type Since = (now: number) => number;

/** A parser for commander: gives the instant (epoch ms) when told what now is. */
export const sinceOf = (text: string): Since => {
  const [, count, unit] = SPAN.exec(text) ?? [];
  if (count !== undefined && unit !== undefined)
    return (now) => now - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  const at = DATE.test(text) ? Date.parse(text) : Number.NaN;
  // 30 February parses, as 2 March.
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(text.slice(0, 10)))
    throw new InvalidArgumentError('It must be like "90d", "36h", "8w" or "2026-08-01".');
  return (now) => {
    if (at > now) throw new InputError(`${text} has not come yet`);
    return at;
  };
};
