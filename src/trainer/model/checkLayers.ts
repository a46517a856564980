import { distance } from 'fastest-levenshtein';
import { mostLayers } from '../../config/schema';
import { fail, ok, type Place, type Result } from '../../core/text/problem';
import { activationNames, ensureActivation } from '../layers/activations';
import { tf } from '../tfjs/tf';
import { entryOf, isObject, type JsonObject } from '../../core/model/topology/json';
import { isModel, layersOf } from '../../core/model/topology/normalizeTopology';

/** Settings of Keras layers that tfjs ignores or refuses: the only value that means the same here. */
const onlyValues: readonly { classes: RegExp; option: string; value: unknown }[] = [
  { classes: /^GRUCell$/, option: 'reset_after', value: false },
  { classes: /^Attention$/, option: 'score_mode', value: 'dot' },
  { classes: /^Conv3DTranspose$/, option: 'output_padding', value: null },
  { classes: /^(Separable|Depthwise)?Conv\dD(Transpose)?$/, option: 'groups', value: 1 },
  { classes: /^(DepthwiseConv2D|Conv\dDTranspose)$/, option: 'dilation_rate', value: 1 },
  { classes: /^(LSTM|GRU|SimpleRNN|RNN)$/, option: 'stateful', value: false },
];

/** Beyond this, building a model would take minutes and memory before it fails. */
const widest = 2 ** 26;
const widths = ['units', 'filters', 'input_dim', 'output_dim'];

/** Stand-ins for layers that TensorFlow.js lacks, where one does much the same work. */
const standIns: Readonly<Record<string, string>> = {
  CuDNNLSTM: 'LSTM',
  CuDNNGRU: 'GRU',
  SyncBatchNormalization: 'BatchNormalization',
  RMSNormalization: 'LayerNormalization',
  Conv1DTranspose: 'Conv2DTranspose',
  DepthwiseConv1D: 'SeparableConv1D',
  EinsumDense: 'Dense',
};

/** Layers that turn text into numbers: tables of words, and none of the weights. */
const textLayers = new Set(['StringLookup', 'TextVectorization', 'Hashing', 'HashedCrossing']);

/** Layers of Keras that are not known here; any other unknown one is the person's own class. */
const kerasLayers = new Set([
  ...['IntegerLookup', 'CategoryEncoding', 'Discretization', 'FeatureSpace', 'MelSpectrogram'],
  ...['Conv1DTranspose', 'Conv3DTranspose', 'DepthwiseConv1D', 'ConvLSTM1D', 'ConvLSTM3D'],
  ...['EinsumDense', 'GroupQueryAttention', 'RMSNormalization', 'SpectralNormalization'],
  ...['LocallyConnected1D', 'LocallyConnected2D', 'RandomBrightness'],
  ...['RandomHeight', 'RandomWidth', 'RandomShear', 'RandomPerspective', 'StackedRNNCells'],
  ...['DenseFeatures', 'Wrapper', 'TFSMLayer', 'TorchModuleWrapper', 'JaxLayer', 'FlaxLayer'],
  ...['AdaptiveAveragePooling1D', 'AdaptiveAveragePooling2D', 'AutoContrast', 'MixUp', 'CutMix'],
  ...['RandAugment', 'AugMix', 'Solarization', 'Equalization', 'RandomColorJitter'],
  ...['SeparableConv1D', 'UpSampling1D', 'UpSampling3D', 'ZeroPadding1D', 'ZeroPadding3D'],
  ...[
    'Cropping1D',
    'Cropping3D',
    'GlobalAveragePooling3D',
    'GlobalMaxPooling3D',
    'STFTSpectrogram',
  ],
  ...['AdaptiveAveragePooling3D', 'AdaptiveMaxPooling1D', 'AdaptiveMaxPooling2D', 'Pipeline'],
  ...['AdaptiveMaxPooling3D', 'RandomColorDegeneration', 'RandomErasing', 'RandomGaussianBlur'],
  ...[
    'RandomElasticTransform',
    'RandomGrayscale',
    'RandomHue',
    'RandomInvert',
    'RandomPosterization',
  ],
  ...['RandomSaturation', 'RandomSharpness', 'MaxNumBoundingBoxes', 'ReversibleEmbedding'],
]);

/** Settings that Keras 1 had and later versions have under other names. */
const keras1Options = ['output_dim', 'nb_filter', 'nb_row', 'border_mode', 'p', 'init'];

/** Layers that only Keras 1 had. */
const keras1Layer =
  /^((Atrous|Separable)?Convolution[123]D|Deconvolution2D|MaxoutDense|Highway|TimeDistributedDense)$/;

function isKeras1(className: string, config: JsonObject): boolean {
  if (keras1Layer.test(className) || config.border_mode !== undefined) return true;
  if (className === 'Dropout') return config.p !== undefined && config.rate === undefined;
  return config.output_dim !== undefined && config.units === undefined && className !== 'Embedding';
}

/**
 * Checks every layer of a normalized topology, inner models and wrapped layers included, against
 * what TensorFlow.js has, so that a model it would refuse or misread is refused with a reason.
 */
