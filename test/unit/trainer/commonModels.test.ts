import { layers, sequential } from '@tensorflow/tfjs-layers';
import { describe, it } from 'vitest';
import { optimizers } from '../../../src/config/trainingSchema';
import { lossNames } from '../../../src/core/model/losses';
import {
  apply,
  classify,
  dense,
  expectEqualCurves,
  flat,
  functional,
  image,
  merged,
  numbers,
  series,
  two,
  type Task,
} from './trainAlike';

/** Sequences and branches; then every loss and optimizer. */
const common: Record<string, Task> = {
  LSTM: {
    shape: series,
    model: classify(
      () =>
        layers.lstm({
          inputShape: [5, 3],
          units: 4,
          returnSequences: true,
          dropout: 0.1,
          recurrentDropout: 0.1,
        }),
      () => layers.lstm({ units: 4, recurrentActivation: 'sigmoid', goBackwards: true }),
    ),
  },
  'LSTM, dropout and all, in both implementations': {
    shape: series,
    model: classify(
      () =>
        layers.lstm({
          inputShape: [5, 3],
          units: 4,
          implementation: 1,
          returnSequences: true,
          unroll: true,
        }),
      () => layers.lstm({ units: 4, implementation: 2 }),
    ),
  },
  GRU: {
    shape: series,
    model: classify(() => layers.gru({ inputShape: [5, 3], units: 4, dropout: 0.2 })),
  },
  SimpleRNN: {
    shape: series,
    model: classify(() => layers.simpleRNN({ inputShape: [5, 3], units: 4 })),
  },
  'stacked RNN cells': {
    shape: series,
    model: classify(() =>
      layers.rnn({
        inputShape: [5, 3],
        cell: layers.stackedRNNCells({
          cells: [layers.lstmCell({ units: 3 }), layers.gruCell({ units: 2 })],
        }),
      }),
    ),
  },
  ...Object.fromEntries(
    (['concat', 'sum', 'ave', 'mul'] as const).map((mergeMode): [string, Task] => [
      `Bidirectional, ${mergeMode}`,
      {
        shape: series,
        model: classify(() =>
          layers.bidirectional({
            inputShape: [5, 3],
            layer: layers.gru({ units: 4, returnSequences: true }),
            mergeMode,
          }),
        ),
      },
    ]),
  ),
  'TimeDistributed Dense': {
    shape: series,
    model: classify(() =>
      layers.timeDistributed({ inputShape: [5, 3], layer: layers.dense({ units: 4 }) }),
    ),
  },
  'TimeDistributed Conv2D': {
    shape: [3, 4, 4, 1],
    model: classify(() =>
      layers.timeDistributed({
        inputShape: [3, 4, 4, 1],
        layer: layers.conv2d({ filters: 2, kernelSize: 2 }),
      }),
    ),
  },
  'TimeDistributed BatchNormalization': {
    shape: series,
    model: classify(
      () => layers.dense({ inputShape: [5, 3], units: 4 }),
      () => layers.timeDistributed({ layer: layers.batchNormalization({ scale: false }) }),
    ),
  },
  ConvLSTM2D: {
    shape: [3, 4, 4, 1],
    model: classify(() =>
      layers.convLstm2d({ inputShape: [3, 4, 4, 1], filters: 2, kernelSize: 2, padding: 'same' }),
    ),
  },
  'Embedding, averaged': {
    shape: [7],
    indices: 9,
    model: classify(
      () => layers.embedding({ inputDim: 9, outputDim: 4, inputLength: 7 }),
      () => layers.globalAveragePooling1d({}),
    ),
  },
  'Embedding with a mask before an LSTM': {
    shape: [7],
    indices: 4,
    model: classify(
      () => layers.embedding({ inputDim: 4, outputDim: 4, inputLength: 7, maskZero: true }),
      () => layers.lstm({ units: 4 }),
    ),
  },
  'Masking before a GRU': {
    shape: series,
    model: classify(
      () => layers.masking({ inputShape: [5, 3], maskValue: 0 }),
      () => layers.gru({ units: 4 }),
    ),
  },
  'Reshape, Permute, Flatten and RepeatVector': {
    shape: [12],
    model: classify(
      () => layers.reshape({ inputShape: [12], targetShape: [3, 4] }),
      () => layers.permute({ dims: [2, 1] }),
      () => layers.dense({ units: 3 }),
      () => layers.flatten(),
      () => layers.repeatVector({ n: 2 }),
      () => layers.simpleRNN({ units: 3 }),
    ),
  },
  'GaussianNoise, GaussianDropout and AlphaDropout': {
    shape: flat,
    model: classify(
      () => layers.dense({ inputShape: [6], units: 8 }),
      () => layers.gaussianNoise({ stddev: 0.1 }),
      () => layers.gaussianDropout({ rate: 0.2 }),
      () => layers.alphaDropout({ rate: 0.1 }),
      () => layers.dropout({ rate: 0.3, seed: 3 }),
    ),
  },
  'Dropout with a noise shape (spatial dropout)': {
    shape: image,
    model: classify(
      () => layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3 }),
      () => layers.dropout({ rate: 0.5, noiseShape: [8, 1, 1, 4] }),
    ),
  },
  'regularized and constrained weights': {
    shape: flat,
    model: classify(() =>
      layers.dense({
        inputShape: [6],
        units: 8,
        kernelRegularizer: 'l1l2',
        biasRegularizer: 'l1l2',
        activityRegularizer: undefined as never,
        kernelConstraint: 'maxNorm',
      }),
    ),
  },
  Add: { shape: flat, model: merged(() => layers.add()) },
  Multiply: { shape: flat, model: merged(() => layers.multiply()) },
  Average: { shape: flat, model: merged(() => layers.average()) },
  Maximum: { shape: flat, model: merged(() => layers.maximum()) },
  Minimum: { shape: flat, model: merged(() => layers.minimum()) },
  Concatenate: { shape: flat, model: merged(() => layers.concatenate()) },
  'Dot, normalized': {
    shape: flat,
    model: functional(flat, (x) =>
      apply(layers.dot({ axes: 1, normalize: true }), [dense(4, x), dense(4, x)]),
    ),
  },
  'a residual convolution': {
    shape: image,
    model: functional(image, (x) => {
      const first = apply(layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }), x);
      const normal = apply(layers.batchNormalization({ scale: false }), first);
      const active = apply(layers.activation({ activation: 'relu' }), normal);
      const second = apply(layers.conv2d({ filters: 4, kernelSize: 1 }), active);
      return apply(layers.add(), [first, second]);
    }),
  },
  'attention by dot products': {
    shape: series,
    model: functional(series, (x) => {
      const scores = apply(layers.dot({ axes: [2, 2] }), [dense(4, x), dense(4, x)]);
      const weights = apply(layers.softmax({ axis: -1 }), scores);
      const mixed = apply(layers.dot({ axes: [2, 1] }), [weights, dense(4, x)]);
      return apply(layers.layerNormalization({}), apply(layers.add(), [mixed, dense(4, x)]));
    }),
  },
  'a model inside a model': {
    shape: flat,
    model: functional(flat, (x) => {
      const inner = sequential({
        layers: [
          layers.dense({ inputShape: [6], units: 5 }),
          layers.batchNormalization({ scale: false }),
        ],
      });
      return apply(inner, x);
    }),
  },
};

