/** Every judge on the table, by the name it has there. The first is ours, the last the limit. */

import { ALPHA_DEFAULT } from "../../lib/judge/judge.ts";
import type { BenchJudge } from "./bench-judge.ts";
import { bellwether } from "./ours.ts";
import { anyErrorAlarm, argo, flagger, kayentaEachMinute, kayentaOnce, rateAlarm } from "./rivals/rules.ts";
import { allKnowing, exactEachMinute, exactOnce, plainMixture } from "./rivals/sequential.ts";

export const OURS = "Bellwether";
export const LIMIT = "all-knowing SPRT (the limit)";

/** The all-knowing test's own error rate. */
const LIMIT_ALPHA = 0.01;
/** One hour of a day of history. */
const HOUR = 1 / 24;

export const JUDGES: readonly (readonly [name: string, judge: BenchJudge])[] = [
  [OURS, bellwether(ALPHA_DEFAULT, 1)],
  [`${OURS}, an hour of history`, bellwether(ALPHA_DEFAULT, HOUR)],
  [`${OURS}, no history`, bellwether(ALPHA_DEFAULT, 0)],
  [`${OURS}, alpha 1 %`, bellwether(0.01, 1)],
  ["plain mixture, 5 %, cap 5", plainMixture(0.05, 5)],
  ["exact test each minute, 1 %", exactEachMinute(0.01)],
  ["exact test once, 1 %", exactOnce(0.01)],
  ["Kayenta each minute", kayentaEachMinute],
  ["Kayenta once", kayentaOnce],
  ["Errors >= 1 alarm (CodeDeploy)", anyErrorAlarm],
  ["error rate > 1 % twice (alarm)", rateAlarm],
  ["Argo, failureLimit 0", argo(0)],
  ["Argo, failureLimit 3", argo(3)],
  ["Flagger, threshold 5", flagger],
  [LIMIT, allKnowing(LIMIT_ALPHA)],
];
