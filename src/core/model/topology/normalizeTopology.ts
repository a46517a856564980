import { entryOf, isObject, pick, type JsonObject } from './json';
import { layerName, normalizeCall, tensorReferences } from './layerCalls';
import { withoutMaskOperations } from './maskOperations';
import { layerOfOperation } from './operations';

/**
 * Rewrites a model's JSON as Keras 2, Keras 3 or tfjs write it into the form that
 * `tf.models.modelFromJSON` of tfjs 4 reads: a tfjs model comes out as it was. Keras 3 writes
 * `batch_shape`, dtype policies, objects with module and registered name, and calls with args and
 * kwargs (https://keras.io/api/saving/); none of these tfjs knows. Keys are in snake_case.
 */
export function normalizeTopology(model: JsonObject): JsonObject {
  const config = isObject(model.config) ? model.config : {};
  if (model.class_name === 'Sequential') {
    // Keras 1 and early tfjs wrote the list of layers in place of the config.
    const layers = Array.isArray(model.config) ? model.config : config.layers;
    return {
      class_name: 'Sequential',
      config: {
        ...(typeof config.name === 'string' ? { name: config.name } : {}),
        layers: withInputShape(layersOf(layers).map(normalizeLayer), config.build_input_shape),
      },
    };
  }
  const given = layersOf(config.layers);
  const isOfKeras3 = given.some(isKeras3Call);
  const outputs = tensorReferences(config.output_layers);
  const layers = isOfKeras3 ? withoutMaskOperations(given, outputs) : given;
  const inner = new Set(isOfKeras3 ? layers.filter(isModel).map(layerName) : []);
  return {
    class_name: model.class_name === 'Functional' ? 'Model' : model.class_name,
    config: {
      ...(typeof config.name === 'string' ? { name: config.name } : {}),
      layers: layers.map((layer) => {
        const { inbound_nodes: calls, ...rest } = normalizeLayer(layer);
        const shifted = Array.isArray(calls)
          ? { inbound_nodes: calls.map((call) => afterOwnNode(call, inner)) }
          : {};
        return { ...rest, ...shifted };
      }),
      input_layers: tensorReferences(config.input_layers),
      output_layers: afterOwnNode(outputs, inner),
    },
  };
}

function isKeras3Call({ inbound_nodes: calls }: JsonObject): boolean {
  return Array.isArray(calls) && calls.some(isObject);
}

/**
 * Keras 3 counts the calls of an inner model from 0. In Keras 2 and tfjs the first is the one that
 * made it.
 */
function afterOwnNode(tensors: unknown, inner: ReadonlySet<unknown>): unknown {
  if (!Array.isArray(tensors)) return tensors;
  return tensors.map((tensor: unknown): unknown => {
    if (!Array.isArray(tensor) || !inner.has(tensor[0])) return tensor;
    const [name, node, ...rest] = tensor as unknown[];
    return [name, Number(node) + 1, ...rest];
  });
}

export function layersOf(layers: unknown): JsonObject[] {
  return Array.isArray(layers) ? layers.filter(isObject) : [];
}

/** A sequential model that was built without an input layer keeps its shape beside its layers. */
function withInputShape(layers: JsonObject[], buildShape: unknown): JsonObject[] {
  const [first, ...rest] = layers;
  if (!first || !Array.isArray(buildShape)) return layers;
  const config = isObject(first.config) ? first.config : {};
  if (config.batch_input_shape !== undefined || config.input_shape !== undefined) return layers;
  return [{ ...first, config: { ...config, batch_input_shape: buildShape } }, ...rest];
}

function normalizeLayer(given: JsonObject): JsonObject {
  if (isModel(given)) {
    return { ...normalizeTopology(given), ...callsOf(given) };
  }
  const layer = withoutBentRectifier(layerOfOperation(given));
  const className = plainClassName(layer.class_name);
  const config = isObject(layer.config) ? layer.config : {};
  const causal = isAttention.test(className) && isCalledCausally(layer.inbound_nodes);
  return {
    class_name: className,
    config: {
      ...normalizeConfig(className, config, layer.build_config),
      ...(isKeras3(layer) ? hardSigmoids(config) : {}),
      ...(causal ? { use_causal_mask: true } : {}),
    },
    ...(isAttention.test(className) ? withoutRepeats(callsOf(layer)) : callsOf(layer)),
  };
}

