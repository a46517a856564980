import type { Trial } from './result';

/** What was trained of one batch size in one way: its trial, and its repeats with other seeds. */
export interface Attempt {
  readonly trial: Trial;
  readonly repeats: readonly Trial[];
}

/**
 * The trials that sizes are compared by: for each batch size the one at the learning rate of the
 * rule, with its repeats; one with gradient accumulation stands for its size where that does not
 * fit otherwise. Checks at other learning rates and schedules are left out.
 */
export function attemptsOf(trials: readonly Trial[]): readonly Attempt[] {
  const plain = trials.filter(({ schedule }) => schedule === null);
  const byWork = new Map<string, Trial[]>();
  for (const trial of plain) {
    const work = `${trial.batchSize}/${trial.gradientAccumulation}`;
    byWork.set(work, [...(byWork.get(work) ?? []), trial]);
  }
  return [...byWork.values()].flatMap((own) => {
    // Documents without purposes list it first.
    const trial = own.find(({ purpose }) => isFirstPurpose(purpose)) ?? own[0];
    if (!trial) return [];
    const isRepeat = ({ learningRate, seed }: Trial) =>
      learningRate === trial.learningRate && seed !== trial.seed;
    return [{ trial, repeats: own.filter(isRepeat) }];
  });
}

/** True for the trial of a size itself, which repeats and checks follow. */
function isFirstPurpose(purpose: Trial['purpose']): boolean {
  switch (purpose) {
    case 'probe':
    case 'pilot':
    case 'race':
    case 'accumulated':
    case 'exhaustive':
      return true;
    case 'repeat':
    case 'half-rate':
    case 'twice-rate':
    case 'schedule':
    case undefined:
      return false;
  }
}

/** The checks of an attempt at other learning rates, of the same seed. */
export function learningRateChecks(trials: readonly Trial[], of: Trial): readonly Trial[] {
  return trials.filter(
    (trial) =>
      trial !== of &&
      trial.batchSize === of.batchSize &&
      trial.gradientAccumulation === of.gradientAccumulation &&
      trial.schedule === null &&
      trial.seed === of.seed &&
      trial.learningRate !== of.learningRate,
  );
}

/**
 * Seconds to the target, seed by seed; null when the first did not reach it. A repeat that was
 * stopped is null: it trained for some seconds, and how many more it would need is not known.
 */
export function secondsBySeed({ trial, repeats }: Attempt): readonly (number | null)[] | null {
  const first = trial.timeToTargetSeconds;
  if (first === null) return null;
  const again = repeats.toSorted((a, b) => a.seed - b.seed);
  return [first, ...again.map(({ timeToTargetSeconds }) => timeToTargetSeconds)];
}

/** Why the first trial failed, when every trial failed; null otherwise. */
export function firstFailure(trials: readonly Trial[]): string | null {
  const [first] = trials;
  if (!first || trials.some(({ status }) => status !== 'failed')) return null;
  return first.error?.text ?? '';
}
