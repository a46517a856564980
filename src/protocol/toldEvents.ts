import * as z from 'zod';
import type { LossPoint, Trial } from '../core/sweep/result';
import { sweepEventSchema, type SweepEvent } from '../core/sweep/sweepEvent';

/** The numbers of a point, in the order in which they travel. */
const pointKeys = ['iteration', 'epoch', 'seconds', 'train', 'validation', 'accuracy'] as const;

const curveSchema = z.object({
  /** Names of the compiled metrics, which follow the numbers of a point; null for points without. */
  metrics: z.array(z.string()).nullable(),
  /** The numbers of all points one after another; NaN for null. */
  numbers: z.instanceof(Float64Array),
});
type Curve = z.infer<typeof curveSchema>;

/**
 * The events of a sweep as a page is given them. The loss curves of their trials travel apart, as
 * numbers: a browser takes longer than a frame to check ten thousand points one by one.
 */
export const toldEventsSchema = z
  .object({
    /** With empty curves in place of those in `curves`. */
    events: z.array(sweepEventSchema),
    /** One for each trial that an event holds, in their order. */
    curves: z.array(curveSchema),
  })
  .transform(({ events, curves }, context): SweepEvent[] => {
    let trials = 0;
    return events.map((event) =>
      withTrials(event, (trial) => {
        const loss = pointsOf(curves[trials++]);
        if (!loss) context.addIssue(`The curve of trial ${trial.id} is damaged or missing.`);
        return { ...trial, loss: loss ?? [] };
      }),
    );
  });
export type ToldEvents = z.input<typeof toldEventsSchema>;

/** What `toldEventsSchema` reads as these events. */
export function toldEvents(events: readonly SweepEvent[]): ToldEvents {
  const curves: Curve[] = [];
  return {
    events: events.map((event) =>
      withTrials(event, (trial) => {
        curves.push(curveOf(trial.loss));
        return { ...trial, loss: [] };
      }),
    ),
    curves,
  };
}

function withTrials(event: SweepEvent, change: (trial: Trial) => Trial): SweepEvent {
  if (event.type === 'trialUpdated' || event.type === 'trialFinished')
    return { ...event, trial: change(event.trial) };
  if (event.type !== 'finished') return event;
  return { ...event, result: { ...event.result, trials: event.result.trials.map(change) } };
}

function curveOf(points: readonly LossPoint[]): Curve {
  const named = points.filter(({ metrics }) => metrics !== undefined);
  const metrics = named.length
    ? [...new Set(named.flatMap((point) => Object.keys(point.metrics ?? {})))]
    : null;
  const width = pointKeys.length + (metrics?.length ?? 0);
  const numbers = new Float64Array(points.length * width);
  let at = 0;
  for (const point of points) {
    for (const key of pointKeys) numbers[at++] = point[key] ?? NaN;
    for (const name of metrics ?? []) numbers[at++] = point.metrics?.[name] ?? NaN;
  }
  return { metrics, numbers };
}

/** Null where the numbers are none of a curve's. */
function pointsOf(curve: Curve | undefined): LossPoint[] | null {
  if (!curve) return null;
  const { metrics, numbers } = curve;
  const width = pointKeys.length + (metrics?.length ?? 0);
  if (numbers.length % width !== 0) return null;
  const known = (index: number) => numbers[index] ?? NaN;
  const orNull = (index: number) => (Number.isFinite(known(index)) ? known(index) : null);
  const points: LossPoint[] = [];
  for (let at = 0; at < numbers.length; at += width) {
    const point: LossPoint = {
      iteration: known(at),
      epoch: known(at + 1),
      seconds: known(at + 2),
      train: orNull(at + 3),
      validation: orNull(at + 4),
      accuracy: orNull(at + 5),
    };
    if (!isKnown(point)) return null;
    if (metrics)
      point.metrics = Object.fromEntries(
        metrics.map((name, index) => [name, orNull(at + pointKeys.length + index)]),
      );
    points.push(point);
  }
  return points;
}

/** Where a point lies is known of each. */
const isKnown = ({ iteration, epoch, seconds }: LossPoint): boolean =>
  iteration >= 0 && epoch >= 0 && seconds >= 0 && Number.isFinite(iteration + epoch + seconds);