/**
 * Self-attention names one tensor as query, value and key, and tfjs counts a layer as one reader of
 * a tensor however often it takes it: after the first time it would dispose of what others still
 * read. An attention layer takes what is left out from the input before it.
 */
function withoutRepeats({ inbound_nodes: calls, ...rest }: JsonObject): JsonObject {
  if (!Array.isArray(calls)) return rest;
  const nameOf = (tensor: unknown) =>
    JSON.stringify(Array.isArray(tensor) ? tensor.slice(0, 3) : tensor);
  const once = (call: unknown): unknown => {
    if (!Array.isArray(call)) return call;
    const inputs: unknown[] = [...(call as unknown[])];
    while (inputs.length > 1 && nameOf(inputs.at(-1)) === nameOf(inputs.at(-2))) inputs.pop();
    return inputs;
  };
  return { ...rest, inbound_nodes: calls.map(once) };
}

/** tfjs has no rectifier layer with a slope or a threshold, but activations of ours are. */
function withoutBentRectifier(layer: JsonObject): JsonObject {
  const config = isObject(layer.config) ? layer.config : {};
  const isBent = Boolean(config.negative_slope) || Boolean(config.threshold);
  if (plainClassName(layer.class_name) !== 'ReLU' || !isBent) return layer;
  const others = pick(config, (key) => !/^(max_value|negative_slope|threshold)$/.test(key));
  const activation = reluName(config);
  return { ...layer, class_name: 'Activation', config: { ...others, activation } };
}

function isKeras3({ module }: JsonObject): boolean {
  return typeof module === 'string';
}

/** Keras 3 has another slope: relu6(x + 3) / 6 in place of 0.2·x + 0.5. */
function hardSigmoids(config: JsonObject): JsonObject {
  const keys = ['activation', 'recurrent_activation'];
  const hard = keys.filter((key) => config[key] === 'hard_sigmoid');
  return Object.fromEntries(hard.map((key) => [key, 'hardSigmoid6']));
}

const isAttention = /Attention$/;

/** Keras gives it with a call; tfjs keeps nothing of a call but its tensors. */
function isCalledCausally(calls: unknown): boolean {
  if (Array.isArray(calls)) return calls.some(isCalledCausally);
  if (!isObject(calls)) return false;
  return calls.use_causal_mask === true || isCalledCausally(calls.kwargs);
}

/** Keras writes the package that registered a class before its name: `Custom>Adam`. */
export function plainClassName(name: unknown): string {
  return String(name).replace(/^(Custom|Addons|keras|Keras)>/, '');
}

export function isModel(layer: JsonObject): boolean {
  const { class_name: className, config } = layer;
  if (className === 'Sequential') return true;
  return (className === 'Functional' || className === 'Model') && isObject(config);
}

/** Name and calls of a layer in a functional model. */
function callsOf(layer: JsonObject): JsonObject {
  const config = isObject(layer.config) ? layer.config : {};
  const name = layer.name ?? config.name;
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(Array.isArray(layer.inbound_nodes)
      ? { inbound_nodes: layer.inbound_nodes.map(normalizeCall) }
      : {}),
  };
}

/** Seeds go: tfjs takes them literally, so that every trial would get the same weights and masks. */
const dropped = new Set(['seed', 'build_config', 'registered_name', 'module', 'batch_shape']);

function normalizeConfig(className: string, config: JsonObject, buildConfig: unknown): JsonObject {
  const normalized: JsonObject = {};
  for (const [key, value] of Object.entries(config)) {
    if (dropped.has(key)) continue;
    normalized[key] = normalizeValue(key, value);
  }
  const batchShape = config.batch_shape ?? config.batch_input_shape;
  if (Array.isArray(batchShape)) normalized.batch_input_shape = batchShape;
  // An embedding's is that of the tokens it takes; tfjs would have its weights be whole numbers, too.
  if (className === 'Embedding') normalized.dtype = 'float32';
  const inputShape = isObject(buildConfig) ? buildConfig.input_shape : undefined;
  return forClass(className, normalized, inputShape);
}

function normalizeValue(key: string, value: unknown): unknown {
  if (key === 'dtype') return dtypeName(value);
  if (key === 'layer' && isObject(value)) return normalizeLayer(value);
  if (key === 'cells') return layersOf(value).map(normalizeLayer);
  if (!isObject(value) || typeof value.class_name !== 'string') return value;
  if (key.endsWith('activation')) return activationName(value);
  const config = isObject(value.config) ? pick(value.config, (name) => name !== 'seed') : {};
  return registered(value.class_name, config);
}

