import { isObject, pick, type JsonObject } from './json';

/** The name of a layer, which tfjs writes into its config alone; null for one without. */
export function layerName(layer: JsonObject): string | null {
  const name = layer.name ?? (isObject(layer.config) ? layer.config.name : undefined);
  return typeof name === 'string' ? name : null;
}

/**
 * A call: `[[name, node, tensor, kwargs], …]` for tfjs and Keras 2, args and kwargs for Keras 3.
 * Tensors given by name (the value and key of an attention layer) follow the others.
 */
export function normalizeCall(call: unknown): unknown {
  if (isObject(call)) {
    const named = isObject(call.kwargs) ? call.kwargs : {};
    const kwargs = pick(named, (_, value) => value !== null && historiesIn(value).length === 0);
    const tensors = [...historiesIn(call.args), ...byName(named).flatMap(historiesIn)];
    return tensors.map((history) => [...history, kwargs]);
  }
  if (!Array.isArray(call)) return call;
  return call.flatMap((tensor: unknown): unknown[] => {
    const named: unknown = Array.isArray(tensor) ? tensor[3] : null;
    if (!Array.isArray(tensor) || !isObject(named)) return [tensor];
    const kwargs = pick(named, (_, value) => !isReference(value));
    const others = byName(named).filter(isReference);
    const own = (tensor as unknown[]).slice(0, 3);
    return [own, ...others.map((each) => (each as unknown[]).slice(0, 3))].map((each) => [
      ...each,
      kwargs,
    ]);
  });
}

/** In the order of an attention layer's inputs. */
function byName(kwargs: JsonObject): unknown[] {
  const { query, value, key, ...rest } = kwargs;
  return [query, value, key, ...Object.values(rest)].filter((each) => each !== undefined);
}

/** `[layer, node, tensor]` */
function isReference(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number';
}

/** The tensors in a call's arguments, in order, each as `[layer name, node, tensor]`. */
export function historiesIn(value: unknown): unknown[][] {
  if (Array.isArray(value)) return value.flatMap(historiesIn);
  if (!isObject(value)) return [];
  if (value.class_name === '__keras_tensor__' && isObject(value.config)) {
    const { keras_history: history } = value.config;
    return Array.isArray(history) ? [history.slice(0, 3)] : [];
  }
  return Object.values(value).flatMap(historiesIn);
}

/** Keras 3 writes one input as itself, several as a list or an object of names. */
export function tensorReferences(value: unknown): unknown {
  if (isObject(value)) return Object.values(value).flatMap((each) => tensorReferences(each));
  return Array.isArray(value) && typeof value[0] === 'string' ? [value] : value;
}
