import { describe, expect, test } from "vitest";
import { recommend } from "../../../lib/traffic/recommend.ts";

/** Sees a rate of 3 bad calls in all the canary's calls, when there are that many. */
const lookAt =
  (callsPerMinute: number) =>
  (weights: readonly number[]): { rate: number } | undefined => {
    const calls = weights.reduce((sum, weight) => sum + weight * callsPerMinute, 0);
    return calls < 3 ? undefined : { rate: 3 / calls };
  };

const recommendAt = (wantedRate: number, callsPerMinute: number) =>
  recommend(
    wantedRate,
    lookAt(callsPerMinute),
    (weights, rate) => (lookAt(callsPerMinute)(weights)?.rate ?? 2) <= rate,
  );

describe("the recommendation", () => {
  test("is the quickest configuration that sees the wanted rate", () => {
    const { best, options } = recommendAt(0.01, 1_000);
    expect(best?.config.name).toBe("CodeDeployDefault.LambdaCanary10Percent5Minutes");
    expect(options).toHaveLength(9);
  });

  test("never is all at once, which sees nothing", () => {
    const { options } = recommendAt(0.5, 1_000);
    expect(options[0]?.config.kind).toBe("all-at-once");
    expect(options[0]).not.toHaveProperty("sight");
  });

  test("is a custom canary when none of the nine sees enough", () => {
    const { best, options } = recommendAt(0.01, 5);
    expect(best?.config.kind).toBe("canary");
    expect(best?.config.name).toBe("LambdaCanary50Percent120Minutes");
    expect(best?.sight?.rate).toBeLessThanOrEqual(0.01);
    expect(options).toHaveLength(10);
  });

  test("is nothing when even two days at half the traffic would not do", () =>
    expect(recommendAt(0.01, 0.001)).not.toHaveProperty("best"));
});
