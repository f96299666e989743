import { describe, expect, it } from "vitest";
import { median } from "../../../bench/cold/import-time.ts";
import { plainLine } from "../../support/reporter.ts";

describe("the closing line of a test run", () => {
  it("names what passed and failed, and what was skipped only when something was", () => {
    expect(plainLine({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
    expect(plainLine({ passed: 1, failed: 2, skipped: 3 })).toBe("1 passed, 2 failed, 3 skipped");
  });
});

describe("a median", () => {
  it("is the middle one, or the middle of the two middle ones", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 9, 2])).toBe(3);
  });
});
