import {
  clusters,
  lookups,
  pulses,
  rarities,
  shapes,
  signs,
  surface,
  topics,
  withOutliers,
  type Generator,
} from './generators';

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
  /** The layers are those of a graph, each with the names of those before it (Keras's JSON). */
  readonly isGraph?: true;
  /** The tuner's rules and constants must never be set by it: it tells whether they hold elsewhere. */
  readonly isCheck?: true;
  readonly loss: 'sparseCategoricalCrossentropy' | 'meanSquaredError';
  readonly optimizer:
    | 'adam'
    | { readonly name: 'adamw'; readonly weightDecay: number }
    | { readonly name: 'sgd'; readonly momentum: number };
  readonly learningRateScaling: 'sqrt' | 'linear';
  readonly epochs: number;
  /** Whether features are standardized; word numbers must not be. */
  readonly normalize: boolean;
  /** Largest size of the ladder; null: every training sample. */
  readonly maxBatchSize: number | null;
  /** Device bytes that training may take; null: what there is. The ladder ends at what fits. */
  readonly memoryLimit: number | null;
  /** Learning rates that the grid search tries at batch size 32. */
  readonly learningRates: readonly number[];
}

export const baseBatchSize = 32;
export const smallestBatchSize = 8;

const layer = (className: string, config: Record<string, unknown> = {}) => ({ className, config });
const dense = (units: number, activation = 'relu') => layer('Dense', { units, activation });
const convolution = (filters: number) =>
  layer('Conv2D', { filters, kernelSize: 3, padding: 'same', activation: 'relu' });
const pooling = layer('MaxPooling2D', { poolSize: 2 });
const normalizedConvolution = (filters: number) => [
  layer('Conv2D', { filters, kernelSize: 3, padding: 'same', useBias: false }),
  layer('BatchNormalization'),
  layer('Activation', { activation: 'relu' }),
  pooling,
];

/** A layer of a graph, as Keras writes it. */
const node = (
  className: string,
  name: string,
  before: readonly string[],
  config: Record<string, unknown> = {},
) => ({
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: before.length === 0 ? [] : [before.map((each) => [each, 0, 0, {}])],
});

/** An embedding of tokens, one transformer block (arXiv 1706.03762), and a softmax of their mean. */
const transformer = (shape: readonly number[], width: number, classes: number) => [
  node('InputLayer', 'tokens', [], { batch_input_shape: [null, ...shape] }),
  node('Dense', 'embedding', ['tokens'], { units: width, activation: 'linear' }),
  {
    ...node('MultiHeadAttention', 'attention', [], { num_heads: 2, key_dim: width / 2 }),
    inbound_nodes: [[['embedding', 0, 0, { value: ['embedding', 0, 0] }]]],
  },
  node('Add', 'attended', ['embedding', 'attention']),
  node('LayerNormalization', 'attended_norm', ['attended']),
  node('Dense', 'wide', ['attended_norm'], { units: 2 * width, activation: 'relu' }),
  node('Dense', 'narrow', ['wide'], { units: width, activation: 'linear' }),
  node('Add', 'block', ['attended_norm', 'narrow']),
  node('LayerNormalization', 'block_norm', ['block']),
  node('GlobalAveragePooling1D', 'mean', ['block_norm']),
  node('Dense', 'classes', ['mean'], { units: classes, activation: 'softmax' }),
];

const classes = {
  loss: 'sparseCategoricalCrossentropy',
  optimizer: 'adam',
  learningRateScaling: 'sqrt',
  normalize: true,
  maxBatchSize: null,
  memoryLimit: null,
  learningRates: [0.001, 0.002, 0.004, 0.008],
} as const;
const values = { ...classes, loss: 'meanSquaredError' } as const;

/**
 * Dense, convolutional, recurrent, text and regression; easy and noisy; small and larger data. The
 * best size is small where a sample costs the same in any batch (convolution), in the middle where
 * steps of small batches cost no less than others, and cut off by the data or by memory where
 * gradients are so noisy that only larger batches would do. The best size of each takes about one
 * to four seconds on one core, for a sweep must be worth its while.
 */
