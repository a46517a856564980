import {
  concat,
  dispose,
  mul,
  reshape,
  stack,
  sum,
  tidy,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InOrder, type UpcomingOrder } from './dataOrder';
import type { TrainingSamples } from './deviceData';
import { forward } from './gradients';
import type { Trainable } from './trainable';
import { nextTurn, type Turn } from '../turns';

export interface Evaluation {
  readonly loss: number;
  /** Standard error of the loss over the samples. */
  readonly standardError: number;
  /** The share of samples classified rightly; null for regression. */
  readonly accuracy: number | null;
  /** By their names; null where one is not defined. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** Weights, gradients and the two moments of an adaptive optimizer. */
const valuesPerWeight = 4;

/**
 * Approximate device bytes that training takes besides the data: what each weight needs, and the outputs
 * of all layers with their gradients.
 */
export function trainingBytes(model: LayersModel, batchSize: number): number {
  return 4 * valuesPerWeight * model.countParams() + 2 * batchSize * outputBytes(model);
}

/** Bytes of the outputs of all layers for one sample. */
export function outputBytes(model: LayersModel): number {
  const elements = model.layers
    .flatMap((layer) => layer.inboundNodes)
    .flatMap(({ outputShapes }) => listOf(outputShapes))
    .map((shape) => shape.slice(1).reduce<number>((product, size) => product * (size ?? 1), 1));
  return 4 * elements.reduce((total, size) => total + size, 0);
}

type Shape = readonly (number | null)[];

function listOf(shapes: Shape | readonly Shape[]): readonly Shape[] {
  return Array.isArray(shapes[0]) ? (shapes as readonly Shape[]) : [shapes as Shape];
}

/** Samples in some order that ends; `next` gives none once it has. */
interface EvaluationOrder extends UpcomingOrder {
  next(batchSize: number): Int32Array;
}

/**
 * Loss and accuracy in inference mode over all samples, or those of an order. Null when there are
 * none, or when it was interrupted.
 */
export async function evaluate(
  trainable: Trainable,
  samples: TrainingSamples,
  batchSize: number,
  turn: Turn,
  order: EvaluationOrder = new InOrder(samples.count),
): Promise<Evaluation | null> {
  const totals: Tensor[] = [];
  try {
    samples.follow(order);
    for (let indices = order.next(batchSize); indices.length > 0; indices = order.next(batchSize)) {
      if (turn.interrupted()) return null;
      totals.push(tidy(() => totalsOf(trainable, samples, indices)));
      await nextTurn();
    }
    const count = order.taken;
    if (count === 0) return null;
    const all = tidy(() => sumRows(totals));
    const [loss = NaN, squares = NaN, hits = NaN, ...others] = await all.data();
    all.dispose();
    const mean = loss / count;
    const variance = Math.max(0, squares / count - mean * mean);
    return {
      loss: mean,
      standardError: Math.sqrt(variance / Math.max(1, count - 1)),
      accuracy: trainable.hits ? hits / count : null,
      metrics: metricsOf(trainable, others, count),
    };
  } finally {
    dispose(totals);
  }
}

function metricsOf(
  { metrics = [] }: Trainable,
  sums: readonly number[],
  count: number,
): Evaluation['metrics'] {
  let at = 0;
  return Object.fromEntries(
    metrics.map(({ name, width, value }) => {
      const own = sums.slice(at, (at += width));
      const found = value(own, count);
      return [name, found !== null && Number.isFinite(found) ? found : null];
    }),
  );
}

/** Sum of losses, of their squares, and of hits, then the sums of each metric. */
function totalsOf(trainable: Trainable, samples: TrainingSamples, indices: Int32Array): Tensor {
  const { features, labels } = samples.batch(indices);
  const outputs = forward(trainable, features, false);
  const losses = trainable.losses(labels, outputs);
  const hits = trainable.hits?.(labels, outputs);
  const own = stack([
    sum(losses),
    sum(mul(losses, losses)),
    hits ? sum(hits) : sum(mul(losses, 0)),
  ]);
  const metrics = (trainable.metrics ?? []).map((metric) => metric.sums(labels, outputs));
  return metrics.length === 0 ? own : concat([own as Tensor1D, ...metrics]);
}

function sumRows(rows: readonly Tensor[]): Tensor {
  return sum(
    concat(
      rows.map((row) => reshape(row, [1, -1])),
      0,
    ),
    0,
  );
}
