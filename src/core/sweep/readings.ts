import { attemptsOf, secondsBySeed, type Attempt } from './attempts';
import type { MemoryModel, Recommendation, StepFit, Trial } from './result';

/** What `m(B) = max(floor, u0 + u1·B, a0 + a1·B)` needs of a memory model. */
export type MemoryLines = Pick<MemoryModel, 'floorBytes' | 'updateBytes' | 'activationBytes'>;

/**
 * Where a repeat was stopped for another size was faster with its seed, it counts as this many times
 * the fastest: it trained for some seconds, and how many more it would need is not known.
 */
export const lostSeedRatio = 1.15;

/** Peak device bytes a model predicts for a batch size. */
export function predictedBytes(model: MemoryLines, batchSize: number): number {
  const [u0, u1] = model.updateBytes;
  const [a0, a1] = model.activationBytes;
  return Math.max(model.floorBytes ?? 0, u0 + u1 * batchSize, a0 + a1 * batchSize);
}

/** Milliseconds of one update at a size, as a fit has it. */
export function stepMsOf(fit: StepFit, batchSize: number): number {
  return Math.max(fit.floorMs, fit.aMs + fit.bMs * batchSize);
}

/** A size's seconds to the target by seed, in one order for all; null where a repeat was stopped. */
export interface SecondsBySeed {
  readonly seconds: readonly (number | null)[];
}

/** The seeds that sizes are compared over. */
interface SeedComparison<T> {
  /** The sizes that were raced with every one of these seeds. */
  readonly sizes: readonly T[];
  /** By seed, the fewest seconds to the target; Infinity where no trial reached it. */
  readonly fastest: readonly number[];
}

/**
 * Over which seeds sizes are compared. Where the closest were raced with one more seed, one that was
 * not had lost: its few runs may have been lucky. A seed that only one was raced with, for the time
 * was up, compares nothing.
 */
export function compareSeeds<T extends SecondsBySeed>(all: readonly T[]): SeedComparison<T> {
  let sizes = all;
  let seeds = 1;
  for (;;) {
    const racedOn = all.filter(({ seconds }) => seconds.length > seeds);
    if (racedOn.length < 2) break;
    sizes = racedOn;
    seeds++;
  }
  const fastest = Array.from({ length: all.length === 0 ? 0 : seeds }, (_, seed) =>
    Math.min(...sizes.map(({ seconds }) => seconds[seed] ?? Infinity)),
  );
  return { sizes, fastest };
}

/**
 * The logarithms of a size's seconds over the seeds that compare: of those that anybody reached the
 * target with and it was raced with.
 */
export function logsBySeed({ seconds }: SecondsBySeed, fastest: readonly number[]): number[] {
  return fastest.slice(0, seconds.length).flatMap((best, seed) => {
    if (best === Infinity) return [];
    return [Math.log(Math.max(1e-9, seconds[seed] ?? lostSeedRatio * best))];
  });
}

/** How long a batch size took to the target. */
export interface SizeTime {
  readonly batchSize: number;
  /** The trial that speaks for the size. */
  readonly trial: Trial;
  /** The geometric mean over the seeds that sizes are compared by: runs scatter by a factor. */
  readonly seconds: number;
  /** From the least to the most that its runs and their step times allow; null where not known. */
  readonly interval: readonly [number, number] | null;
  /** Seeds that it is compared over. */
  readonly seeds: number;
  /** It was stopped with some of them: it takes at least so long. */
  readonly isLowerBound: boolean;
}

/** What readings are made from: a result, or a sweep as far as it is. */
export interface Swept {
  readonly trials: readonly Trial[];
  readonly recommendation: Pick<
    Recommendation,
    'batchSize' | 'learningRate' | 'gradientAccumulation' | 'schedule'
  > | null;
}

/**
 * How long each size took that reached the target, smallest first: the one answer to that question.
 * Sizes are compared by it (planner/race/winner.ts) at the learning rate of the rule. One that was
 * raced with fewer seeds is set against the fastest of those it was raced with. The recommended size
 * reads as it is recommended: where another learning rate or a schedule was faster, by that.
 */
