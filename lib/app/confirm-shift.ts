/** The after hook's check: a last look at all settled minutes of the shift, now that the canary serves everything. */

import { SETTLE_MINUTES_DEFAULT } from "../deployment/next-step.ts";
import { MINUTE_MS, minuteOf } from "../kit/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Check } from "./answer-hook.ts";
import { type JudgePorts, judgeShift } from "./judge-shift.ts";

/** Fails only an enforced policy's worse canary: CodeDeploy then takes it back by itself. The bake time judges the rest. */
export const confirmShift =
  (ports: JudgePorts & { clock: Pick<Clock, "now"> }): Check =>
  async (current) => {
    const now = ports.clock.now();
    const { record, known } = current;
    const fromAt = minuteOf(known.entered.SHIFTING ?? now);
    const untilAt = minuteOf(
      now - (known.policed?.policy?.settleMinutes ?? SETTLE_MINUTES_DEFAULT) * MINUTE_MS,
    );
    if (untilAt <= fromAt)
      return {
        verdict: "skipped",
        why: "no minute of the shift has settled yet; the bake time judges it",
        findings: [],
      };
    const { judgement } = await judgeShift(
      ports,
      current,
      { fromAt, untilAt, isShiftOver: false },
      { at: now, via: "hook" },
    );
    if (judgement.verdict === "fail" && record.mode === "enforce")
      return { verdict: "fail", why: judgement.why, findings: [] };
    // Not convicted is not acquitted: the verdict on the whole shift is the bake time's.
    return { verdict: "skipped", why: `nothing convicts it at 100 %: ${judgement.why}`, findings: [] };
  };
