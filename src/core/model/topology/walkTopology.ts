import { isObject, type JsonObject } from './json';
import type { Shape } from './layerCost';
import { isModel, layersOf } from './normalizeTopology';

/** A call of a layer that is not a model itself. */
export interface LayerCall<T> {
  readonly className: string;
  readonly config: JsonObject;
  readonly inputs: readonly T[];
  /** False where a layer is called again: its weights are the same. */
  readonly isFirst: boolean;
}

/** What a walk makes of the things that go from layer to layer. */
interface Walk<T> {
  /** An input of the whole model; its shape where the layer says it, else null. */
  readonly inputOf: (shape: Shape | null) => T;
  /** Calls a layer; null for one that is not known, which hands on its first input. */
  readonly call: (call: LayerCall<T>) => T | null;
}

/**
 * Goes through the layers of a normalized topology (normalizeTopology.ts) in their order, through
 * those of inner models too, and returns the outputs: at least one.
 */
export function walkTopology<T>(model: JsonObject, walk: Walk<T>): readonly [T, ...T[]] {
  const [first, ...others] = walkModel(model, [], walk, true);
  return [first ?? walk.inputOf(null), ...others];
}

/** @param given what an inner model is called with; nothing for the whole one */
function walkModel<T>(
  model: JsonObject,
  given: readonly T[],
  walk: Walk<T>,
  isFirst: boolean,
): readonly T[] {
  const config = isObject(model.config) ? model.config : {};
  const outputs = new Map<string, T>();
  let last: readonly T[] = given;
  const inputNames = sourcesOf(config.input_layers);
  for (const [at, layer] of layersOf(config.layers).entries()) {
    const settings = isObject(layer.config) ? layer.config : {};
    const isInput = layer.class_name === 'InputLayer' || (at === 0 && !isModel(layer));
    if (isInput) {
      const place = inputNames.indexOf(String(layer.name ?? settings.name));
      const own = given[Math.max(place, 0)];
      last = own === undefined ? [walk.inputOf(ownInputShape(settings))] : [own];
    }
    const calls: unknown[] = Array.isArray(layer.inbound_nodes) ? layer.inbound_nodes : [];
    const uses =
      calls.length > 0 ? calls.map((call) => sourcesOf(call).flatMap(outputOf(outputs))) : [last];
    for (const [index, inputs] of uses.entries()) {
      const isNew = isFirst && index === 0;
      if (isModel(layer)) last = walkModel(layer, inputs, walk, isNew);
      else {
        const className = String(layer.class_name);
        const output = walk.call({ className, config: settings, inputs, isFirst: isNew });
        last = output === null ? inputs.slice(0, 1) : [output];
      }
    }
    const name = layer.name ?? settings.name;
    const [output] = last;
    if (typeof name === 'string' && output !== undefined) outputs.set(name, output);
  }
  const named = sourcesOf(config.output_layers).flatMap(outputOf(outputs));
  return named.length > 0 ? named : last.slice(0, 1);
}

function outputOf<T>(outputs: ReadonlyMap<string, T>): (name: string) => T[] {
  return (name) => {
    const output = outputs.get(name);
    return output === undefined ? [] : [output];
  };
}

/** The shape of one sample that a layer says it takes. */
function ownInputShape(config: JsonObject): Shape | null {
  const { batch_input_shape: batch, input_shape: sample } = config;
  const shape: unknown = Array.isArray(batch) ? batch.slice(1) : sample;
  if (!Array.isArray(shape)) return null;
  return shape.map((length) => (typeof length === 'number' ? length : null));
}

/** Names of the layers whose outputs a call takes. */
function sourcesOf(call: unknown): string[] {
  if (!Array.isArray(call)) return [];
  return call.flatMap((tensor) =>
    Array.isArray(tensor) && typeof tensor[0] === 'string' ? [tensor[0]] : [],
  );
}