/** Initializers, regularizers and constraints by the names and settings that tfjs registered. */
function registered(className: string, config: JsonObject): JsonObject {
  switch (className) {
    case 'L1':
      return { class_name: 'L1L2', config: { l1: config.l1 ?? config.L1 ?? 0.01, l2: 0 } };
    case 'L2':
      return { class_name: 'L1L2', config: { l1: 0, l2: config.l2 ?? config.L2 ?? 0.01 } };
    case 'OrthogonalInitializer':
      return { class_name: 'Orthogonal', config };
    case 'IdentityInitializer':
      return { class_name: 'Identity', config };
    case 'GlorotUniform':
    case 'GlorotNormal':
    case 'HeUniform':
    case 'HeNormal':
    case 'LecunUniform':
    case 'LecunNormal':
      return { class_name: className.replace('Lecun', 'LeCun'), config: {} };
    default:
      return { class_name: className, config };
  }
}

/** Everything is trained in float32, a mixed-precision policy too: tfjs has no other. */
function dtypeName(value: unknown): string {
  const config = isObject(value) && isObject(value.config) ? value.config : {};
  const name = typeof value === 'string' ? value : config.name;
  return name === 'int32' || name === 'bool' ? name : 'float32';
}

/** Activations in Keras's names and in those of tfjs. */
const activations: Readonly<Record<string, string>> = {
  silu: 'swish',
  hard_sigmoid: 'hardSigmoid',
  log_softmax: 'logSoftmax',
  leaky_relu: 'leakyRelu',
  hard_silu: 'hardSwish',
  hard_swish: 'hardSwish',
  hard_tanh: 'hardTanh',
  log_sigmoid: 'logSigmoid',
  tanh_shrink: 'tanhShrink',
  soft_shrink: 'softShrink',
  hard_shrink: 'hardShrink',
};

/** An activation given as a function or as a layer, by its name. */
function activationName(value: JsonObject): string {
  const config = isObject(value.config) ? value.config : {};
  // A function is {"class_name": "function", "config": "relu"}.
  if (typeof value.config === 'string') return value.config;
  if (value.class_name === 'Activation') return String(config.activation);
  const given = config.negative_slope ?? config.alpha;
  const slope = typeof given === 'number' ? given : undefined;
  if (value.class_name === 'LeakyReLU') return `leakyRelu(${slope ?? 0.3})`;
  if (value.class_name === 'ELU')
    return slope === undefined || slope === 1 ? 'elu' : `elu(${slope})`;
  if (value.class_name === 'ReLU') return reluName(config);
  const name = String(value.class_name);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** `relu(highest, slope, threshold)`, with 0 for no highest value. */
function reluName(config: JsonObject): string {
  const settings = [config.max_value, config.negative_slope, config.threshold].map((value) =>
    typeof value === 'number' ? value : 0,
  );
  if (settings.every((each) => each === 0)) return 'relu';
  return `relu(${settings.join(', ')})`;
}

function forClass(className: string, config: JsonObject, inputShape: unknown): JsonObject {
  for (const key of ['activation', 'recurrent_activation']) {
    const activation = config[key];
    if (typeof activation === 'string')
      config[key] = entryOf(activations, activation) ?? activation;
  }
  switch (className) {
    case 'LeakyReLU': {
      const { negative_slope: slope, ...rest } = config;
      return slope === undefined ? config : { ...rest, alpha: slope };
    }
    case 'BatchNormalization':
    case 'LayerNormalization':
      return { ...config, axis: oneAxis(className, config.axis, inputShape) };
    case 'SeparableConv1D':
    case 'SeparableConv2D':
      // tfjs refuses these keys here, where they mean nothing.
      return pick(config, (key) => !/^kernel_(initializer|regularizer|constraint)$/.test(key));
    case 'Bidirectional':
      return pick(config, (key) => key !== 'backward_layer');
    default:
      return config;
  }
}

/** Keras 2 writes the axis of a batch normalization as a list of one, counted from the batch. */
function oneAxis(className: string, axis: unknown, inputShape: unknown): unknown {
  if (axis === undefined) return -1;
  if (!Array.isArray(axis) || className === 'LayerNormalization') return axis;
  const [only] = axis as unknown[];
  if (Array.isArray(inputShape) && only === inputShape.length - 1) return -1;
  return only;
}
