import { paceOf, type Pace } from '../../core/batches/pace';

/**
 * Where evaluations fall: at sample counts that are the same for every batch size. They are the
 * ends of epochs and even parts of an epoch, thinning out so that neighbours lie about 10% apart; a
 * size that cannot stop at such a count (its batches do not add up to it) leaves it out.
 */
export class EvaluationGrid {
  readonly #samples: number;
  readonly #part: number;
  readonly #counts: number[] = [];

  /** `part` samples is the distance of the first evaluations; see `evaluationPart`. */
  constructor(samples: number, part: number) {
    this.#samples = samples;
    this.#part = part;
  }

  /** The number of updates after which a trial that has done `iterations` is evaluated next. */
  nextIteration(batchSize: number, iterations: number): number {
    return this.next(paceOf(this.#samples, batchSize, null), iterations);
  }

  /** As nextIteration, for a trial whose batch size may change. */
  next(pace: Pace, iterations: number): number {
    for (let i = 0; ; i++) {
      const at = pace.iterationAt(this.#count(i));
      if (at !== null && at > iterations) return at;
    }
  }

  #count(index: number): number {
    while (this.#counts.length <= index) this.#counts.push(this.#after(this.#counts.at(-1) ?? 0));
    return this.#counts[index] ?? 0;
  }

  #after(count: number): number {
    const spacing = count / 10;
    if (spacing >= this.#samples) {
      return Math.ceil((count + spacing) / this.#samples) * this.#samples;
    }
    const epochStart = Math.floor(count / this.#samples) * this.#samples;
    const wanted = Math.max(count + spacing, count + 1) - epochStart;
    const inEpoch = epochStart + this.#part * Math.ceil(wanted / this.#part);
    return Math.min(inEpoch, epochStart + this.#samples);
  }
}

/** Training between two evaluations takes about so many times as long as one. */
export const trainingPerEvaluation = 4;
/** Fewest evaluations that a trial needs to be compared with another. */
export const fewestEvaluations = 3;

/** What an evaluation and an update take. */
interface EvaluationCost {
  readonly evaluationSeconds: number;
  readonly stepSeconds: number;
  /** Most that the trial may train in all; left out where nothing bounds it. */
  readonly wholeSeconds?: number;
}

/**
 * Whether a curve is worth another evaluation after so many updates since the last: what evaluations
 * take is kept to about a fifth of a trial's seconds, so that a large validation set thins them out,
 * but not so far that a trial would end before it can be compared. The updates between are a power
 * of two, so that seconds which differ a little from run to run hardly ever move an evaluation.
 */
export function isEvaluationDue(
  updatesSinceLast: number,
  { evaluationSeconds, stepSeconds, wholeSeconds = Infinity }: EvaluationCost,
): boolean {
  if (stepSeconds <= 0) return true;
  const apart = Math.min(
    trainingPerEvaluation * evaluationSeconds,
    wholeSeconds / fewestEvaluations,
  );
  return updatesSinceLast >= 2 ** Math.round(Math.log2(Math.max(apart / stepSeconds, 1)));
}

/** The largest of the batch sizes that goes at least eight times into an epoch, else the epoch. */
export function evaluationPart(batchSizes: readonly number[], samples: number): number {
  return Math.max(...batchSizes.filter((size) => size * 8 <= samples), 0) || samples;
}
