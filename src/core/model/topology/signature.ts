import { isObject, type JsonObject } from './json';
import type { Shape } from './layerCost';
import { isModel, layersOf } from './normalizeTopology';
import { layerName } from './layerCalls';

/** An input or output of a model. */
export interface ModelSide {
  readonly name: string;
  /** Of one sample; null where the layers do not say it. */
  readonly shape: Shape | null;
}

/** What goes into a model and what comes out, in its order. */
export interface Signature {
  readonly inputs: readonly ModelSide[];
  readonly outputs: readonly ModelSide[];
}

/**
 * The inputs and outputs of a normalized topology (normalizeTopology.ts) by their layers' names, as
 * Keras and TensorFlow.js call them. A sequential model has one of each.
 */
export function signatureOf(model: JsonObject): Signature {
  const config = isObject(model.config) ? model.config : {};
  const layers = layersOf(config.layers);
  if (model.class_name === 'Sequential') {
    const name = layerName(layers.at(-1) ?? {}) ?? 'output';
    return { inputs: [{ name: 'input', shape: null }], outputs: [{ name, shape: null }] };
  }
  const shapes = new Map(layers.map((layer) => [layerName(layer), inputShapeOf(layer)]));
  return {
    inputs: distinctNames(layerNames(config.input_layers)).map((name) => ({
      name,
      shape: shapes.get(name) ?? null,
    })),
    outputs: distinctNames(layerNames(config.output_layers)).map((name) => ({
      name,
      shape: null,
    })),
  };
}

/** A layer that gives several outputs lends its name to each: from the second on with a number. */
export function distinctNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}_${before}`;
  });
}

/** Of references as `[[layer, node, tensor], …]`. */
function layerNames(references: unknown): string[] {
  if (!Array.isArray(references)) return [];
  return references.flatMap((each: unknown) =>
    Array.isArray(each) && typeof each[0] === 'string' ? [each[0]] : [],
  );
}

function inputShapeOf(layer: JsonObject): Shape | null {
  if (isModel(layer)) return null;
  const config = isObject(layer.config) ? layer.config : {};
  const { batch_input_shape: batch } = config;
  if (!Array.isArray(batch)) return null;
  return batch.slice(1).map((length: unknown) => (typeof length === 'number' ? length : null));
}
