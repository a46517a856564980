import { median, medianAbsoluteDeviation, sampleStandardDeviation } from 'simple-statistics';
import type { StepFit } from '../../core/sweep/result';
import { fitTwoBranches } from './twoBranchFit';

/** Updates timed together, with one device synchronisation. */
export interface TimedBlock {
  readonly iterations: number;
  /** By the wall clock; of threads of Python, without what other programs are known to have taken. */
  readonly ms: number;
  /** The work's own time on the processor, where engine and system report it. */
  readonly cpuMs?: number | undefined;
  /** Share of the time in which the work was ready to run, but other programs did. */
  readonly waitingShare?: number | undefined;
}

export interface StepTime {
  /** Milliseconds of one update. */
  readonly ms: number;
  /** 95% interval; null while fewer than three blocks were timed. */
  readonly interval: readonly [number, number] | null;
}

/** What the median deviation of so few normal values falls short by (Croux & Rousseeuw 1992). */
const smallSamples = [1, 1, 1.196, 1.495, 1.363, 1.206, 1.2, 1.14, 1.129, 1.107];
/** 1.4826 makes the median deviation of a normal distribution its standard deviation. */
const deviationOfNormal = 1.4826;
/** The standard error of a median over that of a mean, for a normal distribution. */
const medianInefficiency = 1.2533;

/**
 * Step time from timed blocks: the middle of them, of two middle ones the smaller, for what disturbs
 * a block only makes it slower. So no single block, however slow, takes it out of the range of the
 * others. Time on the processor counts where it is known; where only the wall clock is, and the work
 * had to wait for the processor, the more it waited, the faster the block that is taken, and the
 * interval reaches down by the share of waiting. Null without blocks.
 */
export function estimateStepTime(blocks: readonly TimedBlock[]): StepTime | null {
  const known = blocks.filter(({ ms }) => ms > 0);
  const byProcessor = known.filter(({ cpuMs }) => cpuMs !== undefined);
  // The two clocks do not mix.
  const timed = byProcessor.length > 0 ? byProcessor : known;
  const all = timed.map(blockStepMs).sort((a, b) => a - b);
  const waiting = timed.length === 0 ? 0 : unexplainedWaiting(timed);
  const ms = all[Math.floor(((all.length - 1) * (1 - waiting)) / 2)];
  if (ms === undefined) return null;
  if (all.length < 3) return { ms, interval: null };
  const error =
    (medianInefficiency * student(all.length - 1) * scaleOf(all)) / Math.sqrt(all.length);
  const low = (ms - error) * (1 - waiting);
  return { ms, interval: [Math.max(0, low), ms + error] };
}

/** The time that counts: on the processor where it is known, else by the wall. */
export function workMs({ cpuMs, ms }: TimedBlock): number {
  return cpuMs ?? ms;
}

/** Milliseconds of one update of a block. */
export function blockStepMs(block: TimedBlock): number {
  return workMs(block) / block.iterations;
}

/** The share of its wall-clock that the work waited for the processor; null where no block has one. */
export function waitingShareOf(blocks: readonly TimedBlock[]): number | null {
  const known = blocks.filter(({ waitingShare }) => waitingShare !== undefined);
  const total = known.reduce((sum, { ms }) => sum + ms, 0);
  if (total === 0) return null;
  return known.reduce((sum, { ms, waitingShare = 0 }) => sum + ms * waitingShare, 0) / total;
}

/** The middle share of waiting of blocks that only the wall clock timed. */
function unexplainedWaiting(blocks: readonly TimedBlock[]): number {
  const shares = blocks.map(({ cpuMs, waitingShare = 0 }) =>
    cpuMs === undefined ? waitingShare : 0,
  );
  return median(shares);
}

/** Standard deviation of undisturbed values: by the median deviation, or by what it does not reject. */
function scaleOf(values: readonly number[]): number {
  const correction = smallSamples[values.length] ?? values.length / (values.length - 0.8);
  const middle = median([...values]);
  const robust = correction * deviationOfNormal * medianAbsoluteDeviation([...values]);
  const kept = values.filter((value) => Math.abs(value - middle) <= 3 * robust);
  return Math.max(robust, kept.length < 2 ? 0 : sampleStandardDeviation(kept));
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
