import {
  add,
  cast,
  conv2d,
  div,
  expandDims,
  logicalOr,
  mul,
  ones,
  pad,
  reshape,
  rsqrt,
  sqrt,
  square,
  sub,
  sum,
  tidy,
  transpose,
  zeros,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { denseLayer, hasDenseKernel } from '../kernels/denseLayer';
import { batchNormalizationInOneKernel } from './fusedBatchNormalization';
import { recurrenceInOneKernel } from './fusedRecurrence';
import { firstTensor, isTraining, maskIn } from '../layers/keras';
import { override, type Call, type Kwargs } from './overrideCall';

/*
 * Layers that tfjs has but cannot train with some of their settings. Their classes are patched
 * here, so that models from topologies and from modules of the workspace both train as in Keras.
 */

type Layer = InstanceType<typeof layers.Layer>;

/** A weight, or a stand-in for one that the layer is configured without. */
interface Weight {
  read(): Tensor;
}

interface Normalization extends Layer {
  axis: number | readonly number[];
  scale: boolean;
  center: boolean;
  gamma: Weight | null | undefined;
  beta: Weight | null | undefined;
}

interface Variable extends Weight {
  write(value: Tensor): unknown;
}

interface BatchNormalization extends Normalization {
  readonly movingMean: Variable;
  readonly movingVariance: Variable;
  readonly momentum: number;
  readonly epsilon: number;
}

interface WithKernel extends Layer {
  readonly kernel: Weight;
  readonly bias: Weight | null;
  readonly activation: { apply(x: Tensor): Tensor; getClassName(): string } | null;
}

interface Convolution extends WithKernel {
  readonly kernelSize: readonly number[];
  readonly strides: [number, number];
  readonly dilationRate: number | readonly number[];
  readonly dataFormat: string;
  padding: string;
}

type Method<T> = (this: Layer, given: T, kwargs?: Kwargs) => T;

/** Runs something while an object has other values, then restores its own. */
function having<T extends object, R>(target: T, values: Partial<T>, work: () => R): R {
  const before = Object.fromEntries(
    Object.keys(values).map((key) => [key, target[key as keyof T]]),
  ) as Partial<T>;
  Object.assign(target, values);
  try {
    return work();
  } finally {
    Object.assign(target, before);
  }
}

let patched = false;

/** Patches the classes, once per process. */
export function patchLayers(): void {
  if (patched) return;
  patched = true;
  const convolution1d = layers.conv1d({ filters: 1, kernelSize: 1 });
  override(layers.batchNormalization(), batchNormalizationInOneKernel);
  override(layers.batchNormalization(), completeNormalization);
  override(layers.layerNormalization(), completeNormalization);
  override(layers.batchNormalization(), normalizeLastAxis);
  override(layers.batchNormalization(), normalizeByShownSteps);
  override(convolution1d, padCausally);
  keepCausalSteps(convolution1d);
  override(layers.conv2d({ filters: 1, kernelSize: 1 }), dilateUnfused);
  override(layers.dense({ units: 1 }), denseInOneKernel);
  override(layers.lstm({ units: 1 }), recurrenceInOneKernel);
  override(layers.gru({ units: 1 }), recurrenceInOneKernel);
  override(layers.simpleRNN({ units: 1 }), recurrenceInOneKernel);
  const layer = layers.simpleRNN({ units: 1 });
  override(layers.bidirectional({ layer, mergeMode: 'concat' }), zerosWhereMasked);
  mergeMasks();
}

/** A sum of layers hides what all of them hide; tfjs gives a mask of a shape that nothing takes. */
function mergeMasks(): void {
  const merge = Object.getPrototypeOf(Object.getPrototypeOf(layers.add())) as Layer;
  merge.computeMask = (_, given) => {
    const masks = [given].flat() as (Tensor | null | undefined)[];
    const [first, ...others] = masks.filter((mask) => mask !== null && mask !== undefined);
    // One input without a mask shows all steps.
    if (!first || others.length < masks.length - 1) return null as unknown as Tensor;
    return tidy(() => others.reduce<Tensor>((either, mask) => logicalOr(either, mask), first));
  };
}

/** A bidirectional layer gives zeros at the steps that a mask hides, where others repeat the last. */
function zerosWhereMasked(
  layer: Layer & { readonly returnSequences?: boolean },
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
) {
  const mask = maskIn(kwargs);
  if (!mask || layer.returnSequences !== true) return original(inputs, kwargs);
  return tidy(() => {
    const kept = expandDims(cast(mask, 'float32'), -1);
    const shown = (output: Tensor) => (output.rank === 3 ? mul(output, kept) : output);
    const outputs = original(inputs, kwargs);
    return Array.isArray(outputs) ? outputs.map(shown) : shown(outputs);
  });
}

/** Without a scale or an offset, tfjs reads one anyway: a scale of 1 or an offset of 0. */
function completeNormalization(
  layer: Normalization,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
) {
  const { scale, center, gamma, beta } = layer;
  if (scale && center) return original(inputs, kwargs);
  const { shape } = firstTensor(inputs);
  const lengths = [layer.axis].flat().map((axis) => shape.at(axis) ?? 1);
  const complete = {
    scale: true,
    center: true,
    gamma: scale ? gamma : { read: () => ones(lengths) },
    beta: center ? beta : { read: () => zeros(lengths) },
  };
  return having(layer, complete, () => original(inputs, kwargs));
}

/** Steps that a mask hides count neither in the mean nor in the variance of a batch. */
function normalizeByShownSteps(
  layer: BatchNormalization,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
) {
  const x = firstTensor(inputs);
  const mask = maskIn(kwargs);
  const isLast = [-1, x.rank - 1].includes(Number(layer.axis));
  if (!mask || !isTraining(kwargs) || !isLast) return original(inputs, kwargs);
  return tidy(() => {
    const { gamma, beta, epsilon, momentum } = layer;
    const shown = expandDims(cast(mask, 'float32'), -1);
    const axes = [...x.shape.keys()].slice(0, -1);
    // As Keras has it: https://github.com/keras-team/keras/blob/v3.15.1/keras/src/layers/normalization/batch_normalization.py
    const count = add(sum(shown), 1e-7);
    const mean = div(sum(mul(x, shown), axes), count);
    const variance = div(sum(mul(square(sub(x, mean)), shown), axes), count);
    const follow = (moving: Variable, value: Tensor) => {
      const before = moving.read();
      moving.write(add(mul(before, momentum), mul(value, 1 - momentum)));
    };
    follow(layer.movingMean, mean);
    follow(layer.movingVariance, variance);
    const scale = gamma
      ? div(gamma.read(), sqrt(add(variance, epsilon)))
      : rsqrt(add(variance, epsilon));
    const normal = mul(sub(x, mean), scale);
    return beta ? add(normal, beta.read()) : normal;
  });
}

/** Batch normalization has gradients over the last axis alone: any other is put there. */
function normalizeLastAxis(
  layer: Normalization,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
) {
  const x = firstTensor(inputs);
  const last = x.rank - 1;
  const axis = Number(layer.axis);
  const at = axis < 0 ? axis + x.rank : axis;
  if (at === last) return original(inputs, kwargs);
  // Exchanging two axes undoes itself.
  const exchanged = [...x.shape.keys()];
  [exchanged[at], exchanged[last]] = [last, at];
  return tidy(() => {
    const y = having(layer, { axis: last }, () => original(transpose(x, exchanged), kwargs));
    return transpose(firstTensor(y), exchanged);
  });
}

/** tfjs refuses causal padding, which is padding at the start alone. */
function padCausally(
  layer: Convolution,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
) {
  if (layer.padding !== 'causal') return original(inputs, kwargs);
  const [rate = 1] = [layer.dilationRate].flat();
  const before = ((layer.kernelSize[0] ?? 1) - 1) * rate;
  const steps = layer.dataFormat === 'channelsFirst' ? 2 : 1;
  return tidy(() => {
    const x = firstTensor(inputs);
    const padded = pad(
      x,
      x.shape.map((_, axis) => [axis === steps ? before : 0, 0]),
    );
    return having(layer, { padding: 'valid' }, () => original(padded, kwargs));
  });
}

/** Causal padding keeps as many steps as `same` does; tfjs expects fewer. */
function keepCausalSteps(sample: Layer): void {
  const prototype = Object.getPrototypeOf(sample) as Convolution;
  type Shapes = ReturnType<Layer['computeOutputShape']>;
  const original = Reflect.get(prototype, 'computeOutputShape') as Method<Shapes>;
  prototype.computeOutputShape = function (this: Convolution, shape) {
    const padding = this.padding === 'causal' ? 'same' : this.padding;
    return having(this, { padding }, () => original.call(this, shape));
  };
}

/** The fused convolution that tfjs uses has no gradient where it is dilated; the plain one has. */
function dilateUnfused(
  layer: Convolution,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
) {
  const [rows = 1, columns = rows] = [layer.dilationRate].flat();
  const dilated = rows !== 1 || columns !== 1;
  if (!dilated || layer.dataFormat === 'channelsFirst') return original(inputs, kwargs);
  return tidy(() => {
    const x = firstTensor(inputs) as Tensor4D;
    const filter = layer.kernel.read() as Tensor4D;
    const padding = layer.padding === 'same' ? 'same' : 'valid';
    const y = conv2d(x, filter, layer.strides, padding, 'NHWC', [rows, columns]);
    const biased = layer.bias ? add(y, layer.bias.read()) : y;
    return layer.activation ? layer.activation.apply(biased) : biased;
  });
}

/** Where the backend has a kernel for them: tfjs takes an operation for each part when it trains. */
function denseInOneKernel(
  { kernel, bias, activation }: WithKernel,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
) {
  const given = firstTensor(inputs);
  if (given.dtype !== 'float32' || !hasDenseKernel()) return original(inputs, kwargs);
  return tidy(() => {
    const weights = kernel.read() as Tensor2D;
    const [, units] = weights.shape;
    const rank2 = given.rank === 2 ? given : reshape(given, [-1, given.shape.at(-1) ?? 1]);
    const isRelu = activation?.getClassName() === 'relu';
    const biased = bias ? { bias: bias.read() as Tensor1D } : {};
    const rows = denseLayer(
      { x: rank2 as Tensor2D, weights, ...biased },
      isRelu ? 'relu' : 'linear',
    );
    const y = given.rank === 2 ? rows : reshape(rows, [...given.shape.slice(0, -1), units]);
    return activation && !isRelu ? activation.apply(y) : y;
  });
}
