import { asNumber, asText, isObject, type JsonObject } from './json';
import { layersOf } from './normalizeTopology';
import { layerName } from './layerCalls';

/** How a layer finds the words of a text, as Keras' TextVectorization names it. */
export interface WordRule {
  /** What is done to a text first. */
  readonly standardize: 'lower_and_strip_punctuation' | 'lower' | 'strip_punctuation' | 'none';
  /** Whether blanks part words; else the text is one word. */
  readonly splits: boolean;
  /** The number of the vocabulary's first word. */
  readonly first: number;
  /** The number of a word that is not in it; -1 where the layer has none. */
  readonly unknown: number;
}

/** The layer that a model begins with, which turns texts into numbers of words. */
export interface TextLookup {
  /** The layer's name. */
  readonly layer: string;
  readonly vocabulary: readonly string[];
  /** Words in one sample; null where the longest text decides. */
  readonly length: number | null;
  readonly rule: WordRule;
}

/**
 * Takes the layer off a normalized topology that turns its only input into numbers: a StringLookup, or
 * a TextVectorization, of integers. What remains takes the numbers. Null where there is none, or one
 * whose vocabulary is not in the file or whose numbers are not counted here (hashed, several unknown
 * words, n-grams, characters).
 */
export function takeTextLookup(
  model: JsonObject,
): { readonly model: JsonObject; readonly lookup: TextLookup } | null {
  const config = isObject(model.config) ? model.config : {};
  const layers = layersOf(config.layers);
  const input = layers[0]?.class_name === 'InputLayer' ? layers[0] : null;
  const inputName = input && layerName(input);
  const found =
    model.class_name === 'Sequential'
      ? layers[input ? 1 : 0]
      : layers.find((layer) => isReferred(layer.inbound_nodes, inputName));
  const lookup = found ? lookupOf(found) : null;
  const isOnly =
    model.class_name === 'Sequential' ||
    (Array.isArray(config.input_layers) &&
      config.input_layers.length === 1 &&
      layers.filter((layer) => isReferred(layer.inbound_nodes, inputName)).length === 1);
  if (!found || !lookup || !isOnly) return null;
  const rest = layers
    .filter((layer) => layer !== found)
    .map((layer) =>
      layer === input
        ? takingNumbers(layer, lookup)
        : { ...layer, ...renamed(layer, layerName(found), inputName) },
    );
  return { model: { ...model, config: { ...config, layers: rest } }, lookup };
}

/** Whether calls as `[[[layer, node, tensor, options], …], …]` take a layer's output. */
function isReferred(calls: unknown, name: string | null): boolean {
  if (!Array.isArray(calls) || name === null) return false;
  return calls.some((each: unknown) => isReference(each, name) || isReferred(each, name));
}

function isReference(value: unknown, name: string): value is unknown[] {
  return Array.isArray(value) && value[0] === name && typeof value[1] === 'number';
}

function renamed({ inbound_nodes: calls }: JsonObject, from: string | null, to: string | null) {
  if (calls === undefined || from === null || to === null) return {};
  const rename = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value;
    return isReference(value, from) ? [to, 0, 0, ...value.slice(3)] : value.map(rename);
  };
  return { inbound_nodes: rename(calls) };
}

function takingNumbers(input: JsonObject, { length, rule }: TextLookup): JsonObject {
  const config = isObject(input.config) ? input.config : {};
  const shape = rule.splits ? { batch_input_shape: [null, length] } : {};
  return { ...input, config: { ...config, ...shape, dtype: 'float32' } };
}

const standardizations = new Map<unknown, WordRule['standardize']>([
  ['lower_and_strip_punctuation', 'lower_and_strip_punctuation'],
  ['lower', 'lower'],
  ['strip_punctuation', 'strip_punctuation'],
  [null, 'none'],
]);

function lookupOf(layer: JsonObject): TextLookup | null {
  const config = isObject(layer.config) ? layer.config : {};
  const given: unknown = config.vocabulary;
  const isList = Array.isArray(given) && given.length > 0;
  if (!isList || !given.every((word): word is string => typeof word === 'string')) return null;
  if ((config.output_mode ?? 'int') !== 'int' || config.invert === true) return null;
  const name = layerName(layer) ?? '';
  const unknownWord = asText(config.oov_token) ?? '[UNK]';
  if (layer.class_name === 'TextVectorization') {
    const standardize = standardizations.get(
      config.standardize === undefined ? 'lower_and_strip_punctuation' : config.standardize,
    );
    const split = config.split === undefined ? 'whitespace' : config.split;
    const isPlain = (split === 'whitespace' || split === null) && (config.ngrams ?? null) === null;
    if (!standardize || !isPlain) return null;
    return {
      layer: name,
      vocabulary: withoutSpecial(given, ['', unknownWord]),
      length: asNumber(config.output_sequence_length),
      rule: { standardize, splits: split !== null, first: 2, unknown: 1 },
    };
  }
  if (layer.class_name !== 'StringLookup') return null;
  const mask = asText(config.mask_token);
  const unknowns = asNumber(config.num_oov_indices) ?? 1;
  if (unknowns > 1) return null;
  const masks = mask === null ? 0 : 1;
  const special = [...(mask === null ? [] : [mask]), ...(unknowns === 1 ? [unknownWord] : [])];
  return {
    layer: name,
    vocabulary: withoutSpecial(given, special),
    length: 1,
    rule: {
      standardize: 'none',
      splits: false,
      first: masks + unknowns,
      unknown: unknowns === 1 ? masks : -1,
    },
  };
}

/** The words themselves: a vocabulary may begin with what stands for nothing and for other words. */
function withoutSpecial(words: readonly string[], special: readonly string[]): readonly string[] {
  const has = special.length > 0 && special.every((word, index) => words[index] === word);
  return has ? words.slice(special.length) : words;
}
