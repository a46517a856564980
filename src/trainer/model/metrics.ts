import {
  argMax,
  cast,
  concat,
  equal,
  greater,
  mul,
  reshape,
  stack,
  sub,
  sum,
  tidy,
  topk,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import type { LossName } from '../../core/model/losses';
import { isObject, snakeCase } from '../../core/model/topology/json';
import { plainClassName } from '../../core/model/topology/normalizeTopology';
import { outputObjective, type OutputObjective } from './objective';

/** What is summed over samples for a metric, and what the sums give. */
interface Metric {
  /** How many sums there are. */
  readonly width: number;
  /** Sums over a batch, [width]. */
  readonly sums: (labels: Tensor, output: Tensor) => Tensor1D;
  /** @returns null where it is not defined, such as precision where nothing is positive */
  readonly value: (sums: readonly number[], samples: number) => number | null;
}

/** A metric of a model as it was compiled. */
export interface OutputMetric extends Metric {
  /** As the file names it; of several outputs with the output's name before it. */
  readonly name: string;
  /** Place of the output among those that are trained. */
  readonly output: number;
}

/** The metrics that are computed, and the names of those that are not. */
export interface CompiledMetrics {
  readonly known: readonly OutputMetric[];
  readonly unknown: readonly string[];
}

/** An output, for what its metrics depend on. */
export interface MeasuredOutput {
  readonly name: string;
  readonly loss: LossName;
  readonly units: number;
}

const losses: Readonly<Record<string, LossName>> = {
  mse: 'meanSquaredError',
  mean_squared_error: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  mean_absolute_error: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  mean_absolute_percentage_error: 'meanAbsolutePercentageError',
  msle: 'meanSquaredLogarithmicError',
  mean_squared_logarithmic_error: 'meanSquaredLogarithmicError',
  logcosh: 'logCosh',
  log_cosh: 'logCosh',
  log_cosh_error: 'logCosh',
  poisson: 'poisson',
  kld: 'kullbackLeiblerDivergence',
  kl_divergence: 'kullbackLeiblerDivergence',
  kullback_leibler_divergence: 'kullbackLeiblerDivergence',
  hinge: 'hinge',
  squared_hinge: 'squaredHinge',
  categorical_hinge: 'categoricalHinge',
  categorical_crossentropy: 'categoricalCrossentropy',
  sparse_categorical_crossentropy: 'sparseCategoricalCrossentropy',
  binary_crossentropy: 'binaryCrossentropy',
};

/** Thresholds of the area under the curve, as in Keras. */
const thresholds = 200;

/**
 * The metrics that a model was compiled with: names, or objects of a class and its settings, in one
 * list, a list for each output, or an object by output, as Keras 2, Keras 3 and tfjs write them.
 */
export function compiledMetrics(
  given: unknown,
  outputs: readonly MeasuredOutput[],
): CompiledMetrics {
  const known: OutputMetric[] = [];
  const unknown = new Set<string>();
  outputs.forEach((output, index) => {
    for (const each of metricsOf(given, output, index, outputs.length)) {
      const name = nameOf(each);
      if (name === null) continue;
      const metric = metricOf(name, each, output);
      const full = outputs.length > 1 ? `${output.name} ${name}` : name;
      if (metric === null) unknown.add(name);
      else if (!known.some((other) => other.name === full))
        known.push({ ...metric, name: full, output: index });
    }
  });
  return { known, unknown: [...unknown] };
}

function metricsOf(
  given: unknown,
  { name }: MeasuredOutput,
  index: number,
  outputs: number,
): readonly unknown[] {
  if (Array.isArray(given)) {
    const isPerOutput = given.length === outputs && given.every((each) => Array.isArray(each));
    return isPerOutput ? (given[index] as unknown[]) : given.flat();
  }
  if (typeof given === 'string') return [given];
  if (!isObject(given)) return [];
  if (typeof given.class_name === 'string') return [given];
  return [given[name] ?? given[snakeCase(name)] ?? []].flat();
}

/** In snake_case: `accuracy`, `mean_absolute_error`, `auc`. */
function nameOf(metric: unknown): string | null {
  if (typeof metric === 'string') return snakeCase(metric);
  if (!isObject(metric) || typeof metric.class_name !== 'string') return null;
  const className = plainClassName(metric.class_name);
  if (className === 'function') return typeof metric.config === 'string' ? metric.config : null;
  const config = isObject(metric.config) ? metric.config : {};
  const isWrapper = className === 'MeanMetricWrapper' || className === 'Mean';
  const own = typeof config.name === 'string' ? config.name : className;
  return isWrapper ? snakeCase(own) : snakeCase(className);
}

function metricOf(name: string, written: unknown, output: MeasuredOutput): Metric | null {
  const config = isObject(written) && isObject(written.config) ? written.config : {};
  const numberIn = (key: string, otherwise: number) => {
    const value = config[key];
    return typeof value === 'number' ? value : otherwise;
  };
  const loss = losses[name];
  if (loss !== undefined) return meanOf(outputObjective(loss).losses);
  switch (name) {
    case 'acc':
    case 'accuracy': {
      const { hits } = outputObjective(output.loss);
      return hits && meanOf(hits);
    }
    case 'binary_accuracy':
      return meanOf(hitsOf('binaryCrossentropy'));
    case 'categorical_accuracy':
    case 'sparse_categorical_accuracy':
      return output.units > 1 ? meanOf(hitsOf('categoricalCrossentropy')) : null;
    case 'top_k_categorical_accuracy':
    case 'sparse_top_k_categorical_accuracy':
      return output.units > 1 ? topHits(Math.min(numberIn('k', 5), output.units)) : null;
    case 'rmse':
    case 'root_mean_squared_error': {
      const { value, ...mean } = meanOf(outputObjective('meanSquaredError').losses);
      return { ...mean, value: (given, samples) => Math.sqrt(value(given, samples) ?? NaN) };
    }
    case 'cosine_similarity':
    case 'cosine_proximity': {
      const { value, ...mean } = meanOf(outputObjective('cosineSimilarity').losses);
      return { ...mean, value: (given, samples) => -(value(given, samples) ?? NaN) };
    }
    case 'precision':
    case 'recall':
      return shareOfPositives(name, numberIn('thresholds', 0.5));
    case 'auc':
      return config.curve === 'PR' ? null : areaUnderCurve();
    default:
      return null;
  }
}

function hitsOf(loss: LossName): OutputObjective['losses'] {
  const { hits } = outputObjective(loss);
  if (!hits) throw new Error(`There are no hits for ${loss}.`);
  return hits;
}

function meanOf(each: OutputObjective['losses']): Metric {
  return {
    width: 1,
    sums: (labels, output) => reshape(sum(each(labels, output)), [1]),
    value: ([total = NaN], samples) => total / samples,
  };
}

/** Whether the class is among the k that are the most likely. */
function topHits(k: number): Metric {
  return meanOf((labels, output) =>
    tidy(() => {
      const truth = labels.shape.length === output.shape.length ? argMax(labels, -1) : labels;
      const { indices } = topk(output, k);
      const wanted = reshape(cast(truth, 'int32'), [...indices.shape.slice(0, -1), 1]);
      const found = cast(equal(indices, wanted), 'float32');
      return sum<Tensor1D>(reshape(found, [indices.shape[0], -1]), 1);
    }),
  );
}

/** Labels as they are compared with an output: rows for classes. */
function truthOf(labels: Tensor, output: Tensor): Tensor {
  if (labels.size === output.size) return reshape(labels, output.shape);
  const units = output.shape.at(-1) ?? 1;
  const indices = reshape(cast(labels, 'int32'), [-1]);
  const columns = Array.from({ length: units }, (_, unit) => cast(equal(indices, unit), 'float32'));
  return reshape(stack(columns, -1), output.shape);
}

function shareOfPositives(kind: 'precision' | 'recall', threshold: number): Metric {
  return {
    width: 2,
    sums: (labels, output) =>
      tidy(() => {
        const truth = cast(greater(truthOf(labels, output), 0.5), 'float32');
        const chosen = cast(greater(output, threshold), 'float32');
        const all = kind === 'precision' ? chosen : truth;
        return stack([sum(mul(truth, chosen)), sum(all)]) as Tensor1D;
      }),
    value: ([right = NaN, all = NaN]) => (all === 0 ? null : right / all),
  };
}

/** The area under the receiver operating characteristic, by trapezoids between thresholds. */
function areaUnderCurve(): Metric {
  const step = 1 / (thresholds - 1);
  const limits = Array.from({ length: thresholds }, (_, index) => {
    if (index === 0) return -1e-7;
    return index === thresholds - 1 ? 1 + 1e-7 : index * step;
  });
  return {
    width: 2 * thresholds + 2,
    sums: (labels, output) =>
      tidy(() => {
        const truth = reshape(cast(greater(truthOf(labels, output), 0.5), 'float32'), [-1]);
        const flat = reshape(output, [-1]);
        const sums = limits.map((limit) =>
          tidy(() => {
            const chosen = cast(greater(flat, limit), 'float32');
            return stack([sum(mul(truth, chosen)), sum(chosen)]) as Tensor1D;
          }),
        );
        const totals = stack([sum(truth), sum(sub(1, truth))]) as Tensor1D;
        return concat([...sums, totals]);
      }),
    value: (sums) => {
      const [positives = 0, negatives = 0] = sums.slice(-2);
      if (positives === 0 || negatives === 0) return null;
      let area = 0;
      for (let at = 0; at + 1 < thresholds; at++) {
        const [right = 0, all = 0, nextRight = 0, nextAll = 0] = sums.slice(2 * at, 2 * at + 4);
        const width = (all - right - (nextAll - nextRight)) / negatives;
        area += (width * (right + nextRight)) / (2 * positives);
      }
      return area;
    },
  };
}
