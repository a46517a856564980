import type { Trial } from './result';
import type { Evaluation, Metric } from './curve';

/** A trial's metric over its seconds of training, from what it was before training on. */
export function curveOfTrial({ loss }: Trial, metric: Metric, start: number): Evaluation[] {
  const points = loss.flatMap(({ seconds: x, validation, accuracy }) => {
    const value = metric === 'loss' ? validation : accuracy;
    return value === null ? [] : [{ x, value }];
  });
  return [{ x: 0, value: start }, ...points];
}
