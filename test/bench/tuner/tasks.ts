import { clusters, pulses, shapes, surface, topics, type Generator } from './generators';

/** One problem the tuner is measured on. */
export interface TaskDefinition {
  readonly name: string;
  /** What it stands for, in a table's width. */
  readonly about: string;
  readonly generator: Generator;
  readonly dataSeed: number;
  /** Samples generated; a fifth of them validates. */
  readonly count: number;
  readonly layers: readonly object[];
  readonly loss: 'sparseCategoricalCrossentropy' | 'meanSquaredError';
  readonly optimizer: 'adam' | { readonly name: 'sgd'; readonly momentum: number };
  readonly learningRateScaling: 'sqrt' | 'linear';
  readonly epochs: number;
  /** Whether features are standardized; word numbers must not be. */
  readonly normalize: boolean;
  /** Largest size of the ladder; null: every training sample. */
  readonly maxBatchSize: number | null;
  /** Learning rates that the grid search tries at batch size 32. */
  readonly learningRates: readonly number[];
}

export const baseBatchSize = 32;
export const smallestBatchSize = 8;

const layer = (className: string, config: Record<string, unknown> = {}) => ({ className, config });
const dense = (units: number, activation = 'relu') => layer('Dense', { units, activation });
const rates = [0.001, 0.002, 0.004, 0.008, 0.016];

/**
 * Dense, convolutional, recurrent, text and regression; easy and noisy; small and larger data. The
 * best size is small where a sample costs the same in any batch (convolution), large where a step
 * costs the same for any batch (small dense nets), and cut off by the data or by a limit.
 */
export const tasks: readonly TaskDefinition[] = [
  {
    name: 'clusters',
    about: 'dense, easy',
    generator: clusters({
      features: 16,
      classes: 8,
      centresPerClass: 30,
      spread: 0.4,
      mislabeled: 0,
    }),
    dataSeed: 11,
    count: 10_000,
    layers: [dense(96), dense(96), dense(8, 'softmax')],
    loss: 'sparseCategoricalCrossentropy',
    optimizer: 'adam',
    learningRateScaling: 'sqrt',
    epochs: 12,
    normalize: true,
    maxBatchSize: null,
    learningRates: rates,
  },
  {
    name: 'mislabeled',
    about: 'dense, noisy, larger',
    generator: clusters({
      features: 12,
      classes: 6,
      centresPerClass: 12,
      spread: 0.5,
      mislabeled: 0.3,
    }),
    dataSeed: 12,
    count: 20_000,
    layers: [dense(64), dense(64), dense(6, 'softmax')],
    loss: 'sparseCategoricalCrossentropy',
    optimizer: 'adam',
    learningRateScaling: 'sqrt',
    epochs: 8,
    normalize: true,
    maxBatchSize: null,
    learningRates: rates,
  },
  {
    name: 'scarce',
    about: 'regression, small data',
    generator: surface({ features: 3, noise: 0.1, bends: 4 }),
    dataSeed: 13,
    count: 1000,
    layers: [dense(96), dense(96), dense(1, 'linear')],
    loss: 'meanSquaredError',
    optimizer: 'adam',
    learningRateScaling: 'sqrt',
    epochs: 60,
    normalize: true,
    maxBatchSize: null,
    learningRates: rates,
  },
  {
    name: 'shapes',
    about: 'convolution, images',
    generator: shapes({ side: 14, noise: 0.5 }),
    dataSeed: 14,
    count: 4000,
    layers: [
      layer('Conv2D', { filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layer('MaxPooling2D', { poolSize: 2 }),
      layer('Conv2D', { filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layer('MaxPooling2D', { poolSize: 2 }),
      layer('Flatten'),
      dense(4, 'softmax'),
    ],
    loss: 'sparseCategoricalCrossentropy',
    optimizer: 'adam',
    learningRateScaling: 'sqrt',
    epochs: 6,
    normalize: true,
    maxBatchSize: 512,
    learningRates: rates,
  },
  {
    name: 'pulses',
    about: 'LSTM, sequences',
    generator: pulses({ steps: 12, noise: 0.7 }),
    dataSeed: 15,
    count: 4000,
    layers: [layer('LSTM', { units: 16 }), dense(3, 'softmax')],
    loss: 'sparseCategoricalCrossentropy',
    optimizer: 'adam',
    learningRateScaling: 'sqrt',
    epochs: 8,
    normalize: true,
    maxBatchSize: null,
    learningRates: rates,
  },
  {
    name: 'topics',
    about: 'embedding, text',
    generator: topics({ words: 20, vocabulary: 400, classes: 8, telling: 0.22 }),
    dataSeed: 16,
    count: 8000,
    layers: [
      layer('Embedding', { inputDim: 400, outputDim: 16 }),
      layer('GlobalAveragePooling1D'),
      dense(32),
      dense(8, 'softmax'),
    ],
    loss: 'sparseCategoricalCrossentropy',
    optimizer: 'adam',
    learningRateScaling: 'sqrt',
    epochs: 8,
    normalize: false,
    maxBatchSize: null,
    learningRates: rates,
  },
  {
    name: 'surface',
    about: 'regression, momentum',
    generator: surface({ features: 4, noise: 0.3, bends: 4 }),
    dataSeed: 17,
    count: 12_000,
    layers: [dense(96), dense(64), dense(1, 'linear')],
    loss: 'meanSquaredError',
    optimizer: { name: 'sgd', momentum: 0.9 },
    learningRateScaling: 'linear',
    epochs: 10,
    normalize: true,
    maxBatchSize: 512,
    learningRates: [0.002, 0.004, 0.008, 0.016, 0.032],
  },
];
