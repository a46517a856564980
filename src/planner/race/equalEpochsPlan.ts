import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import type { EvaluationGrid } from './evaluationGrid';

/** A size that is to train for as many epochs as others. */
export interface Entrant {
  readonly batchSize: number;
  /** Seconds of one update. */
  readonly stepSeconds: number;
  /** Updates made. */
  readonly iterations: number;
  readonly evaluations: number;
}

/** What a sweep has for training sizes for equal epochs. */
export interface EpochsBudget {
  readonly secondsLeft: number;
  /** The configured epochs, which are never exceeded. */
  readonly epochs: number;
  readonly samples: number;
  /** What one evaluation takes. */
  readonly evaluationSeconds: number;
}

/** Of the seconds left, what is planned for: step times drift. */
const plannedShare = 0.9;
/** Fewer epochs than this compare little. */
const fewestEpochs = 2;
const fewestEvaluations = 2;

/** Seconds of one epoch at a size, with two evaluations. */
export function epochSeconds(
  { batchSize, stepSeconds }: Pick<Entrant, 'batchSize' | 'stepSeconds'>,
  { samples, evaluationSeconds }: Pick<EpochsBudget, 'samples' | 'evaluationSeconds'>,
): number {
  return iterationsPerEpoch(samples, batchSize) * stepSeconds + 2 * evaluationSeconds;
}

/**
 * Which sizes train, the quickest epochs first, and for how many: the slowest give way until all
 * others can train the same epochs, the configured or at least two. So many `others` are trained
 * besides, each about as long as the slowest.
 */
export function affordableEpochs<T extends Entrant>(
  entrants: readonly T[],
  others: number,
  budget: EpochsBudget,
): { readonly entrants: readonly T[]; readonly epochs: number } {
  const all = entrants
    .map((entrant) => ({ entrant, seconds: epochSeconds(entrant, budget) }))
    .sort((a, b) => a.seconds - b.seconds);
  const left = plannedShare * Math.max(0, budget.secondsLeft);
  for (;;) {
    const seconds = all.map((each) => each.seconds);
    const perEpoch = seconds.reduce((total, own) => total + own, others * Math.max(0, ...seconds));
    const epochs = Math.min(budget.epochs, Math.floor(perEpoch > 0 ? left / perEpoch : 1));
    if (epochs >= Math.min(fewestEpochs, budget.epochs) || all.length <= 2) {
      return { entrants: all.map(({ entrant }) => entrant), epochs: Math.max(1, epochs) };
    }
    all.pop();
  }
}

/** Seconds that sizes need at least to be compared: two evaluations each. */
export function leastSeconds(
  entrants: readonly Entrant[],
  grid: EvaluationGrid,
  evaluationSeconds: number,
): number {
  return entrants.reduce((total, { batchSize, stepSeconds, iterations, evaluations }) => {
    const missing = Math.max(0, fewestEvaluations - evaluations);
    let at = iterations;
    for (let i = 0; i < missing; i++) at = grid.nextIteration(batchSize, at);
    return total + (at - iterations) * stepSeconds + missing * evaluationSeconds;
  }, 0);
}