export function checkLayers(model: JsonObject, place: Place): Result<true> {
  const className = String(model.class_name);
  if (!isModel({ class_name: className, config: {} }))
    return fail('modelIsSubclassed', { className }, place);
  const config = isObject(model.config) ? model.config : {};
  const given = Array.isArray(config.layers) ? config.layers : [];
  if (given.length === 0) return fail('modelNoLayers', {}, place);
  if (given.length > mostLayers) {
    return fail('modelManyLayers', { count: given.length, most: mostLayers }, place);
  }
  for (const [index, layer] of given.entries()) {
    const at = atLayer(place, index);
    if (
      !isObject(layer) ||
      typeof layer.class_name !== 'string' ||
      layer.class_name === 'undefined'
    )
      return fail('modelLayerMalformed', { index: index + 1 }, at);
    const checked = isModel(layer) ? checkLayers(layer, at) : checkLayer(layer, index, at);
    if (!checked.ok) return checked;
  }
  return ok(true);
}

/** Only layers written into the config have a place of their own there. */
function atLayer(place: Place, index: number): Place {
  return place.pointer?.at(-1) === 'layers'
    ? { ...place, pointer: [...place.pointer, index] }
    : place;
}

function checkLayer(layer: JsonObject, index: number, place: Place): Result<true> {
  const className = String(layer.class_name);
  const config = isObject(layer.config) ? layer.config : {};
  const name = typeof config.name === 'string' ? `"${config.name}"` : String(index + 1);

  const known = layerClassNames();
  const keras1 = keras1Options.find((option) => config[option] !== undefined);
  // A class of one's own may call its settings as Keras 1 did.
  const isKeras = known.includes(className) || keras1Layer.test(className);
  if (keras1 !== undefined && isKeras && isKeras1(className, config))
    return fail('modelIsKeras1', { name, className, option: keras1 }, place);
  if (!known.includes(className)) {
    const values = { name, className };
    if (textLayers.has(className)) return fail('modelLayerText', values, place);
    if (className === 'Lambda') return fail('modelLayerLambda', values, place);
    if (className.includes('.')) return fail('modelLayerOperation', values, place);
    // Files are written by Keras, which makes no slips.
    const slip = place.pointer?.includes('layers') ? closest(className, known) : null;
    const nearest = entryOf(standIns, className) ?? slip;
    if (nearest === null && !kerasLayers.has(className))
      return fail('modelLayerOwn', values, place);
    return nearest === null
      ? fail('modelLayerUnknown', values, place)
      : fail('modelLayerUnknownNearest', { name, className, nearest }, place);
  }
  for (const { classes, option, value } of onlyValues) {
    const given = config[option] ?? value;
    const same = [given].flat().every((each) => each === value);
    if (!classes.test(className) || same) continue;
    const values = { name, className, option, value: JSON.stringify(given) };
    return fail('modelLayerOption', { ...values, expected: JSON.stringify(value) }, place);
  }
  for (const option of widths) {
    const value = config[option];
    if (typeof value !== 'number' || value <= widest) continue;
    return fail('modelLayerTooWide', { name, className, option, value, most: widest }, place);
  }
  for (const option of ['activation', 'recurrent_activation']) {
    const activation = config[option];
    if (typeof activation !== 'string' || activations.includes(activation)) continue;
    if (activation !== 'relu' && ensureActivation(activation)) continue;
    const values = { name, activation, known: activations.join(', ') };
    return fail('modelActivationUnknown', values, place);
  }
  for (const [option, value] of Object.entries(config)) {
    if (!/_(initializer|regularizer|constraint)$/.test(option)) continue;
    const given = isObject(value) ? value.class_name : value;
    // TensorFlow.js looks names up in objects, which know these by inheritance.
    if (typeof given !== 'string' || !(given in {})) continue;
    return fail('modelNotBuilt', { cause: `Unknown ${option} ${given}` }, place);
  }
  const inner = [config.layer, ...layersOf(config.cells)].filter(isObject);
  for (const each of inner) {
    const checked = isModel(each) ? checkLayers(each, place) : checkLayer(each, index, place);
    if (!checked.ok) return checked;
  }
  return ok(true);
}

const activations = [
  ...['elu', 'gelu', 'hardSigmoid', 'linear', 'logSoftmax', 'mish', 'relu', 'relu6'],
  ...['selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'swish', 'tanh'],
  ...activationNames,
];

/** The class names of all layers that TensorFlow.js registered. */
function layerClassNames(): string[] {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  return Object.entries(classNameMap)
    .filter(([, [constructor]]) => constructor.prototype instanceof tf.layers.Layer)
    .map(([name]) => name);
}

/** A known name that differs by case or a letter or two. */
function closest(className: string, known: readonly string[]): string | null {
  const lower = className.toLowerCase();
  const ranked = known
    .map((name) => ({ name, steps: distance(lower, name.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  const [best] = ranked;
  return best && best.steps <= 2 ? best.name : null;
}
