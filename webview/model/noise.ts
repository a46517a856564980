import type { Trial } from '../../src/core/sweep/result';

export interface NoiseScale {
  /** In samples. */
  readonly value: number;
  /** 95%, in samples. */
  readonly interval: readonly [number, number] | null;
  /** @see noisePointSchema */
  readonly approximate: boolean;
}

/** The gradient noise scale that the reasons name (src/core): that of the first trial with one. */
export function noiseOf(trials: readonly Trial[]): NoiseScale | null {
  const trial = trials.find(({ gradientNoiseScale }) => gradientNoiseScale !== null);
  const value = trial?.gradientNoiseScale ?? null;
  if (!trial || value === null) return null;
  // A value taken from several measurements has the interval of none of them.
  const own = trial.noise.find((point) => Math.abs(point.value / value - 1) < 0.01);
  return {
    value,
    interval: own ? [own.low, own.high] : null,
    approximate: trial.noise.some(({ approximate }) => approximate),
  };
}
