import { entryOf, isObject, type JsonObject } from './json';

/** Shape of one sample; null stands for a length that is not known. */
export type Shape = readonly (number | null)[];

/** What a layer makes of its inputs, per sample. */
export interface LayerCost {
  readonly output: Shape;
  /** Weights, trained or not. */
  readonly parameters: number;
  readonly trainable: number;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce<number>((product, length) => product * (length ?? 1), 1);
}

type Cost = (config: JsonObject, inputs: readonly Shape[]) => LayerCost | null;

/**
 * Output shape and weights of a layer of tfjs, from its settings (keys in snake_case,
 * as Keras documents them) and the shapes of its inputs; null for a layer that is not known here.
 */
export function layerCost(
  className: string,
  config: JsonObject,
  inputs: readonly Shape[],
): LayerCost | null {
  return (entryOf(costs, className) ?? elementwise(className))?.(config, inputs) ?? null;
}

function elementwise(className: string): Cost | null {
  if (passing.has(className)) return (_, [input = []]) => plain(input);
  if (pointwise.has(className)) return (_, [input = []]) => plain(input);
  return null;
}

/** Layers that hand on what they get, at most in another shape. */
const passing = new Set(['InputLayer', 'ActivityRegularization', 'Masking']);
/** Layers that make a new value of each value. */
const pointwise = new Set([
  ...['Activation', 'ReLU', 'LeakyReLU', 'ELU', 'ThresholdedReLU', 'Softmax', 'Rescaling'],
  ...['Dropout', 'SpatialDropout1D', 'SpatialDropout2D', 'SpatialDropout3D', 'GaussianNoise'],
  ...['UnitNormalization', 'RandomFlip', 'RandomContrast', 'RandomTranslation'],
  ...['RandomRotation', 'RandomZoom', 'GaussianDropout', 'AlphaDropout'],
  ...['Add', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Subtract'],
]);

/** An image of the height and width that the layer names. */
const toSize: Cost = (config, [input = []]) =>
  plain([number(config.height), number(config.width), input.at(-1) ?? null]);

const costs: Readonly<Record<string, Cost>> = {
  Dense: (config, [input = []]) => {
    const units = number(config.units);
    const output = [...input.slice(0, -1), units];
    const weights = (input.at(-1) ?? 1) * units + bias(config, units);
    return { ...trained(weights), output };
  },
  Embedding: (config, [input = []]) => {
    const output = [...input, number(config.output_dim)];
    const weights = number(config.input_dim) * number(config.output_dim);
    return { ...trained(weights), output };
  },
  Flatten: (_, [input = []]) => plain([sizeOf(input)]),
  Reshape: (config, [input = []]) => {
    const target = numbers(config.target_shape);
    const known = target.filter((length) => length > 0).reduce((a, b) => a * b, 1);
    return plain(target.map((length) => (length > 0 ? length : sizeOf(input) / known)));
  },
  Permute: (config, [input = []]) =>
    plain(numbers(config.dims).map((axis) => input[axis - 1] ?? null)),
  RepeatVector: (config, [input = []]) => {
    const output = [number(config.n), ...input];
    return plain(output);
  },
  Concatenate: (config, inputs) => {
    const [first = []] = inputs;
    const axis = number(config.axis, -1);
    const at = axis < 0 ? first.length + axis : axis - 1;
    const along = inputs.reduce((sum, shape) => sum + (shape[at] ?? 1), 0);
    const output = first.map((length, index) => (index === at ? along : length));
    return plain(output);
  },
  Dot: (config, inputs) => {
    const left = inputs.map((shape, at) => {
      const dot = dotAxis(config, at, shape);
      return shape.filter((_, axis) => axis !== dot);
    });
    const output = left.flat();
    return plain(output.length === 0 ? [1] : output);
  },
  BatchNormalization: (config, [input = []]) => {
    const channels = input.at(-1) ?? 1;
    const scaled = (config.scale === false ? 0 : 1) + (config.center === false ? 0 : 1);
    const output = input;
    const trainable = scaled * channels;
    return { output, parameters: trainable + 2 * channels, trainable };
  },
  LayerNormalization: (config, [output = []]) => {
    const scaled = (config.scale === false ? 0 : 1) + (config.center === false ? 0 : 1);
    return { ...trained(scaled * (output.at(-1) ?? 1)), output };
  },
  ...forDimensions((rank) => ({
    [`Conv${String(rank)}D`]: (config, [input = []]) => {
      const filters = number(config.filters);
      const output = [...windows(config, input, rank, 'kernel_size'), filters];
      const kernel = product(spread(config.kernel_size, rank)) * (input.at(-1) ?? 1) * filters;
      return { ...trained(kernel + bias(config, filters)), output };
    },
    [`SeparableConv${String(rank)}D`]: (config, [input = []]) => {
      const filters = number(config.filters);
      const channels = (input.at(-1) ?? 1) * number(config.depth_multiplier, 1);
      const spatial = windows(config, input, rank, 'kernel_size');
      const output = [...spatial, filters];
      const depthwise = product(spread(config.kernel_size, rank)) * channels;
      const weights = depthwise + channels * filters + bias(config, filters);
      return { ...trained(weights), output };
    },
    [`MaxPooling${String(rank)}D`]: pooling(rank),
    [`AveragePooling${String(rank)}D`]: pooling(rank),
    [`GlobalMaxPooling${String(rank)}D`]: globalPooling,
    [`GlobalAveragePooling${String(rank)}D`]: globalPooling,
    [`UpSampling${String(rank)}D`]: (config, [input = []]) => {
      const factors = spread(config.size, rank, 2);
      const output = input.map((length, axis) =>
        axis < rank && length !== null ? length * (factors[axis] ?? 1) : length,
      );
      return plain(output);
    },
  })),
  DepthwiseConv2D: (config, [input = []]) => {
    const channels = (input.at(-1) ?? 1) * number(config.depth_multiplier, 1);
    const output = [...windows(config, input, 2, 'kernel_size'), channels];
    const kernel = product(spread(config.kernel_size, 2)) * channels;
    return { ...trained(kernel + bias(config, channels)), output };
  },
  Conv2DTranspose: transposedConvolution(2),
  Conv3DTranspose: transposedConvolution(3),
  ConvLSTM2D: (config, [input = []]) => {
    const [steps = null, ...image] = input;
    const filters = number(config.filters);
    const window = product(spread(config.kernel_size, 2));
    const weights = window * ((image.at(-1) ?? 1) + filters) * filters + bias(config, filters);
    const output = [...windows(config, image, 2, 'kernel_size'), filters];
    return {
      ...trained(4 * weights),
      output: config.return_sequences === true ? [steps, ...output] : output,
    };
  },
  PReLU: (config, [input = []]) => {
    const shared = Array.isArray(config.shared_axes) ? (config.shared_axes as unknown[]) : [];
    const lengths = input.map((length, axis) => (shared.includes(axis + 1) ? 1 : (length ?? 1)));
    return { ...trained(product(lengths)), output: input };
  },
  ZeroPadding2D: (config, [input = []]) => {
    const [rows = 0, columns = 0] = edges(config.padding);
    return plain([grown(input[0], rows), grown(input[1], columns), input[2] ?? null]);
  },
  Cropping2D: (config, [input = []]) => {
    const [rows = 0, columns = 0] = edges(config.cropping);
    return plain([grown(input[0], -rows), grown(input[1], -columns), input[2] ?? null]);
  },
  Resizing: toSize,
  CenterCrop: toSize,
  RandomCrop: toSize,
  GroupNormalization: (config, [output = []]) => {
    const scaled = (config.scale === false ? 0 : 1) + (config.center === false ? 0 : 1);
    return { ...trained(scaled * (output.at(-1) ?? 1)), output };
  },
  Normalization: (config, [output = []]) => {
    const kept = config.axis === null ? 1 : (output.at(-1) ?? 1);
    const isGiven = (config.mean ?? null) !== null;
    return { output, parameters: isGiven ? 0 : 2 * kept + 1, trainable: 0 };
  },
  MultiHeadAttention: (config, [query = [], value = query, key = value]) => {
    const [heads, size] = [number(config.num_heads), number(config.key_dim)];
    const valueSize = number(config.value_dim, size);
    const [given] = [config.output_shape].flat();
    const width = number(given, query.at(-1) ?? 1);
    const into = (from: Shape, to: number) => ((from.at(-1) ?? 1) + bias(config, 1)) * heads * to;
    const weights =
      into(query, size) + into(key, size) + into(value, valueSize) + heads * valueSize * width;
    return { ...trained(weights + bias(config, width)), output: [...query.slice(0, -1), width] };
  },
  Attention: (config, [query = [], value = query]) => ({
    ...trained(config.use_scale === true ? 1 : 0),
    output: [...query.slice(0, -1), value.at(-1) ?? null],
  }),
  AdditiveAttention: (config, [query = [], value = query]) => ({
    ...trained(config.use_scale === false ? 0 : (value.at(-1) ?? 1)),
    output: [...query.slice(0, -1), value.at(-1) ?? null],
  }),
  LSTM: recurrent(4),
  GRU: recurrent(3),
  SimpleRNN: recurrent(1),
  Bidirectional: (config, inputs) => {
    const inner = wrapped(config, inputs);
    if (!inner) return null;
    const mode = config.merge_mode ?? 'concat';
    const doubled = [...inner.output.slice(0, -1), 2 * (inner.output.at(-1) ?? 1)];
    const output = mode === 'concat' ? doubled : inner.output;
    return {
      output,
      parameters: 2 * inner.parameters,
      trainable: 2 * inner.trainable,
    };
  },
  TimeDistributed: (config, [input = []]) => {
    const inner = wrapped(config, [input.slice(1)]);
    if (!inner) return null;
    return { ...inner, output: [input[0] ?? null, ...inner.output] };
  },
};

/** The axis of one sample of an input that a Dot layer sums over; in its settings 0 is the batch. */
function dotAxis({ axes }: JsonObject, at: number, shape: Shape): number {
  const axis = number(Array.isArray(axes) ? (axes as unknown[])[at] : axes, -1);
  return axis < 0 ? shape.length + axis : axis - 1;
}

function trained(weights: number): Pick<LayerCost, 'parameters' | 'trainable'> {
  return { parameters: weights, trainable: weights };
}

function plain(output: Shape): LayerCost {
  return { output, parameters: 0, trainable: 0 };
}

function wrapped(config: JsonObject, inputs: readonly Shape[]): LayerCost | null {
  if (!isObject(config.layer)) return null;
  const inner = isObject(config.layer.config) ? config.layer.config : {};
  return layerCost(String(config.layer.class_name), inner, inputs);
}

function recurrent(gates: number): Cost {
  return (config, [input = []]) => {
    const units = number(config.units);
    const [steps = null, features = null] = input;
    const biases = (config.reset_after === true ? 2 : 1) * bias(config, units);
    const weights = gates * ((features ?? 1) * units + units * units + biases);
    const output = config.return_sequences === true ? [steps, units] : [units];
    return { ...trained(weights), output };
  };
}

function forDimensions(make: (rank: number) => Record<string, Cost>): Record<string, Cost> {
  return { ...make(1), ...make(2), ...make(3) };
}

function pooling(rank: number): Cost {
  return (config, [input = []]) => {
    const output = [...windows(config, input, rank, 'pool_size'), input.at(-1) ?? null];
    return plain(output);
  };
}

function transposedConvolution(rank: number): Cost {
  return (config, [input = []]) => {
    const filters = number(config.filters);
    const sizes = spread(config.kernel_size, rank);
    const strides = spread(config.strides, rank);
    const extra =
      (config.output_padding ?? null) === null ? null : spread(config.output_padding, rank);
    const lengths = sizes.map((size, axis) => {
      const length = input[axis] ?? null;
      const stride = strides[axis] ?? 1;
      if (length === null) return null;
      const isSame = config.padding === 'same';
      if (extra === null) return length * stride + (isSame ? 0 : Math.max(size - stride, 0));
      const taken = isSame ? 2 * Math.floor(size / 2) : 0;
      return (length - 1) * stride + size - taken + (extra[axis] ?? 0);
    });
    const kernel = product(sizes) * (input.at(-1) ?? 1) * filters;
    return { ...trained(kernel + bias(config, filters)), output: [...lengths, filters] };
  };
}

function globalPooling(config: JsonObject, [input = []]: readonly Shape[]): LayerCost {
  const channels = config.data_format === 'channels_first' ? 0 : input.length - 1;
  const isKept = config.keepdims === true;
  return plain(input.flatMap((length, axis) => (axis === channels ? [length] : isKept ? [1] : [])));
}

/** Lengths after a window has moved over each spatial axis. */
function windows(config: JsonObject, input: Shape, rank: number, key: string): (number | null)[] {
  const isPool = key === 'pool_size';
  const sizes = spread(config[key], rank, isPool ? 2 : 1);
  const strides = spread(config.strides, rank);
  const dilations = spread(config.dilation_rate, rank);
  return sizes.map((size, axis) => {
    const length = input[axis] ?? null;
    if (length === null) return null;
    // A pool that says nothing of strides moves by its own size.
    const stride = isPool && (config.strides ?? null) === null ? size : (strides[axis] ?? 1);
    if (config.padding === 'same') return Math.ceil(length / stride);
    const reach = (size - 1) * (dilations[axis] ?? 1) + 1;
    return config.padding === 'causal'
      ? Math.ceil(length / stride)
      : Math.floor((length - reach) / stride) + 1;
  });
}

/** Rows and columns that a padding or cropping changes, both sides together. */
function edges(value: unknown): number[] {
  return [0, 1].map((axis) => {
    const own: unknown = Array.isArray(value) ? (value as unknown[])[axis] : value;
    return Array.isArray(own)
      ? own.reduce<number>((sum, each) => sum + number(each, 0), 0)
      : 2 * number(own, 1);
  });
}

function grown(length: number | null | undefined, by: number): number | null {
  return typeof length === 'number' ? length + by : null;
}

function bias(config: JsonObject, units: number): number {
  return config.use_bias === false ? 0 : units;
}

function number(value: unknown, otherwise = 1): number {
  return typeof value === 'number' ? value : otherwise;
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map((each) => number(each, -1)) : [];
}

/** A setting for each axis, given once for all or one by one. */
function spread(value: unknown, rank: number, otherwise = 1): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return Array.from({ length: rank }, (_, axis) => number(list[axis] ?? value, otherwise));
}

function product(values: readonly number[]): number {
  return values.reduce((result, value) => result * value, 1);
}
