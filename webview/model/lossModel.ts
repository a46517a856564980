import { thinned } from '../../src/core/sweep/condensed';
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

/** Points that all curves together are drawn with at most: more cannot be told apart, and take long. */
const mostPoints = 16_000;
const fewestOfCurve = 100;

/** Loss against samples seen, updates done or seconds of training, one curve a batch size. */
export function lossModel(
  sweep: SweepState,
  summaries: readonly SizeSummary[],
  axis: LossAxis,
): LossModel {
  const samples = sweep.dataset?.samples ?? null;
  const curves = summaries.flatMap(({ curve }) => curve ?? []);
  const most = Math.max(fewestOfCurve, Math.floor(mostPoints / 2 / Math.max(1, curves.length)));
  return {
    axis,
    series: curves.map((trial) => keptSeries(trial, { axis, samples, most })),
    targetLoss: sweep.target?.metric === 'loss' ? sweep.target.value : null,
  };
}

interface Drawing {
  readonly axis: LossAxis;
  readonly samples: number | null;
  /** Points of a curve at most. */
  readonly most: number;
}

const kept = new WeakMap<Trial, { readonly drawing: Drawing; readonly series: LossSeries }>();

/** Trials that have ended stay the same object: only what trains is computed at each event. */
function keptSeries(trial: Trial, drawing: Drawing): LossSeries {
  const known = kept.get(trial);
  const { axis, samples, most } = drawing;
  if (
    known?.drawing.axis === axis &&
    known.drawing.samples === samples &&
    known.drawing.most === most
  )
    return known.series;
  const series = seriesOf(trial, drawing);
  kept.set(trial, { drawing, series });
  return series;
}

function seriesOf(trial: Trial, { axis, samples, most }: Drawing): LossSeries {
  const { batchSize } = trial;
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
    train: thinned(train, most, ({ y }) => y),
    validation: thinned(validation, most, ({ y }) => y),
    diverged: trial.status === 'diverged',
    lastTrain: train.at(-1)?.y ?? null,
    lastValidation: validation.at(-1)?.y ?? null,
    bestValidation: validation.reduce<Point | null>(
      (best, point) => (best === null || point.y < best.y ? point : best),
      null,
    ),
  };
}
