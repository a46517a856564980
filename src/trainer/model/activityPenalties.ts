import { div, tidy, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { regularizers, type layers, type LayersModel } from '@tensorflow/tfjs-layers';
import { isObject, pick, type JsonObject } from '../../core/model/topology/json';
import { allLayers } from './modelShapes';

/*
 * Penalties on what layers give (Keras: activity_regularizer, and the layer ActivityRegularization).
 * TensorFlow.js refuses to call a layer that has one, so that they are taken from the topology and
 * given to the layers that were built from it.
 */

type Layer = InstanceType<typeof layers.Layer>;

interface Penalty {
  readonly l1: number;
  readonly l2: number;
}

/** What tfjs layers and Keras take where only the kind is named. */
const usual = 0.01;

interface WithoutPenalties {
  readonly topology: JsonObject;
  /** By the names of layers. */
  readonly penalties: ReadonlyMap<string, Penalty>;
}

/** A normalized topology as tfjs builds it, and the penalties of its layers. */
export function takeActivityPenalties(topology: JsonObject): WithoutPenalties {
  const penalties = new Map<string, Penalty>();
  const withoutIn = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withoutIn);
    if (!isObject(value)) return value;
    const { class_name: className, config } = value;
    const inner = Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, withoutIn(each)]),
    );
    const penalty = isObject(config) && penaltyOf(String(className), config);
    if (!penalty) return inner;
    const given = config.name ?? value.name;
    const name = typeof given === 'string' ? given : `penalized_${penalties.size + 1}`;
    penalties.set(name, penalty);
    const rest = pick(inner.config as JsonObject, (key) => key !== 'activity_regularizer');
    return { ...inner, config: { ...rest, name } };
  };
  return { topology: withoutIn(topology) as JsonObject, penalties };
}

function penaltyOf(className: string, config: JsonObject): Penalty | null {
  const number = (value: unknown, otherwise: number) =>
    typeof value === 'number' ? value : otherwise;
  if (className === 'ActivityRegularization')
    return { l1: number(config.l1, 0), l2: number(config.l2, 0) };
  const given = config.activity_regularizer;
  if (typeof given === 'string') {
    const kind = given.toLowerCase();
    return { l1: kind.includes('l1') ? usual : 0, l2: kind.includes('l2') ? usual : 0 };
  }
  if (!isObject(given) || !isObject(given.config)) return null;
  return { l1: number(given.config.l1, 0), l2: number(given.config.l2, 0) };
}

/** Adds the penalties to the losses of a model that was built from the topology without them. */
export function addActivityPenalties(
  model: LayersModel,
  penalties: WithoutPenalties['penalties'],
): void {
  if (penalties.size === 0) return;
  const wrapped = new Set<Layer>();
  for (const layer of allLayers(model)) {
    const { layer: inner, forwardLayer, backwardLayer } = layer as Wrapper;
    if (inner) wrapped.add(inner);
    if (forwardLayer && backwardLayer) {
      // It calls two copies of the layer that it was made of.
      const own = penalties.get(inner?.name ?? '');
      if (own) for (const each of [forwardLayer, backwardLayer]) penalize(each, own, layer);
      continue;
    }
    const own = penalties.get(layer.name);
    // Keras 3 leaves out what a layer inside TimeDistributed gives.
    if (own && !wrapped.has(layer)) penalize(layer, own, layer);
  }
}

type Wrapper = Layer & { layer?: Layer; forwardLayer?: Layer; backwardLayer?: Layer };

/**
 * As Keras does, the sum over a batch is divided by its samples.
 * @param holder the layer whose losses the model collects
 */
function penalize(layer: Layer, penalty: Penalty, holder: Layer): void {
  const regularizer = regularizers.l1l2(penalty);
  const call = layer.call.bind(layer);
  let last: Tensor | null = null;
  layer.call = (inputs, kwargs) => {
    const output = call(inputs, kwargs);
    [last = null] = [output].flat();
    return output;
  };
  holder.addLoss((): Scalar =>
    tidy(() => {
      if (!last) throw new Error(`The layer ${layer.name} was not called.`);
      const [samples = 1] = last.shape;
      return div(regularizer.apply(last), samples);
    }),
  );
}
