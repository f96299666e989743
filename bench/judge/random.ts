/** Chance that only the benchmark needs. */
import { normal, type Random } from "../../lib/judge/chance.ts";

/** Gamma with this shape and mean 1 (Marsaglia & Tsang 2000). */
export const gammaMeanOne = (random: Random, shape: number): number => {
  const boosted = shape < 1 ? shape + 1 : shape;
  const d = boosted - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = normal(random);
    const v = (1 + c * z) ** 3;
    if (v <= 0 || Math.log(random()) >= 0.5 * z * z + d - d * v + d * Math.log(v)) continue;
    const value = shape < 1 ? d * v * random() ** (1 / shape) : d * v;
    return value / shape;
  }
};
