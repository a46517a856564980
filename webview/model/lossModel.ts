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
  /** The curves as they are drawn; computed when they are asked for. */
  readonly train: readonly Point[];
  readonly validation: readonly Point[];
  readonly diverged: boolean;
  /** Its training goes on: there will be more points. */
  readonly isGrowing: boolean;
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

/** The loss chart's content. */
export interface LossChartInput extends LossModel {
  readonly hidden: readonly number[];
  /** The curves of an earlier sweep, drawn dashed. */
  readonly compared?: readonly LossSeries[];
}

/** More curves with their training losses would hide each other. */
const mostWithTraining = 24;

/** Training curves give way where an earlier sweep is laid over, too: three of a colour are too many. */
export function showsTraining({ compared, series, hidden }: LossChartInput): boolean {
  const shown = series.filter(({ batchSize }) => !hidden.includes(batchSize));
  return !compared?.length && shown.length <= mostWithTraining;
}

/** Points that all curves together are drawn with at most: more cannot be told apart, and take long. */
const mostPoints = 20_000;
const fewestOfCurve = 100;
/** A few points more than that take less time than leaving them out. */
const tolerance = 1.25;

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
    series: curves.map((trial) =>
      keptSeries(trial, { axis, samples, most, isGrowing: sweep.running.includes(trial.id) }),
    ),
    targetLoss: sweep.target?.metric === 'loss' ? sweep.target.value : null,
  };
}

interface Drawing {
  readonly axis: LossAxis;
  readonly samples: number | null;
  /** Points of a curve at most. */
  readonly most: number;
  readonly isGrowing: boolean;
}

const kept = new WeakMap<Trial, { readonly drawing: Drawing; readonly series: LossSeries }>();

/** Trials that have ended stay the same object: only what trains is computed at each event. */
function keptSeries(trial: Trial, drawing: Drawing): LossSeries {
  const known = kept.get(trial);
  const { axis, samples, most, isGrowing } = drawing;
  if (
    known?.drawing.axis === axis &&
    known.drawing.samples === samples &&
    known.drawing.most === most &&
    known.drawing.isGrowing === isGrowing
  )
    return known.series;
  const series = seriesOf(trial, drawing);
  kept.set(trial, { drawing, series });
  return series;
}

function seriesOf(trial: Trial, { axis, samples, most, isGrowing }: Drawing): LossSeries {
  const { batchSize } = trial;
  const position = (point: LossPoint): number => {
    if (axis === 'iterations') return point.iteration;
    if (axis === 'seconds') return point.seconds;
    // The last batch of an epoch may be partial: epochs count samples exactly.
    return samples === null ? point.iteration * batchSize : Math.round(point.epoch * samples);
  };
  let best: LossPoint | null = null;
  for (const point of trial.loss)
    if (isNumber(point.validation) && point.validation < (best?.validation ?? Infinity))
      best = point;
  // Only the points that are kept become points of the chart: a curve has thousands.
  const curve = (name: 'train' | 'validation') => {
    const value = (point: LossPoint) => (isNumber(point[name]) ? point[name] : null);
    let points: readonly Point[] | null = null;
    const compute = () => {
      const isShort = trial.loss.length <= tolerance * most;
      const drawn: Point[] = [];
      for (const point of isShort ? trial.loss : thinned(trial.loss, most, value)) {
        const y = value(point);
        if (y !== null) drawn.push({ x: position(point), y });
      }
      return drawn;
    };
    return () => (points ??= compute());
  };
  const [train, validation] = [curve('train'), curve('validation')];
  return {
    batchSize,
    get train() {
      return train();
    },
    get validation() {
      return validation();
    },
    diverged: trial.status === 'diverged',
    isGrowing,
    lastTrain: trial.loss.findLast((point) => isNumber(point.train))?.train ?? null,
    lastValidation: trial.loss.findLast((point) => isNumber(point.validation))?.validation ?? null,
    bestValidation: best && { x: position(best), y: best.validation ?? 0 },
  };
}

const isNumber = (value: number | null): value is number =>
  value !== null && Number.isFinite(value);
