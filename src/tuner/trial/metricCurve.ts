import { crossing, type Metric } from '../../core/sweep/curve';
import type { LossPoint } from '../../core/sweep/result';

/** One evaluation as planning reads it. */
export interface MetricPoint {
  readonly iteration: number;
  readonly epoch: number;
  readonly value: number;
  /** Standard error of the loss over the validation samples. */
  readonly lossError: number;
}

interface Crossing {
  readonly values: readonly MetricPoint[];
  readonly start: number | null;
  readonly target: number;
  readonly iterations: number | null;
}

/**
 * The metric at a trial's evaluations, and where it crosses a target. Both are kept, since they are
 * needed many times between two evaluations.
 */
export class MetricCurve {
  readonly #metric: Metric;
  #points: readonly LossPoint[] = [];
  #values: readonly MetricPoint[] = [];
  #crossing: Crossing | null = null;

  constructor(metric: Metric) {
    this.#metric = metric;
  }

  /** @param lossErrors one for each point */
  valuesAt(points: readonly LossPoint[], lossErrors: readonly number[]): readonly MetricPoint[] {
    if (this.#points !== points) {
      this.#points = points;
      this.#values = points.flatMap(({ iteration, epoch, validation, accuracy }, index) => {
        const value = this.#metric === 'loss' ? validation : accuracy;
        return value === null
          ? []
          : [{ iteration, epoch, value, lossError: lossErrors[index] ?? 0 }];
      });
    }
    return this.#values;
  }

  /** Updates after which the latest values, behind a start where one is known, reach a target. */
  updatesTo(target: number, start: number | null): number | null {
    const values = this.#values;
    const known = this.#crossing;
    if (known?.values === values && known.target === target && known.start === start) {
      return known.iterations;
    }
    const curve = [
      ...(start === null ? [] : [{ x: 0, value: start }]),
      ...values.map(({ iteration, value }) => ({ x: iteration, value })),
    ];
    const iterations = crossing(curve, this.#metric, target);
    this.#crossing = { values, start, target, iterations };
    return iterations;
  }
}
