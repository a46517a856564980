import { fail, ok, type Place, type Result } from '../../text/problem';
import { isObject, withSnakeCaseKeys, type JsonObject } from './json';
import { normalizeTopology } from './normalizeTopology';

/** A model's JSON in the form tfjs reads, and what it says of how it was compiled. */
export interface Topology {
  /** `{class_name, config}` with keys in snake_case. */
  readonly model: JsonObject;
  /** `{loss, optimizer}` as the file has them; null for a model that was not compiled. */
  readonly compiled: { readonly loss: unknown; readonly optimizer: unknown } | null;
}

/**
 * Finds the model in a file's text, which may be bare (`model.to_json()`, `model.toJSON()`, Keras's
 * `config.json`), or wrapped (the `model.json` of `model.save()` and of the converter).
 * @param path the file's name, for messages
 */
export function readTopology(text: string, path: string, place: Place): Result<Topology> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
    // model.toJSON() gives a text, which some write to the file as JSON once more.
    if (typeof parsed === 'string') parsed = JSON.parse(parsed);
  } catch (error) {
    return fail('modelNotJson', { path, cause: (error as Error).message }, place);
  }
  const file = withSnakeCaseKeys(parsed);
  if (!isObject(file)) return fail('modelNotTopology', { path }, place);
  if (file.format === 'graph-model') return fail('modelIsGraph', { path }, place);

  let wrapped: unknown = file.model_topology ?? file;
  if (typeof wrapped === 'string') wrapped = withSnakeCaseKeys(JSON.parse(wrapped));
  if (isObject(wrapped) && Array.isArray(wrapped.node))
    return fail('modelIsGraph', { path }, place);
  const model = isObject(wrapped) ? (wrapped.model_config ?? wrapped) : null;
  if (!isObject(model) || !isObject(wrapped) || typeof model.class_name !== 'string')
    return fail('modelNotTopology', { path }, place);
  const compiled = model.compile_config ?? wrapped.training_config ?? file.training_config ?? null;
  return ok({ model, compiled: isObject(compiled) ? compiledFrom(compiled) : null });
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
  };
}

/** A topology as tfjs reads it. */
export function forTfjs(topology: Topology): JsonObject {
  return normalizeTopology(topology.model);
}
