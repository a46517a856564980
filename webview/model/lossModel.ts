import type { SweepState } from '../../src/core/sweep/sweepState';
import type { LossPoint, Trial } from '../../src/core/sweep/result';
import type { LossAxis } from '../store';
import type { SizeSummary } from './trials';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The loss curves of one batch size. */
export interface LossSeries {
  readonly batchSize: number;
  readonly train: readonly Point[];
  readonly validation: readonly Point[];
  readonly diverged: boolean;
  readonly lastTrain: number | null;
  readonly bestValidation: Point | null;
  readonly lastValidation: number | null;
}

export interface LossModel {
  readonly axis: LossAxis;
  readonly series: readonly LossSeries[];
  /** Null where the target is an accuracy or not known yet. */
  readonly targetLoss: number | null;
}

/** Loss against samples seen, updates done or seconds of training, one curve a batch size. */
export function lossModel(
  sweep: SweepState,
  summaries: readonly SizeSummary[],
  axis: LossAxis,
): LossModel {
  const samples = sweep.dataset?.samples ?? null;
  return {
    axis,
    series: summaries.flatMap(({ batchSize, curve }) =>
      curve === null ? [] : [seriesOf(batchSize, curve, axis, samples)],
    ),
    targetLoss: sweep.target?.metric === 'loss' ? sweep.target.value : null,
  };
}

function seriesOf(
  batchSize: number,
  trial: Trial,
  axis: LossAxis,
  samples: number | null,
): LossSeries {
  const position = (point: LossPoint): number => {
    if (axis === 'iterations') return point.iteration;
    if (axis === 'seconds') return point.seconds;
    // The last batch of an epoch may be partial: epochs count samples exactly.
    return samples === null ? point.iteration * batchSize : Math.round(point.epoch * samples);
  };
  const curve = (value: (point: LossPoint) => number | null) =>
    trial.loss.flatMap((point): Point[] => {
      const y = value(point);
      return y !== null && Number.isFinite(y) ? [{ x: position(point), y }] : [];
    });
  const train = curve((point) => point.train);
  const validation = curve((point) => point.validation);
  return {
    batchSize,
    train,
    validation,
    diverged: trial.status === 'diverged',
    lastTrain: train.at(-1)?.y ?? null,
    lastValidation: validation.at(-1)?.y ?? null,
    bestValidation: validation.reduce<Point | null>(
      (best, point) => (best === null || point.y < best.y ? point : best),
      null,
    ),
  };
}
