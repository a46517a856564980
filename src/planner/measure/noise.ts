import { student } from './stepTimeFit';

/** Squared norms of one step's equal microbatch gradients, at fixed weights. */
export interface NoiseMeasurement {
  readonly microbatchSize: number;
  readonly microbatches: number;
  /** Mean over microbatches of |g_i|². */
  readonly meanSquaredNorm: number;
  /** |mean of g_i|². */
  readonly squaredNormOfMean: number;
  /** Samples trained before; steps that share it were taken at the same weights, one measurement. */
  readonly samples?: number;
}

export interface NoiseScale {
  /** φ = tr(Σ) / |G|² in samples. */
  readonly value: number;
  /** 95% interval. */
  readonly low: number;
  readonly high: number;
}

/** Averages over steps: both parts of the noise scale, |G|² of the whole data set. */
interface NoiseParts {
  readonly squaredGradient: number;
  readonly trace: number;
}

/**
 * |G|² and tr(Σ) of one step with n microbatches of b samples (McCandlish et al., arXiv
 * 1812.06162): `|G|² = (n·T − L)/(n − 1)`, `tr(Σ) = b·(L − T)·n/(n − 1)` with L = mean |g_i|² and
 * T = |mean g|². Both are unbiased where samples are drawn independently. Drawn without
 * replacement from N samples, |G|² comes out too small by tr(Σ)/N: that is added. Null when a norm
 * is not finite.
 */
export function noiseParts(step: NoiseMeasurement, samples: number): NoiseParts | null {
  const { microbatchSize: b, microbatches: n, meanSquaredNorm: l, squaredNormOfMean: t } = step;
  if (!Number.isFinite(l) || !Number.isFinite(t) || n < 2) return null;
  const trace = (b * (l - t) * n) / (n - 1);
  return { squaredGradient: (n * t - l) / (n - 1) + trace / samples, trace };
}

/**
 * The gradient noise scale from many steps: |G|² and tr(Σ) are averaged separately, for the mean of
 * ratios is biased. The interval is of the ratio's logarithm (delta method, Student's t). Null with
 * fewer than three finite steps, and when the interval of |G|² includes 0: then the noise drowns the
 * gradient, and no number of samples is known to be enough.
 *
 * Steps of several measurements, taken as training went on, give the scale over that training, in
 * which each measurement counts by its steps: 1/φ is their mean of |G|²/tr(Σ). So it may be far from
 * the last measurement, which says what the scale is now. (Sums over all steps would be ruled by
 * whichever measurement had the longest gradients; an adaptive optimizer's weights alone change
 * them by orders of magnitude.)
 * @param samples training samples, of which microbatches are drawn without replacement
 */
export function noiseScale(steps: readonly NoiseMeasurement[], samples: number): NoiseScale | null {
  const averages = averagesOf(inUnitsOfTrace(steps, samples));
  if (!averages || averages.gradient - averages.gradientError <= 0) return null;
  const { parts, gradient, trace, t } = averages;
  const variance = squaredError(
    parts,
    (part) => part.trace / trace - part.squaredGradient / gradient,
  );
  const value = trace / gradient;
  const spread = Math.exp(t * Math.sqrt(variance));
  return { value, low: value / spread, high: value * spread };
}

/**
 * What the noise scale is at least, in samples: known also where the noise drowns the gradient, from
 * the upper end of the 95% interval of |G|². Null with fewer than three finite steps.
 */
export function leastNoiseScale(
  steps: readonly NoiseMeasurement[],
  samples: number,
): number | null {
  const averages = averagesOf(inUnitsOfTrace(steps, samples));
  const most = averages ? averages.gradient + averages.gradientError : 0;
  return averages && most > 0 ? averages.trace / most : null;
}

/** Means over steps, and the half-width of the 95% interval of |G|². */
function averagesOf(parts: readonly NoiseParts[]) {
  if (parts.length < 3) return null;
  const gradient = meanOf(parts.map(({ squaredGradient }) => squaredGradient));
  const trace = meanOf(parts.map((part) => part.trace));
  if (trace <= 0) return null;
  const t = student(parts.length - 1);
  const error = Math.sqrt(squaredError(parts, (part) => part.squaredGradient - gradient));
  return { parts, gradient, trace, t, gradientError: t * error };
}

/** Squared standard error of a mean, from its deviations. */
function squaredError(parts: readonly NoiseParts[], deviation: (part: NoiseParts) => number) {
  return meanOf(parts.map((part) => deviation(part) ** 2)) / (parts.length - 1);
}

/** Each step's parts over the mean trace of its measurement, whose unit cancels in φ. */
function inUnitsOfTrace(steps: readonly NoiseMeasurement[], samples: number): NoiseParts[] {
  const measurements = new Map<number | undefined, NoiseParts[]>();
  for (const step of steps) {
    const parts = noiseParts(step, samples);
    if (!parts) continue;
    const own = measurements.get(step.samples);
    if (own) own.push(parts);
    else measurements.set(step.samples, [parts]);
  }
  return [...measurements.values()].flatMap((parts) => {
    const unit = meanOf(parts.map(({ trace }) => trace));
    if (unit <= 0) return [];
    return parts.map(({ squaredGradient, trace }) => ({
      squaredGradient: squaredGradient / unit,
      trace: trace / unit,
    }));
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