describe('a model trains on WASM as on the CPU backend:', () => {
  it.each(Object.entries(common))('%s', async (_, task) => {
    await expectEqualCurves(task);
  });
});

const plain = classify(() => layers.dense({ inputShape: [6], units: 8, activation: 'tanh' }));

describe('an optimizer trains on WASM as on the CPU backend:', () => {
  const settings = [
    ...optimizers.map((name) => ({ name })),
    { name: 'sgd', momentum: 0.9, nesterov: true },
    { name: 'rmsprop', momentum: 0.5, decay: 0.8 },
    { name: 'adamax', decay: 0.1 },
  ];
  it.each(settings.map((optimizer) => [JSON.stringify(optimizer), optimizer]))(
    '%s',
    async (_, optimizer) => {
      await expectEqualCurves({ shape: flat, model: plain, training: { optimizer } });
    },
  );
});

describe('a loss is the same on WASM as on the CPU backend:', () => {
  const output = (units: number, activation: 'sigmoid' | 'softmax' | 'linear') => () =>
    sequential({
      layers: [
        layers.dense({ inputShape: [6], units: 8, activation: 'tanh' }),
        layers.dense({ units, activation }),
      ],
    });
  const byLoss: Record<(typeof lossNames)[number], Pick<Task, 'model' | 'labels'>> = {
    categoricalCrossentropy: { model: output(3, 'softmax') },
    sparseCategoricalCrossentropy: { model: output(3, 'softmax') },
    binaryCrossentropy: { model: output(1, 'sigmoid'), labels: two },
    meanSquaredError: { model: output(1, 'linear'), labels: numbers },
    meanAbsoluteError: { model: output(1, 'linear'), labels: numbers },
    meanAbsolutePercentageError: { model: output(1, 'linear'), labels: numbers },
    meanSquaredLogarithmicError: { model: output(1, 'sigmoid'), labels: numbers },
    huber: { model: output(1, 'linear'), labels: numbers },
    logCosh: { model: output(1, 'linear'), labels: numbers },
    poisson: { model: output(1, 'sigmoid'), labels: two },
    cosineSimilarity: { model: output(1, 'linear'), labels: numbers },
    kullbackLeiblerDivergence: { model: output(3, 'softmax') },
    hinge: { model: output(1, 'linear'), labels: two },
    squaredHinge: { model: output(1, 'linear'), labels: two },
    categoricalHinge: { model: output(3, 'linear') },
    binaryFocalCrossentropy: { model: output(1, 'sigmoid'), labels: two },
    categoricalFocalCrossentropy: { model: output(3, 'softmax') },
  };
  // Of one number the cosine is only its sign.
  it.each(lossNames.filter((loss) => loss !== 'cosineSimilarity'))('%s', async (loss) => {
    await expectEqualCurves({ shape: flat, ...byLoss[loss], training: { loss } });
  });
});
