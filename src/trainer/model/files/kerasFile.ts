import { File, type Dataset, type Group } from 'jsfive';
import { ZipArchive } from '../../zipArchive';
import type { SavedLayer, SavedWeight, SavedWeights } from './savedWeights';

/*
 * Whole models as Keras saves them. This file is a bundle of its own, so that the readers load only for
 * such files.
 */

/** A model's JSON as `model.to_json()` gives it, and its weights where the file holds them. */
interface KerasFile {
  readonly text: string;
  readonly weights: SavedWeights | null;
}

/** Reads `.keras` (Keras 3: a zip) and `.h5` or `.hdf5` (Keras 2). Throws what is wrong with it. */
export async function readKerasFile(bytes: Uint8Array<ArrayBuffer>): Promise<KerasFile> {
  return isZip(bytes) ? readArchive(bytes) : readHdf5(open(bytes));
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

function open(bytes: Uint8Array<ArrayBuffer>): File {
  const { buffer, byteOffset, byteLength } = bytes;
  return new File(buffer.slice(byteOffset, byteOffset + byteLength), '');
}

/** A model's layers as JSON; what is larger is something else. */
const mostConfigBytes = 2 ** 26;
/** Weights are hardly packed by deflate: what becomes so many times as many bytes is no weights. */
const mostWeightsPacked = 100;

async function readArchive(bytes: Uint8Array): Promise<KerasFile> {
  const archive = await ZipArchive.open(bytes);
  const read = async (name: string, most: number) => {
    const member = archive.members.find((each) => each.name === name);
    if (member && member.bytes > most)
      throw new Error(`${name} unpacks to ${member.bytes} bytes, more than ${most}`);
    return member ? new Uint8Array(await archive.read(member)) : null;
  };
  const config = await read('config.json', mostConfigBytes);
  if (!config) throw new Error('the archive holds no config.json');
  const mostWeights = Math.max(mostConfigBytes, mostWeightsPacked * bytes.length);
  const weights = await read('model.weights.h5', mostWeights);
  const text = new TextDecoder().decode(config);
  const vocabulary = archive.members.find(({ name }) => vocabularyFile.test(name));
  const words = vocabulary && (await read(vocabulary.name, mostConfigBytes));
  return {
    text: words ? withVocabulary(text, new TextDecoder().decode(words).split('\n')) : text,
    weights: weights ? { by: 'class', layers: innerLayers(open(weights)) } : null,
  };
}

const vocabularyFile = /^assets\/.*\b(?:string_lookup|text_vectorization)\b.*vocabulary\.txt$/;

/** Gives the first layer that has learned its vocabulary the words that lie beside the config. */
function withVocabulary(text: string, words: readonly string[]): string {
  let isGiven = false;
  return JSON.stringify(JSON.parse(text), (_, value: unknown) => {
    if (isGiven || !isLearnedLookup(value)) return value;
    isGiven = true;
    return { ...value, config: { ...value.config, vocabulary: words } };
  });
}

function isLearnedLookup(value: unknown): value is { readonly config: object } {
  if (typeof value !== 'object' || value === null || !('config' in value)) return false;
  const { config } = value;
  const isLookup =
    'class_name' in value && /^(StringLookup|TextVectorization)$/.test(String(value.class_name));
  if (!isLookup || typeof config !== 'object' || config === null) return false;
  return !('vocabulary' in config) || !Array.isArray(config.vocabulary);
}

/** Where Keras 3 keeps layers: those of a model under `layers`, by the class's name and a number. */
function innerLayers(group: Group): Map<string, SavedLayer> {
  const layers = new Map<string, SavedLayer>();
  const holder = child(group, 'layers');
  if (!holder) return layers;
  for (const name of holder.keys) {
    const layer = child(holder, name);
    if (layer) layers.set(name, { weights: [...variablesIn(layer)], inner: innerLayers(layer) });
  }
  return layers;
}

/** Parts of a layer in the order of its weights; what is not named here follows by name. */
const order = [
  'vars',
  'forward_layer',
  'backward_layer',
  'query_dense',
  'key_dense',
  'value_dense',
];

function* variablesIn(group: Group): Iterable<SavedWeight> {
  const rank = (name: string) => (order.indexOf(name) + order.length + 1) % (order.length + 1);
  const names = group.keys
    .filter((name) => name !== 'seed_generator' && name !== 'layers')
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true }));
  for (const name of names) {
    const item = group.get(name);
    if (isGroup(item)) yield* variablesIn(item);
    else yield weightOf(item);
  }
}

function readHdf5(file: File): KerasFile {
  const config = textOf(file.attrs['model_config']);
  if (config === null) throw new Error('it holds weights without a model (no "model_config")');
  const training = textOf(file.attrs['training_config']);
  const text = JSON.stringify({
    model_config: JSON.parse(config) as unknown,
    ...(training === null ? {} : { training_config: JSON.parse(training) as unknown }),
  });
  const holder = child(file, 'model_weights');
  const layers = new Map<string, SavedLayer>();
  for (const name of namesIn(holder?.attrs['layer_names'])) {
    const layer = holder && child(holder, name);
    if (!layer) continue;
    const weights = namesIn(layer.attrs['weight_names']).map((path) => weightOf(layer.get(path)));
    layers.set(name, { weights, inner: new Map() });
  }
  return { text, weights: layers.size > 0 ? { by: 'name', layers } : null };
}

function child(group: Group, name: string): Group | null {
  if (!group.keys.includes(name)) return null;
  const item = group.get(name);
  return isGroup(item) ? item : null;
}

function isGroup(item: Group | Dataset): item is Group {
  // Its arrays are arrays of JavaScript's, too.
  return !Array.isArray(item);
}

function weightOf(item: Group | Dataset): SavedWeight {
  if (isGroup(item)) throw new Error(`"${item.name}" is not an array`);
  return { shape: item.shape, values: Float32Array.from(item.value as ArrayLike<number>) };
}

/** Texts end in zeros where the file gives them all one length. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.replace(/\0+$/, '') : null;
}

function namesIn(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map(textOf).filter((name) => name !== null);
}
