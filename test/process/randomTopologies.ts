import { seededRandom } from '../../src/trainer/training/seededRandom';

/** A model small enough to train in a moment, and what it is trained on. */
export interface SmallModel {
  readonly name: string;
  readonly layers: readonly object[];
  /** Of one sample. */
  readonly shape: readonly number[];
  /** Null for a number to be predicted. */
  readonly classes: number | null;
  readonly training: { readonly loss: string; readonly optimizer: string | object };
}

type Random = () => number;

const layer = (className: string, config: object = {}) => ({ className, config });
const pick = <T>(random: Random, values: readonly [T, ...T[]]): T =>
  values[Math.floor(random() * values.length)] ?? values[0];
const maybe = (random: Random, made: object): object[] => (random() < 0.5 ? [made] : []);
const repeat = (random: Random, most: number, make: () => object[]): object[] =>
  Array.from({ length: 1 + Math.floor(random() * most) }, make).flat();

const activations = ['relu', 'tanh', 'sigmoid', 'linear', 'elu', 'softplus'] as const;

function dense(random: Random): object[] {
  const units = pick(random, [8, 24, 64, 128]);
  const config = { units, activation: pick(random, activations), useBias: random() < 0.8 };
  return [
    layer('Dense', config),
    ...maybe(random, layer('BatchNormalization')),
    ...maybe(random, layer('Dropout', { rate: 0.3 })),
  ];
}

function convolution(random: Random): object[] {
  const kind = pick(random, ['Conv2D', 'Conv2D', 'SeparableConv2D', 'DepthwiseConv2D']);
  const config = {
    kernelSize: pick(random, [1, 3]),
    padding: 'same',
    activation: pick(random, ['relu', 'linear', 'tanh']),
    ...(kind === 'DepthwiseConv2D' ? {} : { filters: pick(random, [4, 8, 12]) }),
  };
  return [
    layer(kind, config),
    ...maybe(random, layer('BatchNormalization')),
    ...maybe(random, layer(pick(random, ['MaxPooling2D', 'AveragePooling2D']), { poolSize: 2 })),
  ];
}

function recurrent(random: Random): object[] {
  const cell = (sequences: boolean) => {
    const kind = pick(random, ['LSTM', 'GRU', 'SimpleRNN']);
    const gates = { recurrentActivation: pick(random, ['sigmoid', 'hardSigmoid']) };
    const config = {
      units: pick(random, [4, 12, 24]),
      returnSequences: sequences,
      ...(kind === 'SimpleRNN' ? {} : gates),
    };
    const inner = layer(kind, config);
    return random() < 0.3
      ? layer('Bidirectional', { layer: inner, mergeMode: pick(random, ['concat', 'sum']) })
      : inner;
  };
  return [...maybe(random, cell(true)), cell(false)];
}

const families: Readonly<
  Record<string, (random: Random) => { layers: object[]; shape: readonly number[] }>
> = {
  dense: (random) => ({
    layers: repeat(random, 3, () => dense(random)),
    shape: [pick(random, [4, 16, 60])],
  }),
  convolution: (random) => ({
    layers: [
      ...repeat(random, 2, () => convolution(random)),
      layer(pick(random, ['Flatten', 'GlobalAveragePooling2D', 'GlobalMaxPooling2D'])),
    ],
    shape: [pick(random, [12, 16]), 12, pick(random, [1, 3])],
  }),
  recurrent: (random) => ({
    layers: recurrent(random),
    shape: [pick(random, [5, 14]), pick(random, [1, 4])],
  }),
  text: (random) => ({
    layers: [
      layer('Embedding', { inputDim: 20, outputDim: pick(random, [8, 16]) }),
      ...maybe(random, layer('Dense', { units: 12, activation: 'tanh' })),
      ...(random() < 0.5 ? recurrent(random) : [layer('GlobalAveragePooling1D')]),
    ],
    shape: [pick(random, [6, 15])],
  }),
};

/** So many models from one seed, of each family in turn. */
export function randomTopologies(count: number): SmallModel[] {
  const random = seededRandom(20_240);
  const names = Object.keys(families);
  return Array.from({ length: count }, (_, index) => {
    const family = names[index % names.length] ?? 'dense';
    const { layers, shape } = (families[family] ?? families.dense ?? empty)(random);
    const classes = pick(random, [null, 3, 10]);
    const end =
      classes === null
        ? layer('Dense', { units: 1 })
        : layer('Dense', { units: classes, activation: 'softmax' });
    const optimizer = pick<string | object>(random, [
      'adam',
      'adam',
      'sgd',
      { name: 'sgd', momentum: 0.9 },
      'rmsprop',
    ]);
    const loss =
      classes === null
        ? pick(random, ['meanSquaredError', 'meanAbsoluteError'])
        : 'sparseCategoricalCrossentropy';
    const all = [...layers, end];
    const text = all.map(({ className }: { className?: string }) => className).join(' ');
    return {
      name: `${index + 1} ${family}: ${text}`,
      layers: all,
      shape,
      classes,
      training: { loss, optimizer },
    };
  });
}

const empty = () => ({ layers: [], shape: [4] });
