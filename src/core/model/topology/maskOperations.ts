import { isObject, pick, type JsonObject } from './json';
import { historiesIn, layerName } from './layerCalls';

/** Arguments of a call that hide places. */
const maskArgument = /^((query|value|key|attention)_)?mask$/;

/** What Keras makes and joins masks by: `compute_mask` in https://github.com/keras-team/keras/tree/v3.15.1/keras/src/layers */
const maskOperations = new Set(
  'NotEqual Any ExpandDims ZerosLike OnesLike LogicalOr Concatenate'.split(' '),
);

/**
 * Keras 3 writes how masks come about into a functional model: operations (`NotEqual`, `Any`, …) that
 * feed the `mask` of calls. tfjs makes the same masks of the layers by itself, so both are left out
 * where they follow from layers that hide places. A mask that is computed of anything else stays, and
 * with it operations that are refused.
 *
 * @param layers of a functional model, as Keras wrote them
 * @param outputs its `output_layers`, a list of `[name, node, tensor]`
 */
export function withoutMaskOperations(
  layers: readonly JsonObject[],
  outputs: unknown,
): readonly JsonObject[] {
  const kept = reached(layers, outputs);
  const dropped = layers.filter((layer) => !kept.has(layerName(layer)));
  const hidden = new Set(layers.flatMap(hiddenBy));
  const follows = (layer: JsonObject) =>
    maskOperations.has(String(layer.class_name)) &&
    (layer.class_name !== 'NotEqual' || comparedBy(layer).every((one) => hidden.has(one)));
  if (dropped.length === 0 || !dropped.every(follows)) return layers;
  return layers
    .filter((layer) => !dropped.includes(layer))
    .map((layer) => ({ ...layer, inbound_nodes: callsOf(layer).map(withoutMasks) }));
}

function callsOf({ inbound_nodes: calls }: JsonObject): readonly unknown[] {
  return Array.isArray(calls) ? (calls as unknown[]) : [];
}

function withoutMasks(call: unknown): unknown {
  if (!isObject(call) || !isObject(call.kwargs)) return call;
  return { ...call, kwargs: pick(call.kwargs, (name) => !maskArgument.test(name)) };
}

/** The layers that the outputs follow from, masks aside. */
function reached(layers: readonly JsonObject[], outputs: unknown): ReadonlySet<string | null> {
  const byName = new Map(layers.map((layer) => [layerName(layer), layer]));
  const ends: unknown[] = [outputs].flat(2);
  const found = new Set(ends.filter((name) => typeof name === 'string'));
  for (const name of found) {
    const calls = callsOf(byName.get(name) ?? {});
    for (const other of namesIn(calls.map(withoutMasks))) found.add(other);
  }
  return found;
}

function namesIn(value: unknown): string[] {
  return historiesIn(value).map(([name]) => String(name));
}

/** The tensors of which a layer hides a value: an embedding the token 0, a layer of masking its own. */
function hiddenBy(layer: JsonObject): string[] {
  const config = isObject(layer.config) ? layer.config : {};
  const isEmbedding = layer.class_name === 'Embedding' && config.mask_zero === true;
  if (!isEmbedding && layer.class_name !== 'Masking') return [];
  const value = isEmbedding ? 0 : (config.mask_value ?? 0);
  return namesIn(callsOf(layer)).map((name) => comparison(name, value));
}

function comparedBy(operation: JsonObject): string[] {
  return callsOf(operation).map((call) => {
    const args = isObject(call) && Array.isArray(call.args) ? (call.args as unknown[]) : [];
    return comparison(namesIn(args[0])[0] ?? '', args[1]);
  });
}

function comparison(name: string, value: unknown): string {
  return JSON.stringify([name, value]);
}
