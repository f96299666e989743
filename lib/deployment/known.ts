/** The facts of one deployment, laid out by kind: what is known, in the order it happened. */
import { assert } from "../kit/errors.ts";
import type { Fact, FactBody, FactOf, Passage } from "./fact.ts";

export type Known = {
  described: FactOf<"described">;
  policed?: FactOf<"policed">;
  entered: Partial<Record<Passage, number>>;
  ended?: FactOf<"ended">;
  weighed: readonly FactOf<"weighed">[];
  checked: readonly FactOf<"checked">[];
  judged: readonly FactOf<"judged">[];
  exposed?: FactOf<"exposed">;
  alarmed: readonly FactOf<"alarmed">[];
  /** Who wanted it taken back first, and when it was last wanted: a person may ask again after it failed. */
  asked?: FactOf<"rollback-asked">;
  lastAskedAt?: number;
  began: readonly FactOf<"rollback-began">[];
  restored?: FactOf<"restored">;
  rollbackFailed?: FactOf<"rollback-failed">;
  baked?: FactOf<"baked">;
  acknowledged: readonly FactOf<"acknowledged">[];
};

const byTime = (left: Fact, right: Fact): number =>
  left.at - right.at || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);

/** The latest look, by its time, that stored what it saw. */
export const lastLook = (
  looks: readonly Fact[],
): (FactOf<"judged"> & { input: NonNullable<FactOf<"judged">["input"]> }) | undefined =>
  [...looks]
    .sort(byTime)
    .flatMap((look) =>
      look.kind === "judged" && look.input !== undefined ? [{ ...look, input: look.input }] : [],
    )
    .at(-1);

/** Lays out a set of facts; needs the `described` one. */
export const knownFrom = (facts: readonly Fact[]): Known => {
  const inOrder = [...facts].sort(byTime);
  const all = <K extends FactBody["kind"]>(kind: K): FactOf<K>[] =>
    inOrder.filter((each): each is FactOf<K> => each.kind === kind);
  const described = all("described")[0];
  assert(described !== undefined, "a deployment's facts must hold its description");
  const [policed, ended, asked, restored, rollbackFailed, baked] = [
    all("policed")[0],
    all("ended")[0],
    all("rollback-asked")[0],
    all("restored")[0],
    all("rollback-failed")[0],
    all("baked")[0],
  ];
  const exposed = all("exposed").at(-1);
  const lastAsked = all("rollback-asked").at(-1);
  return {
    described,
    ...(policed && { policed }),
    entered: Object.fromEntries(all("entered").map((each) => [each.passage, each.at])),
    ...(ended && { ended }),
    weighed: all("weighed"),
    checked: all("checked"),
    judged: all("judged"),
    ...(exposed && { exposed }),
    alarmed: all("alarmed"),
    ...(asked && { asked }),
    ...(lastAsked && { lastAskedAt: lastAsked.at }),
    began: all("rollback-began"),
    ...(restored && { restored }),
    ...(rollbackFailed && { rollbackFailed }),
    ...(baked && { baked }),
    acknowledged: all("acknowledged"),
  };
};

/** CodeDeploy refused to move the alias: it never carried the canary, whatever the lifecycle says. */
const REFUSED_BEFORE_SHIFT = "INVALID_LAMBDA_CONFIGURATION";

/** Whether calls can have reached the canary version. */
export const hasMovedTraffic = (known: Known): boolean =>
  known.entered.SHIFTING !== undefined && known.ended?.code !== REFUSED_BEFORE_SHIFT;

/** CloudFormation takes a stack back by deployments of its own; they are no more judged than CodeDeploy's. */
export const isRollback = (known: Known): boolean =>
  known.described.rollbackOf !== undefined || known.described.creator === "CloudFormationRollback";

/** When the canary stopped sharing traffic with the baseline: at 100 %, or at the end. */
export const shiftEndOf = (known: Known): number | undefined => known.entered.FULL_TRAFFIC ?? known.ended?.at;

/** Somebody or something wants all traffic back on the baseline, and it is not there yet. */
export const isRollingBack = (known: Known): boolean =>
  !isRollback(known) &&
  known.restored === undefined &&
  (known.rollbackFailed === undefined || (known.lastAskedAt ?? 0) > known.rollbackFailed.at) &&
  (known.asked !== undefined ||
    known.began.length > 0 ||
    (known.ended !== undefined && known.ended.result !== "succeeded" && hasMovedTraffic(known)));
