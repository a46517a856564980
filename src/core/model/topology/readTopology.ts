import { fail, ok, type Place, type Result } from '../../text/problem';
import { isObject, isTooDeep, withSnakeCaseKeys, type JsonObject } from './json';
import { normalizeTopology } from './normalizeTopology';

/** A model's JSON in the form tfjs reads, and what it says of how it was compiled. */
export interface Topology {
  /** `{class_name, config}` with keys in snake_case. */
  readonly model: JsonObject;
  /** As the file has it; null for a model that was not compiled. */
  readonly compiled: Compiled | null;
}

/** How a model was compiled. */
export interface Compiled {
  readonly loss: unknown;
  readonly optimizer: unknown;
  readonly lossWeights?: unknown;
  readonly metrics?: unknown;
}

/**
 * Finds the model in a file's text, which may be bare (`model.to_json()`, `model.toJSON()`, Keras's
 * `config.json`), or wrapped (the `model.json` of `model.save()` and of the converter).
 * @param path the file's name, for messages
 */
export function readTopology(text: string, path: string, place: Place): Result<Topology> {
  let file: unknown;
  let wrapped: unknown;
  try {
    file = snakeCased(text.replace(/^\uFEFF/, ''));
    wrapped = isObject(file) ? (file.model_topology ?? file) : file;
    if (typeof wrapped === 'string') wrapped = snakeCased(wrapped);
  } catch (error) {
    if (error instanceof RangeError) return fail('modelTooDeep', { path }, place);
    return fail('modelNotJson', { path, cause: (error as Error).message }, place);
  }
  if (!isObject(file)) return fail('modelNotTopology', { path }, place);
  if (file.format === 'graph-model') return fail('modelIsGraph', { path }, place);
  if (isObject(wrapped) && Array.isArray(wrapped.node))
    return fail('modelIsGraph', { path }, place);
  const model = isObject(wrapped) ? (wrapped.model_config ?? wrapped) : null;
  if (!isObject(model) || !isObject(wrapped) || typeof model.class_name !== 'string')
    return fail('modelNotTopology', { path }, place);
  const compiled = model.compile_config ?? wrapped.training_config ?? file.training_config ?? null;
  return ok({ model, compiled: isObject(compiled) ? compiledFrom(compiled) : null });
}

/**
 * A text's JSON with keys in snake_case; `model.toJSON()` gives a text, which some write to the file as
 * JSON once more.
 * @throws SyntaxError for what is no JSON, RangeError for what nests too deep to be a model
 */
function snakeCased(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  const value: unknown = typeof parsed === 'string' ? JSON.parse(parsed) : parsed;
  if (isTooDeep(value)) throw new RangeError();
  return withSnakeCaseKeys(value);
}

/** The same for layers written into the config. */
export function inlineTopology(layers: readonly unknown[]): Topology {
  return {
    model: { class_name: 'Sequential', config: { layers: withSnakeCaseKeys(layers) } },
    compiled: null,
  };
}

/** Keras 3 says `optimizer`, Keras 2 and tfjs `optimizer_config`. */
function compiledFrom(config: JsonObject): Topology['compiled'] {
  return {
    loss: config.loss ?? null,
    optimizer: config.optimizer ?? config.optimizer_config ?? null,
    lossWeights: config.loss_weights ?? null,
    metrics: config.metrics ?? null,
  };
}

/** A topology as tfjs reads it. */
export function forTfjs(topology: Topology): JsonObject {
  return normalizeTopology(topology.model);
}
