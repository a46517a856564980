import type { Random } from '../../../src/trainer/random/seededRandom';

/** A number drawn from the standard normal distribution (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A factor whose logarithm is normal around 0. */
export function lognormal(random: Random, deviation: number): number {
  return Math.exp(deviation * normal(random));
}
