import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { seededRandom } from '../../../src/trainer/random/seededRandom';

/** Sizes that the Python script repeats: keep `torchSubject.py` equal. */
export interface Workload {
  readonly sampleShape: readonly number[];
  readonly build: () => layers.LayersModel;
}

export const classes = 10;
export const learningRate = 0.001;

const { dense, conv2d, maxPooling2d, flatten, lstm, gru, simpleRNN, bidirectional } = layers.layers;
const probabilities = () => dense({ units: classes, activation: 'softmax' });

export const workloads = {
  /** 784-256-128-10: 235,146 parameters. */
  dense: {
    sampleShape: [784],
    build: () =>
      layers.sequential({
        layers: [
          dense({ units: 256, activation: 'relu', inputShape: [784] }),
          dense({ units: 128, activation: 'relu' }),
          probabilities(),
        ],
      }),
  },
  /** 64-128-128-128-10: 42,634 parameters. */
  narrow: {
    sampleShape: [64],
    build: () =>
      layers.sequential({
        layers: [
          dense({ units: 128, activation: 'relu', inputShape: [64] }),
          dense({ units: 128, activation: 'relu' }),
          dense({ units: 128, activation: 'relu' }),
          probabilities(),
        ],
      }),
  },
  /** Two convolutions with pooling on 28 × 28 × 1: 12,810 parameters. */
  cnn: {
    sampleShape: [28, 28, 1],
    build: () =>
      layers.sequential({
        layers: [
          conv2d({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
          maxPooling2d({ poolSize: 2 }),
          conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
          maxPooling2d({ poolSize: 2 }),
          flatten(),
          probabilities(),
        ],
      }),
  },
  /** 28 steps of 28 features into 64 units: 24,458 parameters. */
  lstm: {
    sampleShape: [28, 28],
    build: () =>
      layers.sequential({ layers: [lstm({ units: 64, inputShape: [28, 28] }), probabilities()] }),
  },
  /** The same with a GRU: 19,082 parameters. */
  gru: {
    sampleShape: [28, 28],
    build: () =>
      layers.sequential({ layers: [gru({ units: 64, inputShape: [28, 28] }), probabilities()] }),
  },
  /** Two LSTMs of 64 units, one in each direction: 48,906 parameters. */
  bilstm: {
    sampleShape: [28, 28],
    build: () =>
      layers.sequential({
        layers: [
          bidirectional({
            layer: lstm({ units: 64 }),
            mergeMode: 'concat',
            inputShape: [28, 28],
          }),
          probabilities(),
        ],
      }),
  },
  /** A plain recurrent layer of 64 units: 6,602 parameters. */
  simpleRnn: {
    sampleShape: [28, 28],
    build: () =>
      layers.sequential({
        layers: [simpleRNN({ units: 64, inputShape: [28, 28] }), probabilities()],
      }),
  },
  /** Self-attention and a dense part, each with a way around it and a layer normalization. */
  transformer: {
    sampleShape: [32, 64],
    build: () => {
      const tokens = layers.input({ shape: [32, 64] });
      const project = () => dense({ units: 64 }).apply(tokens) as layers.SymbolicTensor;
      const around = (inner: layers.SymbolicTensor, outer: layers.SymbolicTensor) => {
        const sum = layers.layers.add().apply([inner, outer]);
        return layers.layers.layerNormalization().apply(sum) as layers.SymbolicTensor;
      };
      const scores = layers.layers.dot({ axes: [2, 2] }).apply([project(), project()]);
      const weights = layers.layers.softmax({ axis: -1 }).apply(scores) as layers.SymbolicTensor;
      const mixed = layers.layers.dot({ axes: [2, 1] }).apply([weights, project()]);
      const attended = around(dense({ units: 64 }).apply(mixed) as layers.SymbolicTensor, tokens);
      const wide = dense({ units: 128, activation: 'relu' }).apply(attended);
      const block = around(dense({ units: 64 }).apply(wide) as layers.SymbolicTensor, attended);
      const pooled = layers.layers.globalAveragePooling1d({}).apply(block);
      const output = probabilities().apply(pooled) as layers.SymbolicTensor;
      return layers.model({ inputs: tokens, outputs: output });
    },
  },
  /** One head of self-attention, 32 tokens of 32 features, and a mean over tokens. */
  attention: {
    sampleShape: [32, 32],
    build: () => {
      const tokens = layers.input({ shape: [32, 32] });
      const project = () => dense({ units: 64 }).apply(tokens) as layers.SymbolicTensor;
      const scores = layers.layers.dot({ axes: [2, 2] }).apply([project(), project()]);
      const weights = layers.layers.softmax({ axis: -1 }).apply(scores) as layers.SymbolicTensor;
      const mixed = layers.layers.dot({ axes: [2, 1] }).apply([weights, project()]);
      const hidden = dense({ units: 64, activation: 'relu' }).apply(mixed);
      const pooled = layers.layers.globalAveragePooling1d({}).apply(hidden);
      const output = probabilities().apply(pooled) as layers.SymbolicTensor;
      return layers.model({ inputs: tokens, outputs: output });
    },
  },
} satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof workloads;

/** Seeded features in −1…1 and class indices. */
export function samplesOf(sampleShape: readonly number[], count: number) {
  const random = seededRandom(1);
  const features = new Float32Array(count * tf.util.sizeFromShape([...sampleShape]));
  for (let index = 0; index < features.length; index++) features[index] = 2 * random() - 1;
  const labels = Float32Array.from({ length: count }, () => Math.floor(random() * classes));
  return { count, features, labels };
}
