import type { Reporter, TestModule } from "vitest/node";

type Tally = { passed: number; failed: number; skipped: number };

/** A file that fails before its tests are known counts as one failure. */
const tallyOf = (modules: readonly TestModule[], unhandled: number): Tally => {
  const tally: Tally = { passed: 0, failed: unhandled, skipped: 0 };
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    tally.passed += states.filter((state) => state === "passed").length;
    tally.failed += states.filter((state) => state === "failed").length;
    tally.skipped += states.filter((state) => state === "skipped").length;
    if (module.state() === "failed" && !states.includes("failed")) tally.failed += 1;
  }
  return tally;
};

/** `N passed, N failed`, and `, N skipped` when some were. */
export const plainLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

/** Closes the run with one plain line: after everything else, the coverage table too, which comes once reporters are done. */
export default class PlainLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const line = plainLine(tallyOf(modules, unhandled.length));
    process.once("exit", () => process.stdout.write(`${line}\n`));
  }
}
