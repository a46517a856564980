import type { Objective, Target, Trial } from './result';
import { isBetter, type Metric } from './target';

/** Everything a recommendation is made from. */
export interface Evidence {
  readonly objective: Objective;
  readonly trials: readonly Trial[];
  /** Training samples. */
  readonly samples: number;
  readonly configured: { readonly batchSize: number; readonly learningRate: number };
  readonly metric: Metric;
  readonly target: Target | null;
  /** Device bytes a trial may hold at most; null where nothing tells. */
  readonly limitBytes: number | null;
  readonly budgetSeconds: number;
}

/** Sizes this close to the best count as equal to it, and the smaller one is taken. */
export const tieShare = 0.03;

/** The winner for one objective, with what its reasons tell. */
export interface Choice {
  readonly winner: Trial;
  /** The best by the number alone, when a tie gave way to the smaller winner. */
  readonly tiedWith: Trial | null;
  readonly basis: 'target' | 'seconds' | 'throughput' | 'epochs' | 'memory';
  /** Seconds or epochs at which metrics were compared, for the bases that compare them. */
  readonly at: number | null;
}

/** The best trial for an objective; null when none of them tells anything about it. */
export function choose(
  objective: Objective,
  candidates: readonly Trial[],
  { metric }: Pick<Evidence, 'metric'>,
): Choice | null {
  switch (objective) {
    case 'time':
      return fastest(candidates) ?? furthest(candidates, metric);
    case 'throughput':
      return pick(candidates, (trial) => trial.samplesPerSecond, 'throughput', 'most');
    case 'quality':
      return bestQuality(candidates, metric) ?? furthest(candidates, metric);
    case 'memory':
      return leastMemory(candidates);
  }
}

function fastest(candidates: readonly Trial[]): Choice | null {
  return pick(candidates, (trial) => trial.timeToTargetSeconds, 'target', 'least');
}

/** Nobody reached the target: the best metric after as many seconds as all of them trained. */
function furthest(candidates: readonly Trial[], metric: Metric): Choice | null {
  const common = Math.min(...candidates.map(({ loss }) => loss.at(-1)?.seconds ?? 0));
  const value = (trial: Trial) => bestUntil(trial, metric, ({ seconds }) => seconds <= common);
  const measured = candidates.filter((trial) => value(trial) !== null);
  const choice = pickMetric(measured, value, metric, 'seconds', common);
  return choice;
}

/** Sizes are compared at equal epochs: as many as all of them trained, but at least one. */
function bestQuality(candidates: readonly Trial[], metric: Metric): Choice | null {
  const common = Math.min(...candidates.map(({ loss }) => loss.at(-1)?.epoch ?? 0));
  if (common < 1) return null;
  const value = (trial: Trial) => bestUntil(trial, metric, ({ epoch }) => epoch <= common + 1e-6);
  return pickMetric(candidates, value, metric, 'epochs', common);
}

function leastMemory(candidates: readonly Trial[]): Choice | null {
  const best = fastest(candidates)?.winner.timeToTargetSeconds ?? null;
  const close =
    best === null
      ? candidates
      : candidates.filter((trial) => (trial.timeToTargetSeconds ?? Infinity) <= 1.1 * best);
  const winner = close.reduce<Trial | null>(
    (a, b) => (a === null || b.batchSize < a.batchSize ? b : a),
    null,
  );
  return winner && { winner, tiedWith: null, basis: 'memory', at: best };
}

/** The best metric of a trial among the points that pass; null where none was evaluated. */
export function bestUntil(
  trial: Trial,
  metric: Metric,
  within: (point: Trial['loss'][number]) => boolean,
): number | null {
  return trial.loss.filter(within).reduce<number | null>((best, point) => {
    const value = metric === 'loss' ? point.validation : point.accuracy;
    if (value === null) return best;
    return best === null || isBetter(metric, value, best) ? value : best;
  }, null);
}

function pickMetric(
  candidates: readonly Trial[],
  value: (trial: Trial) => number | null,
  metric: Metric,
  basis: Choice['basis'],
  at: number,
): Choice | null {
  const choice = pick(candidates, value, basis, metric === 'loss' ? 'least' : 'most');
  return choice && { ...choice, at };
}

function pick(
  candidates: readonly Trial[],
  value: (trial: Trial) => number | null,
  basis: Choice['basis'],
  wanted: 'least' | 'most',
): Choice | null {
  const measured = candidates.flatMap((trial) => {
    const number = value(trial);
    return number === null ? [] : [{ trial, number }];
  });
  const [first] = measured;
  if (!first) return null;
  const sign = wanted === 'least' ? 1 : -1;
  const best = measured.reduce((a, b) => (sign * b.number < sign * a.number ? b : a), first);
  const slack = tieShare * Math.abs(best.number);
  const winner = measured
    .filter(({ number }) => sign * (number - best.number) <= slack)
    .reduce((a, b) => (b.trial.batchSize < a.trial.batchSize ? b : a), best);
  const tiedWith = winner.trial.batchSize === best.trial.batchSize ? null : best.trial;
  return { winner: winner.trial, tiedWith, basis, at: null };
}
