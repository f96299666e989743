/** Seeded chance, for simulations: the same seed gives the same numbers on any machine. */

/** A uniform number in (0, 1), never an end. */
export type Random = () => number;

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by splitmix-like mixing of two whole numbers. */
export const seeded = (seed: number, stream = 0): Random => {
  let a = seed | 0;
  let b = Math.imul(stream | 0, 0x9e3779b1) ^ 0x243f6a88;
  let c = 0xb7e15162 ^ (seed >>> 7);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return ((sum >>> 0) + 0.5) / 4_294_967_296;
  };
  for (let warm = 0; warm < 16; warm += 1) next();
  return next;
};

/** Standard normal (Box & Muller 1958). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());

const INVERSION_TO = 30;

/** Exact inversion for a small mean; one pass up the probabilities. */
const binomialByInversion = (random: Random, trials: number, chance: number): number => {
  const odds = chance / (1 - chance);
  let term = Math.exp(trials * Math.log1p(-chance));
  let left = random();
  let hits = 0;
  while (left > term && hits < trials) {
    left -= term;
    hits += 1;
    term *= (odds * (trials - hits + 1)) / hits;
  }
  return hits;
};

/** Binomial: exact for a mean below 30, else the rounded normal with a skew term (Cornish & Fisher). */
export const binomial = (random: Random, trials: number, chance: number): number => {
  if (trials <= 0 || chance <= 0) return 0;
  if (chance >= 1) return trials;
  if (chance > 0.5) return trials - binomial(random, trials, 1 - chance);
  const mean = trials * chance;
  if (mean < INVERSION_TO) return binomialByInversion(random, trials, chance);
  const z = normal(random);
  const value = mean + Math.sqrt(mean * (1 - chance)) * z + ((1 - 2 * chance) * (z * z - 1)) / 6;
  return Math.min(trials, Math.max(0, Math.round(value)));
};

/** Poisson, as above. */
export const poisson = (random: Random, mean: number): number => {
  if (mean >= INVERSION_TO) {
    const z = normal(random);
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * z + (z * z - 1) / 6));
  }
  const floor = Math.exp(-mean);
  let product = random();
  let count = 0;
  while (product > floor) {
    product *= random();
    count += 1;
  }
  return count;
};
