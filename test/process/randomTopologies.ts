import { seededRandom } from '../../src/trainer/random/seededRandom';

/** A model small enough to train in a moment, and what it is trained on. */
export interface SmallModel {
  readonly name: string;
  readonly model: { readonly layers: readonly object[] } | { readonly topology: object };
  /** Whether what it takes are indices into an embedding. */
  readonly embeds: boolean;
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
    const { end, ...task } = taskFor(random);
    const all = [...layers, end];
    return {
      name: `${index + 1} ${family}: ${classNamesOf(all)}`,
      model: { layers: all },
      embeds: family === 'text',
      shape,
      ...task,
    };
  });
}

/** So many models with attention from one seed, as encoders of text or of series of numbers. */
export function attentionTopologies(count: number): SmallModel[] {
  const random = seededRandom(1706);
  return Array.from({ length: count }, (_, index) => {
    const embeds = index % 2 === 0;
    const length = pick(random, [8, 16, 30]);
    const shape = embeds ? [length] : [length, pick(random, [3, 6])];
    const graph = new Graph(shape);
    const width = pick(random, [8, 16, 32]);
    let x = embeds
      ? graph.add('Embedding', { input_dim: 20, output_dim: width }, [graph.input])
      : graph.add('Dense', { units: width }, [graph.input]);
    const blocks = 1 + Math.floor(random() * 2);
    for (let block = 0; block < blocks; block++) x = encoderBlock(graph, random, x, width);
    const pooled = random() < 0.5 ? 'GlobalAveragePooling1D' : 'Flatten';
    x = graph.add(pooled, {}, [x]);
    const { end, ...task } = taskFor(random);
    graph.add(end.className, end.config, [x]);
    const name = `${index + 1} attention: ${blocks} of ${width} over ${length}, ${pooled}`;
    return { name, model: { topology: graph.topology }, embeds, shape, ...task };
  });
}

/** Layers of Keras that TensorFlow.js lacks, or computes otherwise, each in a model of its own. */
export function addedLayers(): SmallModel[] {
  const gru = (config: object) => layer('GRU', { units: 24, resetAfter: true, ...config });
  const series = [12, 8];
  const image = [12, 12, 3];
  const convolution = layer('Conv2D', { filters: 8, kernelSize: 3, activation: 'relu' });
  const stacks: readonly (readonly [string, readonly number[], readonly object[]])[] = [
    ['GRU that resets after', series, [gru({ returnSequences: true }), gru({})]],
    ['Bidirectional GRU', series, [layer('Bidirectional', { layer: gru({}) })]],
    [
      'LSTM with dropout',
      series,
      [layer('LSTM', { units: 24, dropout: 0.2, recurrentDropout: 0.2 })],
    ],
    ['GRU of softsign, step by step', series, [gru({ activation: 'softsign' })]],
    [
      'GroupNormalization',
      image,
      [convolution, layer('GroupNormalization', { groups: 4 }), layer('GlobalAveragePooling2D')],
    ],
    [
      'SpatialDropout2D',
      image,
      [convolution, layer('SpatialDropout2D', { rate: 0.2 }), layer('Flatten')],
    ],
    ['UnitNormalization', [40], [layer('Dense', { units: 64 }), layer('UnitNormalization')]],
  ];
  const end = layer('Dense', { units: 3, activation: 'softmax' });
  const training = { loss: 'sparseCategoricalCrossentropy', optimizer: 'adam' };
  const task = { embeds: false, classes: 3, training };
  const graph = new Graph(series);
  const attended = graph.add('MultiHeadAttention', { num_heads: 2, key_dim: 8 }, [
    ...[graph.input, graph.input],
  ]);
  graph.add(end.className, end.config, [graph.add('Flatten', {}, [attended])]);
  return [
    ...stacks.map(([name, shape, layers]) => ({
      ...{ name, shape, model: { layers: [...layers, end] } },
      ...task,
    })),
    { name: 'MultiHeadAttention', shape: series, model: { topology: graph.topology }, ...task },
  ];
}

/** Attention of some heads and a dense layer for each place, with or without normalizing after. */
function encoderBlock(graph: Graph, random: Random, x: string, width: number): string {
  const heads = pick(random, [1, 2, 4]);
  const keyDim = width / heads;
  const permutes = random() < 0.5;
  const normalizes = random() < 0.8;
  const drops = random() < 0.5;
  const unit = random() < 0.2;
  const after = (from: string, made: string): string => {
    const dropped = drops ? graph.add('Dropout', { rate: 0.1 }, [made]) : made;
    const sum = graph.add('Add', {}, [from, dropped]);
    return normalizes ? graph.add('LayerNormalization', {}, [sum]) : sum;
  };
  const contexts = Array.from({ length: heads }, () => {
    const [query, key, value] = ['query', 'key', 'value'].map(() =>
      graph.add('Dense', { units: keyDim, use_bias: random() < 0.5 }, [x]),
    );
    if (!query || !key || !value) return x;
    const scores = permutes
      ? graph.add('Dot', { axes: [2, 1] }, [query, graph.add('Permute', { dims: [2, 1] }, [key])])
      : graph.add('Dot', { axes: 2, normalize: unit }, [query, key]);
    const scaled = graph.add('Rescaling', { scale: keyDim ** -0.5, offset: 0 }, [scores]);
    const softmax = pick(random, softmaxes);
    const weights = graph.add(softmax.className, softmax.config, [scaled]);
    return graph.add('Dot', { axes: [2, 1] }, [weights, value]);
  });
  const [only = x] = contexts;
  const joined = contexts.length === 1 ? only : graph.add('Concatenate', { axis: -1 }, contexts);
  const attended = after(x, graph.add('Dense', { units: width }, [joined]));
  const activation = pick(random, ['relu', 'tanh', 'elu']);
  const inner = graph.add('Dense', { units: 2 * width, activation }, [attended]);
  return after(attended, graph.add('Dense', { units: width }, [inner]));
}

const softmaxes: readonly [ReturnType<typeof layer>, ReturnType<typeof layer>] = [
  layer('Softmax', { axis: -1 }),
  layer('Activation', { activation: 'softmax' }),
];

/** Layers that are called on outputs of others, as tfjs writes them. */
class Graph {
  readonly input = 'input';
  private readonly layers: object[] = [];
  private last = this.input;

  constructor(shape: readonly number[]) {
    const config = { batch_input_shape: [null, ...shape], dtype: 'float32', name: this.input };
    this.layers.push({ class_name: 'InputLayer', name: this.input, config, inbound_nodes: [] });
  }

  /** @returns the name by which others take its output */
  add(className: string, config: object, inputs: readonly string[]): string {
    this.last = `${className.toLowerCase()}_${this.layers.length}`;
    this.layers.push({
      class_name: className,
      name: this.last,
      config: { ...config, name: this.last },
      inbound_nodes: [inputs.map((input) => [input, 0, 0, {}])],
    });
    return this.last;
  }

  get topology(): object {
    const ends = { input_layers: [[this.input, 0, 0]], output_layers: [[this.last, 0, 0]] };
    return { class_name: 'Model', config: { name: 'encoder', layers: this.layers, ...ends } };
  }
}

/** What a model is trained to tell, and its last layer. */
function taskFor(random: Random) {
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
  return { end, classes, training: { loss, optimizer } };
}

const classNamesOf = (layers: readonly { className?: string }[]): string =>
  layers.map(({ className }) => className).join(' ');

const empty = () => ({ layers: [], shape: [4] });
