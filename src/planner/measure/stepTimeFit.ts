import { mean, median, medianAbsoluteDeviation, standardDeviation } from 'simple-statistics';
import type { StepFit } from '../../core/sweep/result';
import { fitTwoBranches } from './twoBranchFit';

/** Updates timed together, with one device synchronisation. */
export interface TimedBlock {
  readonly iterations: number;
  readonly ms: number;
}

export interface StepTime {
  /** Milliseconds of one update. */
  readonly ms: number;
  /** 95% interval of the mean; null while fewer than three blocks were timed. */
  readonly interval: readonly [number, number] | null;
}

/**
 * Step time from timed blocks. Blocks further than three robust standard deviations from the median
 * were disturbed by something else on the machine and are left out. Null without blocks.
 */
export function estimateStepTime(blocks: readonly TimedBlock[]): StepTime | null {
  const all = blocks.filter(({ ms }) => ms > 0).map(({ ms, iterations }) => ms / iterations);
  if (all.length === 0) return null;
  const middle = median(all);
  // 1.4826 makes the median deviation of a normal distribution its standard deviation.
  const deviation = 1.4826 * medianAbsoluteDeviation(all);
  const kept = all.filter((ms) => deviation === 0 || Math.abs(ms - middle) <= 3 * deviation);
  const ms = mean(kept);
  if (kept.length < 3) return { ms, interval: null };
  const error = (student(kept.length - 1) * standardDeviation(kept)) / Math.sqrt(kept.length - 1);
  return { ms, interval: [Math.max(0, ms - error), ms + error] };
}

/** True once the 95% interval lies within this share of the mean on either side. */
export function isPrecise({ ms, interval }: StepTime, share = 0.05): boolean {
  return interval !== null && interval[1] - ms <= share * ms;
}

/**
 * `t(B) = max(floor, a + b·B)`: below the floor a device idles. Null with fewer than two sizes.
 * Where no size was small enough to meet the floor, it is 0.
 */
export function fitStepTimes(
  sizes: readonly { readonly batchSize: number; readonly stepMs: number }[],
): StepFit | null {
  if (sizes.length < 2) return null;
  const fit = fitTwoBranches(
    sizes.map(({ batchSize, stepMs }) => ({ x: batchSize, y: stepMs })),
    { flatFirst: true },
  );
  if (!fit) return null;
  return {
    floorMs: fit.first.atZero,
    aMs: fit.second.atZero,
    bMs: fit.second.slope,
    r2: fit.r2,
  };
}

/** 97.5% quantile of Student's t: exact for few degrees of freedom, within 1% beyond. */
export function student(freedom: number): number {
  const exact = [12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
  return exact[freedom - 1] ?? 1.96 + 2.5 / freedom;
}
