import type { JsonObject } from '../json';
import { entryOf } from '../json';
import { layerCost, sizeOf, type Shape } from '../layerCost';
import { activate, isFused, mapsToFused } from './activations';
import { fixed, perSample, times } from './amount';
import {
  add,
  apply,
  cast,
  concatenate,
  convolution,
  depthwiseConvolution,
  divide,
  dropout,
  gather,
  largest,
  matMul,
  mean,
  moments,
  multiply,
  normalize,
  normalizeBatch,
  number,
  pool,
  reshape,
  resize,
  subtract,
  sumOver,
  tile,
} from './operations';
import {
  biasOf,
  biased,
  innerLayer,
  kernelOf,
  numberOf,
  windowOf,
  type Call,
  type Layer,
  type Shaped,
} from './layerCall';
import { bidirectional, recurrent, timeDistributed, type Cell } from './recurrent';
import type { Tape, Value } from './tape';

/**
 * What a layer of tfjs does to its inputs, as its `call` is written; null for a layer that is not
 * known here.
 */
export function callLayer(
  tape: Tape,
  className: string,
  config: JsonObject,
  inputs: readonly Shaped[],
): Shaped | null {
  const cost = layerCost(
    className,
    config,
    inputs.map(({ shape }) => shape),
  );
  const layer = entryOf(layers, className) ?? pooling(className);
  const [input] = inputs;
  if (!cost || !layer || !input) return null;
  const isTrained = config.trainable !== false;
  const call: Call = { tape, config, inputs, input, output: cost.output, isTrained };
  return { value: tape.tidy(() => layer(call)), shape: cost.output };
}

const same: Layer = ({ tape, input }) => reshape(tape, input.value);
const activated =
  (name: Parameters<typeof apply>[1]): Layer =>
  ({ tape, input }) =>
    apply(tape, name, input.value);
const dropped: Layer = ({ tape, config, input }) =>
  tape.training && config.rate !== 0 ? dropout(tape, input.value) : input.value;
/** One mask for all places of a channel. */
const channelsDropped: Layer = ({ tape, config, input }) => {
  if (!tape.training || config.rate === 0) return input.value;
  const mask = tape.constant(perSample(input.shape.at(-1) ?? 1));
  return multiply(tape, input.value, mask);
};
/** Work on samples, which have no gradient; so many copies are held at once. */
const augmented =
  (copies: number): Layer =>
  ({ tape, input }) => {
    if (!tape.training) return reshape(tape, input.value);
    return tape.tidy(() => {
      const made = Array.from({ length: copies }, () => tape.constant(input.value.size));
      return made[0] ?? input.value;
    });
  };
const noisy: Layer = ({ tape, input }) =>
  tape.training
    ? add(tape, input.value, multiply(tape, tape.constant(input.value.size), number(tape)))
    : input.value;
const convolved: Layer = (call) => {
  const { tape, config, input, output, isTrained } = call;
  const size = perSample(sizeOf(output));
  const kernel = tape.weight(fixed(kernelOf(call)), isTrained);
  const activation = config.activation ?? 'linear';
  // In two dimensions only the activation may be left to an operation of its own.
  const isPlane = input.shape.length === 3;
  if (isPlane && (isFused(tape, activation) || !mapsToFused(activation))) {
    const product = convolution(tape, input.value, kernel, size, { bias: biasOf(call) });
    return isFused(tape, activation) ? product : activate(tape, activation, product);
  }
  const linear = tape.tidy(() => biased(call, convolution(tape, input.value, kernel, size)));
  return activate(tape, activation, linear);
};
const merged =
  (merge: (tape: Tape, a: Value, b: Value) => Value): Layer =>
  ({ tape, inputs }) =>
    inputs.map(({ value }) => value).reduce((sum, value) => merge(tape, sum, value));

