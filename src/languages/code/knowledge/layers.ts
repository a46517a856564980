import type { LayerFamily } from '../../site';
import { plainName } from '../../names';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { CallExpr, Chunk } from '../read/syntax';

/** Keras class names by the plain name of what other libraries call the same layer. */
const classNames: Record<string, string> = {
  conv: 'Conv2D',
  convtranspose: 'Conv2DTranspose',
  dense: 'Dense',
  densegeneral: 'Dense',
  linear: 'Dense',
  lazylinear: 'Dense',
  bilinear: 'Dense',
  einsumdense: 'EinsumDense',
  lstm: 'LSTM',
  cudnnlstm: 'LSTM',
  gru: 'GRU',
  cudnngru: 'GRU',
  simplernn: 'SimpleRNN',
  rnn: 'RNN',
  optimizedlstmcell: 'LSTM',
  lstmcell: 'LSTMCell',
  grucell: 'GRUCell',
  simplernncell: 'SimpleRNNCell',
  simplecell: 'SimpleRNNCell',
  rnncell: 'SimpleRNNCell',
  convlstm2d: 'ConvLSTM2D',
  embed: 'Embedding',
  embedding: 'Embedding',
  embeddingbag: 'Embedding',
  multiheadattention: 'MultiHeadAttention',
  multiheaddotproductattention: 'MultiHeadAttention',
  selfattention: 'MultiHeadAttention',
  attention: 'Attention',
  additiveattention: 'AdditiveAttention',
  groupedqueryattention: 'GroupedQueryAttention',
  scaleddotproductattention: 'Attention',
  transformer: 'Transformer',
  transformerencoder: 'TransformerEncoder',
  transformerencoderlayer: 'TransformerEncoder',
  transformerdecoder: 'TransformerDecoder',
  transformerdecoderlayer: 'TransformerDecoder',
  tokenandpositionembedding: 'TokenAndPositionEmbedding',
  batchnorm: 'BatchNormalization',
  batchnormalization: 'BatchNormalization',
  batchnorm1d: 'BatchNormalization',
  batchnorm2d: 'BatchNormalization',
  batchnorm3d: 'BatchNormalization',
  syncbatchnorm: 'BatchNormalization',
};

/** `conv2d`, `Conv2DTranspose`, `ConvTranspose2d`, `SeparableConv2D`: the Keras class name, or null. */
function convolution(plain: string): string | null {
  const dimensions = ['1d', '2d', '3d'].find((size) => plain.includes(size));
  if (!dimensions || !plain.includes('conv') || plain.includes('lstm')) return null;
  const prefix = plain.startsWith('separable')
    ? 'Separable'
    : plain.startsWith('depthwise')
      ? 'Depthwise'
      : '';
  const transpose = plain.includes('transpose') ? 'Transpose' : '';
  return `${prefix}Conv${dimensions.toUpperCase()}${transpose}`;
}

export function familyOf(className: string): LayerFamily {
  if (className.startsWith('BatchNorm')) return 'normalization';
  if (className.includes('Conv')) return 'convolution';
  if (className.includes('Attention') || className.startsWith('Transformer')) return 'attention';
  if (className.includes('Embedding')) return 'embedding';
  if (className.endsWith('Dense')) return 'dense';
  return 'recurrent';
}

const layerModules = ['keras.layers', 'tfjs.layers', 'torch.nn', 'flax.linen', 'flax.nnx', 'haiku'];

/** The layer a call creates, from its full name; null when it creates none. */
export function classNameOf(qualified: string): string | null {
  const dot = qualified.lastIndexOf('.');
  const name = plainName(qualified.slice(dot + 1));
  if (layerModules.some((module) => qualified.startsWith(`${module}.`))) {
    const known = Object.hasOwn(classNames, name) ? (classNames[name] ?? null) : null;
    return known ?? convolution(name);
  }
  return readyMade(qualified, name);
}

/** Networks that libraries provide whole. */
function readyMade(qualified: string, name: string): string | null {
  if (qualified.startsWith('transformers.')) {
    if (qualified.includes('DataCollator')) return null;
    const model = name.startsWith('automodel') || name.includes('model') || name.includes('for');
    const loads = name === 'frompretrained' || name === 'fromconfig';
    if (loads && qualified.includes('Model')) return 'Transformer';
    if (loads && qualified.includes('For')) return 'Transformer';
    return !loads && model && /^[A-Z]/.test(qualified.slice(qualified.lastIndexOf('.') + 1))
      ? transformerClass(name)
      : null;
  }
  if (qualified === 'sentence_transformers.SentenceTransformer') return 'Transformer';
  if (qualified.startsWith('unsloth.Fast')) return 'Transformer';
  const vision = [
    'torchvision.models.',
    'keras.applications.',
    'timm.',
    'segmentation_models_pytorch.',
  ];
  if (!vision.some((prefix) => qualified.startsWith(prefix))) return null;
  return name === 'createmodel' ? null : visionClass(name);
}

function transformerClass(name: string): string | null {
  return name.endsWith('model') || name.includes('for') ? 'Transformer' : null;
}

/** The layer that a vision network is mostly made of, from its name: `resnet50`, `vit_b_16`. */
function visionClass(name: string): string | null {
  if (
    name.startsWith('vit') ||
    name.startsWith('swin') ||
    name.startsWith('deit') ||
    name.startsWith('maxvit')
  )
    return 'Transformer';
  const convolutional = [
    'resnet',
    'resnext',
    'wideresnet',
    'vgg',
    'alexnet',
    'densenet',
    'mobilenet',
    'efficientnet',
    'inception',
    'googlenet',
    'squeezenet',
    'shufflenet',
    'regnet',
    'convnext',
    'mnasnet',
    'xception',
    'nasnet',
    'unet',
    'fpn',
    'deeplab',
    'fcn',
    'linknet',
    'fasterrcnn',
    'maskrcnn',
    'retinanet',
    'ssd',
  ];
  return convolutional.some((network) => name.startsWith(network)) ? 'Conv2D' : null;
}

/** A layer, and the call that creates it. */
export interface FoundLayer {
  readonly call: CallExpr;
  readonly className: string;
  /** As written: `nn.Conv2d`. */
  readonly written: string;
}

/** The layers that a chunk creates. */
export function layersIn(program: Program, { calls }: Chunk): FoundLayer[] {
  const layers: FoundLayer[] = [];
  for (const call of calls) {
    const qualified = program.qualify(call.callee);
    if (qualified === null) continue;
    const className = classNameOf(qualified) ?? namedModel(qualified, call);
    if (className !== null) layers.push({ call, className, written: writtenName(call) });
  }
  return layers;
}

/** `timm.create_model('resnet50')` and `torch.hub.load(…, 'resnet18')` name their network in a string. */
function namedModel(qualified: string, call: CallExpr): string | null {
  if (qualified !== 'timm.create_model' && qualified !== 'torch.hub.load') return null;
  for (const { value } of call.args) {
    if (value.type !== 'string') continue;
    const className = visionClass(plainName(value.value));
    if (className !== null) return className;
  }
  return null;
}

/** A callee as people write it: `nn.Conv2d`. */
export function writtenName(call: CallExpr): string {
  const parts: string[] = [];
  let expr = call.callee;
  while (expr.type === 'member') {
    parts.unshift(expr.property);
    expr = expr.object;
  }
  const name = lastName(expr);
  if (name !== '') parts.unshift(name);
  return parts.join('.');
}
