/** A scheduled EventBridge event: the only thing in it that matters is the time, and all windows are computed from it. */
import * as z from "zod/mini";
import { InputError } from "../kit/errors.ts";
import { parseTime } from "../kit/time.ts";
import { parse } from "./refuse.ts";

const Scheduled = z.object({
  source: z.literal("aws.events"),
  "detail-type": z.literal("Scheduled Event"),
  time: z.string(),
});

export const scheduledAt = (raw: unknown): number => {
  const event = parse(Scheduled, raw, "a scheduled event");
  const at = parseTime(event.time);
  if (at === undefined) throw new InputError(`not a scheduled event: time is ${event.time}`);
  return at;
};
