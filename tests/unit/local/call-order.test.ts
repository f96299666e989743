import { describe, expect, it } from "vitest";
import { createCallOrder } from "../../../local/call-order.ts";

/** Lets calls arrive in this order; answers the order in which they had their turns. */
const turnsOf = async (...names: readonly (string | undefined)[]): Promise<(string | undefined)[]> => {
  const order = createCallOrder();
  const had: (string | undefined)[] = [];
  await Promise.all(
    names.map(async (name) => {
      const leave = await order.turn(name);
      had.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      leave();
      leave();
    }),
  );
  return had;
};

describe("calls of one worker", () => {
  it("have their turns in the order they were made, however they arrive", async () => {
    expect(await turnsOf("w/3", "w/1", "w/4", "w/2")).toEqual(["w/1", "w/2", "w/3", "w/4"]);
  });

  it("do not wait for ever for one that never comes, nor for those of others", async () => {
    expect(await turnsOf("a/1", "a/3", "b:1/1", "a/4")).toEqual(["a/1", "b:1/1", "a/3", "a/4"]);
  });

  it("that come too late come at once, and calls without a name need no turn", async () => {
    expect(await turnsOf("w/5", undefined)).toEqual([undefined, "w/5"]);
    const order = createCallOrder();
    (await order.turn("w/1"))();
    (await order.turn("w/2"))();
    (await order.turn("w/1"))();
  });
});