export function timesOfSizes({ trials, recommendation }: Swept): readonly SizeTime[] {
  const comparable = trials.filter(({ status }) => status === 'ok');
  const reached = attemptsOf(comparable).flatMap((attempt) => {
    const seconds = secondsBySeed(attempt);
    return seconds ? [{ ...attempt, seconds }] : [];
  });
  const { fastest } = compareSeeds(reached);
  const known = fastest.filter((best) => best !== Infinity).map(Math.log);
  const bySize = new Map<number, SizeTime>();
  for (const size of reached) {
    const logs = logsBySeed(size, fastest);
    const behind = mean(logs) - mean(known.slice(0, logs.length));
    const [first] = size.seconds;
    const level = fastest.length === 1 ? first : null;
    const compared = { ...size, seconds: size.seconds.slice(0, fastest.length) };
    const time = timeOf(compared, level ?? Math.exp(behind + mean(known)));
    const other = bySize.get(time.batchSize);
    if (!other || time.seconds < other.seconds) bySize.set(time.batchSize, time);
  }
  const found = recommendation && recommendedTrial(comparable, recommendation);
  const seconds = found?.timeToTargetSeconds ?? null;
  if (found && seconds !== null && !reached.some(({ trial }) => trial === found)) {
    bySize.set(found.batchSize, timeOf({ trial: found, repeats: [], seconds: [seconds] }, seconds));
  }
  return [...bySize.values()].sort((a, b) => a.batchSize - b.batchSize);
}

/** How long one size took; null where it did not reach the target. */
export function timeOfSize(sweep: Swept, batchSize: number): SizeTime | null {
  return timesOfSizes(sweep).find((time) => time.batchSize === batchSize) ?? null;
}

/** The trial that was run as a recommendation has it: its parts, its learning rate, its schedule. */
export function recommendedTrial(
  trials: readonly Trial[],
  { batchSize, learningRate, gradientAccumulation, schedule }: NonNullable<Swept['recommendation']>,
): Trial | null {
  const alike = trials.filter(
    (trial) =>
      trial.batchSize === batchSize &&
      trial.gradientAccumulation === gradientAccumulation &&
      (trial.schedule === null) === (schedule === null),
  );
  // A schedule's rates are its own.
  const same = schedule ? alike : alike.filter((trial) => trial.learningRate === learningRate);
  return same.find((trial) => trial.timeToTargetSeconds !== null) ?? same[0] ?? alike[0] ?? null;
}

function timeOf({ trial, repeats, seconds }: Attempt & SecondsBySeed, level: number): SizeTime {
  const runs = [trial, ...repeats].flatMap((run) => {
    const own = run.timeToTargetSeconds;
    return own === null ? [] : (run.timeToTargetInterval ?? [own, own]);
  });
  const isKnown = runs.length > 2 || trial.timeToTargetInterval !== null;
  return {
    batchSize: trial.batchSize,
    trial,
    seconds: level,
    interval: isKnown ? [Math.min(level, ...runs), Math.max(level, ...runs)] : null,
    seeds: seconds.length,
    isLowerBound: seconds.includes(null),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What the accuracy is called among metrics. */
export const accuracyName = 'accuracy';

/**
 * A trial's last evaluation beside the loss: its accuracy and the metrics that the model was compiled
 * with, by name; null where one is not defined. Empty where nothing was evaluated.
 */
export function lastMetrics({ loss }: Pick<Trial, 'loss'>): ReadonlyMap<string, number | null> {
  const last = loss.findLast(({ validation }) => validation !== null);
  const { accuracy = null, metrics = {} } = last ?? {};
  return new Map([
    ...(accuracy === null ? [] : [[accuracyName, accuracy] as const]),
    ...Object.entries(metrics),
  ]);
}

/** The names of all metrics that any of the trials was evaluated by. */
export function metricNames(trials: readonly Pick<Trial, 'loss'>[]): readonly string[] {
  return [...new Set(trials.flatMap((trial) => [...lastMetrics(trial).keys()]))];
}
