import { expect, test } from "vitest";
import { fact } from "../../../lib/deployment/fact.ts";
import * as r from "../../fakes/records.ts";

test("a hook that looks at part of a shift, a moment after all of it was judged, does not take the pass away", () => {
  const judgedToTheEnd = r.judged(330, r.LIKE, true);
  const hookLooked = r.judged(331, r.FEW, false);
  const baked = fact(r.after(620), { kind: "baked" });
  const { status, outcome } = r.recordOf([...r.SHIFTED, judgedToTheEnd, hookLooked, baked]);
  expect(status).toBe("SUCCEEDED");
  expect(outcome).toMatchObject({ verdict: "pass", cause: "completed" });
  expect(outcome?.why).toMatch(/^No worse: /);
});