const layers: Readonly<Record<string, Layer>> = {
  InputLayer: same,
  Flatten: same,
  Reshape: same,
  Masking: ({ tape, input }) => multiply(tape, input.value, tape.constant(input.value.size)),
  ActivityRegularization: same,
  Activation: ({ tape, config, input }) => activate(tape, config.activation, input.value),
  ReLU: activated('relu'),
  LeakyReLU: activated('leakyRelu'),
  ELU: activated('elu'),
  ThresholdedReLU: activated('leakyRelu'),
  Softmax: activated('softmax'),
  Rescaling: ({ tape, input }) =>
    add(tape, multiply(tape, input.value, number(tape)), number(tape)),
  Dropout: dropped,
  SpatialDropout1D: channelsDropped,
  SpatialDropout2D: channelsDropped,
  SpatialDropout3D: channelsDropped,
  RandomFlip: augmented(6),
  RandomContrast: augmented(3),
  RandomTranslation: augmented(1),
  RandomRotation: augmented(1),
  RandomZoom: augmented(1),
  RandomCrop: ({ tape, output }) => tape.constant(perSample(sizeOf(output))),
  UnitNormalization: ({ tape, input }) => unitLength(tape, input.value, input.shape),
  Normalization: ({ tape, input }) =>
    divide(tape, subtract(tape, input.value, number(tape)), number(tape)),
  GroupNormalization: ({ tape, config, input, isTrained }) => {
    const { value, shape } = input;
    const channels = shape.at(-1) ?? 1;
    const groups = perSample(Math.max(1, numberOf(config.groups)));
    const x = reshape(tape, value);
    const offset = subtract(tape, x, mean(tape, x, groups));
    const variance = mean(tape, apply(tape, 'square', offset), groups);
    const scaled = divide(tape, offset, apply(tape, 'sqrt', add(tape, variance, number(tape))));
    const weight = () => tape.weight(fixed(channels), isTrained);
    const y = reshape(tape, scaled);
    const grown = config.scale === false ? y : multiply(tape, y, weight());
    return config.center === false ? grown : add(tape, grown, weight());
  },
  MultiHeadAttention: ({ tape, config, inputs, input, output, isTrained }) => {
    const [query, value = query, key = value] = inputs;
    const heads = numberOf(config.num_heads);
    const size = numberOf(config.key_dim);
    const valueSize = numberOf(config.value_dim ?? size);
    const project = (from: Shaped, each: number) => {
      const places = from.shape[0] ?? 1;
      const width = heads * each;
      const kernel = reshape(tape, tape.weight(fixed((from.shape.at(-1) ?? 1) * width), isTrained));
      const rows = perSample(places * width);
      const product = matMul(tape, reshape(tape, from.value), kernel, rows);
      const bias = config.use_bias === false ? null : tape.weight(fixed(width), isTrained);
      const biased = bias ? add(tape, product, reshape(tape, bias)) : product;
      return apply(tape, 'transposed', reshape(tape, biased));
    };
    const [from, of, by] = [query ?? input, value ?? input, key ?? input];
    const q = multiply(tape, project(from, size), number(tape));
    const [k, v] = [project(by, size), project(of, valueSize)];
    const [places, keys] = [from.shape[0] ?? 1, by.shape[0] ?? 1];
    const scores = matMul(tape, q, k, perSample(heads * places * keys));
    const shares = apply(tape, 'softmax', scores);
    const seen = numberOf(config.dropout ?? 0) > 0 ? dropout(tape, shares) : shares;
    const mixed = matMul(tape, seen, v, perSample(heads * places * valueSize));
    const rows = reshape(tape, apply(tape, 'transposed', mixed));
    const width = output.at(-1) ?? 1;
    const kernel = reshape(tape, tape.weight(fixed(heads * valueSize * width), isTrained));
    const product = matMul(tape, rows, kernel, perSample(sizeOf(output)));
    const biased =
      config.use_bias === false
        ? product
        : add(tape, product, tape.weight(fixed(width), isTrained));
    return reshape(tape, biased);
  },
  Attention: ({ tape, config, inputs, input, output, isTrained }) => {
    const [query = input, value = query, key = value] = inputs;
    const scores = matMul(
      tape,
      query.value,
      key.value,
      perSample((query.shape[0] ?? 1) * (key.shape[0] ?? 1)),
    );
    const scaled =
      config.use_scale === true ? multiply(tape, scores, tape.weight(fixed(1), isTrained)) : scores;
    return matMul(tape, apply(tape, 'softmax', scaled), value.value, perSample(sizeOf(output)));
  },
  AdditiveAttention: ({ tape, config, inputs, input, output, isTrained }) => {
    const [query = input, value = query, key = value] = inputs;
    const [places, keys, width] = [query.shape[0] ?? 1, key.shape[0] ?? 1, query.shape.at(-1) ?? 1];
    const pairs = perSample(places * keys * width);
    const sums = add(
      tape,
      tape.run({
        inputs: [query.value],
        outputs: [pairs],
        gradients: [{ result: query.value.size }],
      }),
      reshape(tape, key.value),
    );
    const each = apply(tape, 'tanh', sums);
    const scaled =
      config.use_scale === false
        ? each
        : multiply(tape, each, tape.weight(fixed(width), isTrained));
    const scores = sumOver(tape, scaled, perSample(places * keys));
    return matMul(tape, apply(tape, 'softmax', scores), value.value, perSample(sizeOf(output)));
  },
  GaussianNoise: noisy,
  GaussianDropout: noisy,
  AlphaDropout: noisy,
  Add: merged(add),
  Subtract: merged(add),
  Multiply: merged(multiply),
  Average: (call) => multiply(call.tape, number(call.tape), merged(add)(call)),
  Maximum: merged(add),
  Minimum: merged(add),
  Concatenate: ({ tape, inputs }) =>
    concatenate(
      tape,
      inputs.map(({ value }) => value),
    ),
  Dot: ({ tape, config, inputs, output }) => {
    const [a, b] = inputs.map(({ value, shape }) =>
      config.normalize === true ? unitLength(tape, value, shape) : value,
    );
    if (!a || !b) return tape.constant(perSample(sizeOf(output)));
    const size = perSample(sizeOf(output));
    if (inputs.every(({ shape }) => shape.length === 1))
      return reshape(tape, sumOver(tape, multiply(tape, a, b), size));
    return matMul(tape, a, b, size);
  },
  Permute: activated('transposed'),
  RepeatVector: ({ tape, input, output }) => tile(tape, input.value, perSample(sizeOf(output))),
  Dense: (call) => {
    const { tape, config, input, output, isTrained } = call;
    const isMatrix = input.shape.length === 1;
    const x = isMatrix ? input.value : reshape(tape, input.value);
    const weights = tape.weight(fixed(kernelOf(call)), isTrained);
    const kernel = isMatrix ? weights : apply(tape, 'transposed', weights);
    const size = perSample(sizeOf(output));
    const activation = config.activation ?? 'linear';
    if (isFused(tape, activation)) return matMul(tape, x, kernel, size, { bias: biasOf(call) });
    // What is not asked to be fused at all is a fused product without its bias.
    const fusing = mapsToFused(activation) ? undefined : { bias: null };
    return activate(tape, activation, biased(call, matMul(tape, x, kernel, size, fusing)));
  },
  Embedding: ({ tape, config, input, output, isTrained }) => {
    const table = tape.weight(
      fixed(numberOf(config.input_dim) * numberOf(config.output_dim)),
      isTrained,
    );
    const indices = cast(tape, cast(tape, input.value));
    return gather(tape, table, indices, perSample(sizeOf(output)));
  },
  BatchNormalization: ({ tape, config, input, isTrained }) => {
    const channels = fixed(input.shape.at(-1) ?? 1);
    const weight = (key: string) =>
      config[key] === false ? null : tape.weight(channels, isTrained);
    const [scale, offset] = [weight('scale'), weight('center')];
    const { value } = input;
    if (tape.training && tape.ownKernels) {
      return normalizeBatch(tape, value, channels, [scale, offset]);
    }
    const used = tape.training
      ? moments(tape, value, channels)
      : { mean: tape.weight(channels, false), variance: tape.weight(channels, false) };
    const x = input.shape.length === 3 ? value : reshape(tape, value);
    const normalized = normalize(tape, x, used, scale, offset);
    return input.shape.length === 3 ? normalized : reshape(tape, normalized);
  },
  LayerNormalization: ({ tape, config, input, isTrained }) => {
    const { value } = input;
    const channels = input.shape.at(-1) ?? 1;
    const found = moments(tape, value, times(value.size, 1 / channels));
    const repeated = (each: Value) => tile(tape, each, value.size);
    const weight = (key: string) =>
      config[key] === false ? null : repeated(tape.weight(fixed(channels), isTrained));
    const used = { mean: repeated(found.mean), variance: repeated(found.variance) };
    const [scale, offset] = [weight('scale'), weight('center')];
    const x = input.shape.length === 3 ? value : reshape(tape, value);
    const normalized = normalize(tape, x, used, scale, offset);
    return input.shape.length === 3 ? normalized : reshape(tape, normalized);
  },
  Conv2DTranspose: (call) => {
    const { tape, config, input, output, isTrained } = call;
    const filters = output.at(-1) ?? 1;
    const size = windowOf(config, 2) * (input.shape.at(-1) ?? 1) * filters;
    const kernel = tape.weight(fixed(size), isTrained);
    const product = convolution(tape, input.value, kernel, perSample(sizeOf(output)));
    return activate(tape, config.activation ?? 'linear', biased(call, product));
  },
  PReLU: ({ tape, input, isTrained }) => {
    const alpha = tape.weight(fixed(input.shape.at(-1) ?? 1), isTrained);
    return add(
      tape,
      apply(tape, 'relu', input.value),
      multiply(tape, alpha, apply(tape, 'relu', input.value)),
    );
  },
  ZeroPadding2D: ({ tape, input, output }) => resize(tape, input.value, perSample(sizeOf(output))),
  Cropping2D: ({ tape, input, output }) => resize(tape, input.value, perSample(sizeOf(output))),
  CenterCrop: ({ tape, output }) => tape.constant(perSample(sizeOf(output))),
  Resizing: ({ tape, input, output }) => resize(tape, input.value, perSample(sizeOf(output))),
  Conv1D: convolved,
  Conv2D: convolved,
  Conv3D: convolved,
  SeparableConv2D: (call) => {
    const { tape, config, input, output, isTrained } = call;
    const filters = output.at(-1) ?? 1;
    const channels = (input.shape.at(-1) ?? 1) * numberOf(config.depth_multiplier);
    const depthwise = tape.weight(fixed(windowOf(config, 2) * channels), isTrained);
    const pointwise = tape.weight(fixed(channels * filters), isTrained);
    const size = sizeOf(output);
    const product = tape.tidy(() => {
      const between = perSample((size / filters) * channels);
      const seen = depthwiseConvolution(tape, input.value, depthwise, between);
      return convolution(tape, seen, pointwise, perSample(size));
    });
    return activate(tape, config.activation ?? 'linear', biased(call, product));
  },
  DepthwiseConv2D: (call) => {
    const { tape, config, input, output, isTrained } = call;
    const kernel = tape.weight(fixed(windowOf(config, 2) * (output.at(-1) ?? 1)), isTrained);
    const product = depthwiseConvolution(tape, input.value, kernel, perSample(sizeOf(output)));
    return activate(tape, config.activation ?? 'linear', biased(call, product));
  },
  UpSampling2D: ({ tape, input, output }) => resize(tape, input.value, perSample(sizeOf(output))),
  LSTM: ({ tape, config, input, isTrained }) => recurrent(tape, 'LSTM', config, input, isTrained),
  GRU: ({ tape, config, input, isTrained }) => recurrent(tape, 'GRU', config, input, isTrained),
  SimpleRNN: ({ tape, config, input, isTrained }) =>
    recurrent(tape, 'SimpleRNN', config, input, isTrained),
  Bidirectional: ({ tape, config, input, isTrained }) => {
    const inner = innerLayer(config);
    const cell = inner.className as Cell;
    return bidirectional(tape, config.merge_mode, inner.config, (reversed) =>
      recurrent(tape, cell, { ...inner.config, go_backwards: reversed }, input, isTrained),
    );
  },
  TimeDistributed: ({ tape, config, input }) => {
    const inner = innerLayer(config);
    return timeDistributed(tape, input, (step) => {
      const called = callLayer(tape, inner.className, inner.config, [step]);
      return called?.value ?? step.value;
    });
  },
};

/** Divides by the root of the sum of squares over an axis; the last one's length stands for any. */
function unitLength(tape: Tape, x: Value, shape: Shape): Value {
  return tape.tidy(() => {
    const size = times(x.size, 1 / (shape.at(-1) ?? 1));
    const squares = sumOver(tape, multiply(tape, x, x), size);
    tape.constant(size);
    return divide(tape, x, apply(tape, 'sqrt', apply(tape, 'largerOf', squares)));
  });
}

function pooling(className: string): Layer | null {
  const kind = /^(Global)?(Max|Average)Pooling[123]D$/.exec(className);
  if (!kind) return null;
  const [, whole, which] = kind;
  return ({ tape, input, output }) => {
    const size = perSample(sizeOf(output));
    if (!whole) return pool(tape, which === 'Max' ? 'max' : 'average', input.value, size);
    return which === 'Max' ? largest(tape, input.value, size) : mean(tape, input.value, size);
  };
}
