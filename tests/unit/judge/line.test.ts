import { describe, expect, test } from "vitest";
import { judgeLine } from "../../../lib/judge/line.ts";

const bad = { baseline: { total: 5_400, bad: 3 }, canary: { total: 600, bad: 9 } };
const good = { baseline: { total: 5_400, bad: 3 }, canary: { total: 600, bad: 0 } };
const errors = (...minutes: unknown[]): unknown => ({ name: "errors", minutes });

const answer = (line: unknown): Record<string, unknown> => JSON.parse(judgeLine(JSON.stringify(line)));

describe("a line of judge --stream", () => {
  test("is answered with exactly the agreed keys, in order", () => {
    const line = { id: "a1", alpha: 0.01, minHarm: 0.005, signals: [errors(bad, bad, bad)] };
    const judged = answer(line);
    expect(Object.keys(judged)).toEqual(["id", "verdict", "minute", "signal", "evidence", "bar", "why"]);
    expect(judged).toMatchObject({ id: "a1", verdict: "fail", signal: "errors", bar: 100 });
  });

  test("carries a reason only when it is inconclusive", () => {
    expect(answer({ id: 7, signals: [errors(...Array.from({ length: 10 }, () => good))] })).toMatchObject({
      id: 7,
      verdict: "pass",
    });
    expect(answer({ id: 7, signals: [errors(good, null)] })).toMatchObject({
      verdict: "inconclusive",
      reason: "could-not-look",
      minute: 2,
    });
    expect(answer({ id: 7, signals: [errors()] })).toMatchObject({ reason: "could-not-look", minute: 0 });
  });

  test("takes history into account", () => {
    const minutes = [0, 1, 0, 1].map((fault) => ({
      baseline: { total: 54, bad: 0 },
      canary: { total: 6, bad: fault },
    }));
    const history = { total: 86_400, bad: 0 };
    expect(answer({ id: "h", signals: [{ name: "errors", minutes, history }] }).verdict).toBe("fail");
    expect(answer({ id: "h", signals: [{ name: "errors", minutes }] }).verdict).toBe("inconclusive");
  });

  test.each([
    ["no JSON", "{", null],
    ["a list", "[]", null],
    ["nothing", "", null],
    ["no id", '{"signals":[]}', null],
    ["no signals", '{"id":"x"}', "x"],
    ["an empty list of signals", '{"id":"x","signals":[]}', "x"],
    ["a key nobody knows", '{"id":"x","signals":[],"sginals":[]}', "x"],
    ["alpha 0", '{"id":"x","alpha":0,"signals":[{"name":"errors","minutes":[]}]}', "x"],
    ["alpha 1", '{"id":"x","alpha":1,"signals":[{"name":"errors","minutes":[]}]}', "x"],
    ["alpha as text", '{"id":"x","alpha":"0.05","signals":[{"name":"errors","minutes":[]}]}', "x"],
    ["minHarm above 1", '{"id":"x","minHarm":1.1,"signals":[{"name":"errors","minutes":[]}]}', "x"],
    ["a signal without a name", '{"id":"x","signals":[{"minutes":[]}]}', "x"],
    [
      "two signals of one name",
      '{"id":"x","signals":[{"name":"e","minutes":[]},{"name":"e","minutes":[]}]}',
      "x",
    ],
    ["minutes that are no list", '{"id":"x","signals":[{"name":"e","minutes":{}}]}', "x"],
    ["a number for a minute", '{"id":"x","signals":[{"name":"e","minutes":[1]}]}', "x"],
  ])("with %s is answered with an error", (_what, line, id) => {
    const answered = JSON.parse(judgeLine(line));
    expect(Object.keys(answered)).toEqual(["id", "error"]);
    expect(answered.id).toBe(id);
  });

  test.each([
    ["negative", { total: 10, bad: -1 }],
    ["fractional", { total: 10.5, bad: 1 }],
    ["more bad than all", { total: 1, bad: 2 }],
    ["text", { total: "10", bad: 1 }],
    ["incomplete", { total: 10 }],
    ["too many keys", { total: 10, bad: 1, good: 9 }],
    ["beyond what a double counts", { total: 1e300, bad: 0 }],
  ])("with counts that are %s is answered with an error that says where", (_what, canary) => {
    const line = { id: "x", signals: [errors(good, { ...good, canary })] };
    expect(answer(line).error).toContain("signals[0].minutes[1].canary");
  });
});