export const tasks: readonly TaskDefinition[] = [
  {
    ...classes,
    name: 'clusters',
    about: 'dense, easy',
    generator: clusters({
      features: 8,
      classes: 8,
      centresPerClass: 250,
      spread: 0.12,
      mislabeled: 0,
    }),
    dataSeed: 11,
    count: 40_000,
    layers: [dense(192), dense(192), dense(8, 'softmax')],
    epochs: 15,
  },
  {
    ...classes,
    name: 'mislabeled',
    about: 'dense, noisy, larger, memory ends it',
    generator: clusters({
      features: 8,
      classes: 4,
      centresPerClass: 160,
      spread: 0.2,
      mislabeled: 0.3,
    }),
    dataSeed: 12,
    count: 50_000,
    layers: [dense(128), dense(128), dense(4, 'softmax')],
    epochs: 12,
    memoryLimit: 2_750_000,
  },
  {
    ...values,
    name: 'scarce',
    about: 'regression, small data end it',
    generator: surface({ features: 2, noise: 0.4, bends: 9 }),
    dataSeed: 13,
    count: 1000,
    layers: [dense(44, 'tanh'), dense(44, 'tanh'), dense(1, 'linear')],
    epochs: 700,
  },
  {
    ...classes,
    name: 'shapes',
    about: 'convolution, images',
    generator: shapes({ side: 20, noise: 0.35 }),
    dataSeed: 14,
    count: 5000,
    layers: [
      convolution(16),
      pooling,
      convolution(32),
      pooling,
      layer('Flatten'),
      dense(10, 'softmax'),
    ],
    epochs: 6,
  },
  {
    ...classes,
    name: 'pulses',
    about: 'LSTM, sequences',
    generator: pulses({ steps: 20, delays: 5, noise: 0.7 }),
    dataSeed: 15,
    count: 6000,
    layers: [layer('LSTM', { units: 20 }), dense(5, 'softmax')],
    epochs: 6,
    learningRates: [0.002, 0.004, 0.008, 0.016],
  },
  {
    ...classes,
    name: 'topics',
    about: 'embedding, text',
    generator: topics({ words: 40, vocabulary: 8000, classes: 8, telling: 0.1 }),
    dataSeed: 16,
    count: 60_000,
    layers: [
      layer('Embedding', { inputDim: 8000, outputDim: 64 }),
      layer('GlobalAveragePooling1D'),
      dense(32),
      dense(8, 'softmax'),
    ],
    epochs: 3,
    normalize: false,
    learningRates: [0.0005, 0.001, 0.002, 0.004],
  },
  {
    ...values,
    name: 'surface',
    about: 'regression, momentum',
    generator: surface({ features: 4, noise: 0.3, bends: 8 }),
    dataSeed: 17,
    count: 30_000,
    layers: [dense(128), dense(128), dense(1, 'linear')],
    optimizer: { name: 'sgd', momentum: 0.9 },
    learningRateScaling: 'linear',
    epochs: 24,
    maxBatchSize: 1024,
    learningRates: [0.002, 0.004, 0.008, 0.016],
  },
  {
    ...classes,
    name: 'signs',
    about: 'GRU, flat start',
    generator: signs({ steps: 30, noise: 0.2 }),
    dataSeed: 18,
    count: 6000,
    layers: [layer('GRU', { units: 24 }), dense(4, 'softmax')],
    epochs: 10,
    learningRates: [0.002, 0.004, 0.008, 0.016],
  },
  {
    ...classes,
    name: 'lookups',
    about: 'transformer block',
    generator: lookups({ tokens: 6, values: 3, noise: 0.05 }),
    dataSeed: 19,
    count: 2500,
    layers: transformer([6, 6], 16, 3),
    isGraph: true,
    isCheck: true,
    epochs: 12,
  },
  {
    ...classes,
    name: 'rarities',
    about: 'table, one of 30 is rare',
    generator: rarities({ features: 6, share: 1 / 30, centres: 4, spread: 0.35 }),
    dataSeed: 20,
    count: 20_000,
    layers: [dense(64), dense(64), dense(2, 'softmax')],
    isCheck: true,
    epochs: 12,
  },
  {
    ...values,
    name: 'outliers',
    about: 'regression, outliers',
    generator: withOutliers(surface({ features: 3, noise: 0.3, bends: 4 }), {
      share: 0.02,
      size: 5,
    }),
    dataSeed: 21,
    count: 12_000,
    layers: [dense(96), dense(96), dense(1, 'linear')],
    epochs: 20,
  },
  {
    ...classes,
    name: 'moving',
    about: 'batch normalization, augmentation',
    generator: shapes({ side: 14, noise: 0.35 }),
    dataSeed: 22,
    count: 2500,
    layers: [
      layer('RandomTranslation', { heightFactor: 0.1, widthFactor: 0.1, fillMode: 'nearest' }),
      ...normalizedConvolution(8),
      ...normalizedConvolution(16),
      layer('Flatten'),
      dense(10, 'softmax'),
    ],
    isCheck: true,
    epochs: 6,
    maxBatchSize: 256,
  },
];
