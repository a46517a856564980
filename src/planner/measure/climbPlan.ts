import { stepMsOf, type MemoryLines } from '../../core/sweep/readings';
import type { Schedule, StepFit } from '../../core/sweep/result';
import { largestThatFits } from './memoryModel';
import { fitStepTimes, type StepTime } from './stepTimeFit';

/** The largest size that fits is found to within this share of it. */
const provenWithin = 1 / 64;
/** Two doublings must gain this share of throughput, or the device is saturated. */
const saturationGain = 0.05;
/** Proofs that the memory model places; those after them halve the bracket. */
const predictedProofs = 4;
/** Share of what is left of the budget that a climb may take. */
export const climbShare = 0.12;
/**
 * Updates of a size that must fit into this share of the seconds left, for it to be begun. One that
 * takes longer could make few more updates in its share of the race.
 */
const toBegin = { updates: 4, share: climbShare };
/** The same where sizes are only measured: nothing has to be kept for training them. */
const toBeginMeasuring = { updates: 3, share: 0.6 };
/** Without a fit of step times, no size is begun in the last of the budget. */
const lastShare = 0.1;
/** Sizes whose step times foresee that of another, the blocks that confirm it, and how closely. */
const fewestForeseeing = 4;
const fewestBlocks = 2;
const foreseenWithin = 0.05;
/** A fit of step times is taken at its word up to so many times the largest size that was timed. */
const fitHoldsFor = 4;

/** One entry a size, without accumulation or a schedule: the first. */
export function firstOfEachSize<
  T extends {
    readonly batchSize: number;
    readonly gradientAccumulation: number;
    readonly schedule: Schedule | null;
  },
>(trials: readonly T[]): readonly T[] {
  const plain = trials.filter((trial) => trial.gradientAccumulation === 1 && !trial.schedule);
  return [
    ...new Map(plain.toReversed().map((trial) => [trial.batchSize, trial])).values(),
  ].reverse();
}

/**
 * Whether a size's few steps alone would use up what a sweep has left. Far beyond the sizes timed,
 * only where they would even at the fast end of what those leave possible: that a listed size is
 * left out must not hang on the scatter of two small ones.
 */
export function isTooSlow(
  batchSize: number,
  { sizes, secondsLeft, budgetSeconds, isMeasuredOnly = false }: ClimbState,
): boolean {
  const timed = timedOnly(sizes);
  const largest = timed.reduce((most, size) => Math.max(most, size.batchSize), 0);
  const fit = fitSizes(sizes);
  if (!fit) return sizes.length > 0 && secondsLeft < lastShare * budgetSeconds;
  const stepMs =
    batchSize <= fitHoldsFor * largest ? stepMsOf(fit, batchSize) : leastStepMs(timed, batchSize);
  const { updates, share } = isMeasuredOnly ? toBeginMeasuring : toBegin;
  return (updates * stepMs) / 1000 > share * secondsLeft;
}

/** The fit of the step times of those that were timed; null where they are too few. */
export function fitSizes(sizes: readonly TimedSize[]): StepFit | null {
  return fitStepTimes(
    timedOnly(sizes).map(({ batchSize, stepTime }) => ({ batchSize, stepMs: stepTime.ms })),
  );
}

/** What the step times of smaller sizes let expect of one, in milliseconds; null where they are few. */
export function foreseenStepMs(smaller: readonly TimedSize[], batchSize: number): number | null {
  const fit = timedOnly(smaller).length < fewestForeseeing ? null : fitSizes(smaller);
  return fit && stepMsOf(fit, batchSize);
}

/** Whether a size takes what was expected of it: more blocks of its steps would say no more. */
export function isForeseen({ ms }: StepTime, blocks: number, foreseenMs: number | null): boolean {
  if (foreseenMs === null || blocks < fewestBlocks) return false;
  return Math.abs(ms / foreseenMs - 1) <= foreseenWithin;
}

function timedOnly(sizes: readonly TimedSize[]): readonly KnownSize[] {
  return sizes.flatMap(({ batchSize, stepTime }) => (stepTime ? [{ batchSize, stepTime }] : []));
}

/**
 * The least that an update of a size can take, in milliseconds, by the intervals of the sizes below
 * it: step times rise with the size, and ever more steeply (`max(floor, a + b·B)` is convex), so
 * that no line through two of them at their fast end lies above it. A time without an interval may
 * be twice too long.
 */
function leastStepMs(timed: readonly KnownSize[], batchSize: number): number {
  const largest = timed.reduce((a, b) => (b.batchSize > a.batchSize ? b : a));
  const [least] = rangeOf(largest.stepTime);
  const slopes = timed
    .filter((size) => size.batchSize < largest.batchSize)
    .map((size) => (least - rangeOf(size.stepTime)[1]) / (largest.batchSize - size.batchSize));
  return least + Math.max(0, ...slopes) * (batchSize - largest.batchSize);
}

function rangeOf({ ms, interval }: StepTime): readonly [number, number] {
  return interval ?? [ms / 2, ms];
}

/** How far a climb is. */
export interface ClimbState {
  /** Those begun so far, one entry a size. */
  readonly sizes: readonly TimedSize[];
  readonly secondsLeft: number;
  readonly budgetSeconds: number;
  /** No size will be trained to a target. */
  readonly isMeasuredOnly?: boolean;
}

/** A batch size with its step time; null where it was not timed. */
interface TimedSize {
  readonly batchSize: number;
  readonly stepTime: StepTime | null;
}

interface KnownSize extends TimedSize {
  readonly stepTime: StepTime;
}

/** Whether the larger of two sizes trains clearly more samples a second; also true where a size was not timed. */
export function gainsThroughput(smaller: TimedSize, larger: TimedSize): boolean {
  if (!smaller.stepTime || !larger.stepTime) return true;
  const before = smaller.batchSize / smaller.stepTime.ms;
  return larger.batchSize / larger.stepTime.ms >= (1 + saturationGain) * before;
}

/** The largest size that ran, and the smallest known not to fit. */
export interface Bracket {
  readonly low: number;
  readonly high: number;
}

/** Whether the largest size that fits is still to be found in a bracket. */
export function isBracketOpen({ low, high }: Bracket): boolean {
  return low > 0 && high - low > Math.max(1, low * provenWithin);
}

/**
 * The size to run next in a bracket: just below what the memory model predicts to be the largest
 * that fits, then, once that is proven, just above it, which closes the bracket; else its middle.
 */
export function nextProof(
  { low, high }: Bracket,
  memory: MemoryLines | null,
  limitBytes: number | null,
  proofsRun: number,
): number {
  const middle = Math.floor((low + high) / 2);
  if (!memory || limitBytes === null || proofsRun >= predictedProofs) return middle;
  const predicted = largestThatFits(memory, limitBytes);
  const above = Math.max(low + 1, Math.floor(low * (1 + provenWithin)));
  const wanted = predicted <= low ? above : predicted;
  return wanted > low && wanted < high ? wanted : middle;
}
