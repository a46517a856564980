import * as tf from '@tensorflow/tfjs-core';
import {
  layers,
  sequential,
  input,
  model,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { outputObjective } from '../../../src/trainer/model/objective';
import { objectiveOf } from '../../../src/trainer/model/objectives';
import { gradientsOf, trainedVariables } from '../../../src/trainer/training/gradients';
import { unfixDropoutSeeds } from '../../../src/trainer/training/randomLayers';
import { withSeededRandom } from '../../../src/trainer/random/seededRandom';
import { loadCpu, loadWasm, randomTensor } from './backends';

type Layer = LayersModel['layers'][number];

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

const classify = (...stack: Layer[]): LayersModel =>
  sequential({ layers: [...stack, layers.dense({ units: 3, activation: 'softmax' })] as never });

const image: [number, number, number] = [8, 8, 2];
const series: [number, number] = [5, 3];

/** Dot products of a series with itself, softmaxed, as weights: attention without its projections. */
function attention(): LayersModel {
  const sequence = input({ shape: series });
  const query = layers.dense({ units: 4 }).apply(sequence) as SymbolicTensor;
  const key = layers.dense({ units: 4 }).apply(sequence) as SymbolicTensor;
  const scores = layers.dot({ axes: [2, 2] }).apply([query, key]) as SymbolicTensor;
  const weights = layers.activation({ activation: 'softmax' }).apply(scores) as SymbolicTensor;
  const mixed = layers.dot({ axes: [2, 1] }).apply([weights, sequence]) as SymbolicTensor;
  const normal = layers.layerNormalization().apply(mixed) as SymbolicTensor;
  const flat = layers.flatten().apply(normal) as SymbolicTensor;
  const outputs = layers.dense({ units: 3, activation: 'softmax' }).apply(flat);
  return model({ inputs: sequence, outputs: outputs as SymbolicTensor });
}

const models: Record<string, () => LayersModel> = {
  dense: () => classify(layers.dense({ inputShape: [6], units: 5, activation: 'relu' })),
  activations: () =>
    classify(
      layers.dense({ inputShape: [6], units: 5, activation: 'elu' }),
      layers.dense({ units: 5, activation: 'selu' }),
      layers.dense({ units: 5, activation: 'softplus' }),
      layers.dense({ units: 5, activation: 'tanh' }),
      layers.dense({ units: 5, activation: 'hardSigmoid' }),
      layers.dense({ units: 5, activation: 'swish' }),
      layers.leakyReLU(),
      layers.prelu(),
    ),
  regularized: () =>
    classify(
      layers.dense({ inputShape: [6], units: 5, kernelRegularizer: 'l1l2' }),
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.alphaDropout({ rate: 0.1 }),
    ),
  convolution: () =>
    classify(
      layers.conv2d({ inputShape: image, filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 3, kernelSize: 2, strides: 2, padding: 'same' }),
      layers.flatten(),
    ),
  depthwise: () =>
    classify(
      layers.separableConv2d({ inputShape: image, filters: 4, kernelSize: 3 }),
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same' }),
      layers.averagePooling2d({ poolSize: 2 }),
      layers.globalAveragePooling2d({}),
    ),
  transposedConvolution: () =>
    classify(
      layers.conv2dTranspose({ inputShape: image, filters: 3, kernelSize: 3, strides: 2 }),
      layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }),
      layers.zeroPadding2d({ padding: 1 }),
      layers.cropping2D({
        cropping: [
          [1, 1],
          [2, 2],
        ],
      }),
      layers.globalMaxPooling2d({}),
    ),
  convolution1d: () =>
    classify(
      layers.conv1d({ inputShape: series, filters: 4, kernelSize: 2, padding: 'same' }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.globalAveragePooling1d({}),
    ),
  convolution3d: () =>
    classify(
      layers.conv3d({ inputShape: [4, 4, 4, 1], filters: 2, kernelSize: 2 }),
      layers.maxPooling3d({ poolSize: 2, strides: 1 }),
      layers.flatten(),
    ),
  batchNormalization: () =>
    classify(
      layers.conv2d({ inputShape: image, filters: 4, kernelSize: 3 }),
      layers.batchNormalization(),
      layers.activation({ activation: 'relu' }),
      layers.globalAveragePooling2d({}),
    ),
  dropout: () =>
    classify(
      layers.dense({ inputShape: [6], units: 8 }),
      layers.dropout({ rate: 0.3 }),
      layers.gaussianDropout({ rate: 0.2 }),
    ),
  lstm: () =>
    classify(
      layers.lstm({ inputShape: series, units: 4, returnSequences: true }),
      layers.lstm({ units: 3, dropout: 0.2, recurrentDropout: 0.2 }),
    ),
  gru: () => classify(layers.gru({ inputShape: series, units: 4 })),
  simpleRnn: () => classify(layers.simpleRNN({ inputShape: series, units: 4 })),
  bidirectional: () =>
    classify(
      layers.bidirectional({
        inputShape: series,
        layer: layers.lstm({ units: 3 }),
        mergeMode: 'concat',
      }),
    ),
  timeDistributed: () =>
    classify(
      layers.timeDistributed({ inputShape: series, layer: layers.dense({ units: 4 }) }),
      layers.flatten(),
    ),
  convLstm: () =>
    classify(
      layers.convLstm2d({ inputShape: [3, 4, 4, 1], filters: 2, kernelSize: 2 }),
      layers.flatten(),
    ),
  embedding: () =>
    classify(
      layers.embedding({ inputDim: 7, outputDim: 4, inputLength: 5 }),
      layers.globalAveragePooling1d({}),
    ),
  attention,
};

/** Gradients of one batch, by the order of the variables. */
function gradients(build: () => LayersModel, indices: boolean) {
  const built = withSeededRandom(5, build);
  unfixDropoutSeeds(built);
  const trainable = {
    model: built,
    optimizer: tf.train.sgd(0.1),
    ...objectiveOf(outputObjective('sparseCategoricalCrossentropy')),
  };
  const shape = [6, ...(built.inputs[0]?.shape.slice(1) ?? []).map((size) => size ?? 1)];
  const features = indices
    ? tf.tensor2d(
        Array.from({ length: 30 }, (_, index) => index % 7),
        [6, 5],
      )
    : randomTensor(shape, 3);
  const labels = tf.tensor1d([0, 1, 2, 0, 1, 2]);
  const { loss, byVariable } = withSeededRandom(9, () =>
    gradientsOf(trainable, { features, labels }),
  );
  return {
    loss: loss.dataSync()[0] ?? NaN,
    gradients: trainedVariables(trainable).map((variable) =>
      Array.from(byVariable[variable.name]?.dataSync() ?? []),
    ),
  };
}

describe('layers train on WASM as on the CPU backend', () => {
  for (const [name, build] of Object.entries(models)) {
    it(name, () => {
      void tf.setBackend('cpu');
      const cpu = gradients(build, name === 'embedding');
      void tf.setBackend('wasm');
      const wasm = gradients(build, name === 'embedding');
      expect(wasm.loss).toBeCloseTo(cpu.loss, 4);
      expect(wasm.gradients).toHaveLength(cpu.gradients.length);
      cpu.gradients.forEach((expected, index) => {
        const actual = wasm.gradients[index] ?? [];
        expect(actual).toHaveLength(expected.length);
        expect(expected.length).toBeGreaterThan(0);
        const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
        const worst = expected.reduce(
          (most, value, at) => Math.max(most, Math.abs(value - (actual[at] ?? NaN)) / scale),
          0,
        );
        expect(worst).toBeLessThan(1e-3);
      });
    });
  }
});
