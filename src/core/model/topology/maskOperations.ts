import { isObject, pick, type JsonObject } from './json';

/** Arguments of a call that hide places. */
const maskArgument = /^((query|value|key|attention)_)?mask$/;

/**
 * Keras 3 writes how masks come about into a functional model: operations (`NotEqual`, `Any`, …) that
 * feed the `mask` of calls. tfjs makes the same masks of the layers by itself, so both are left out
 * where they follow from layers that hide places. A mask that is computed of anything else stays, and
 * with it operations that are refused.
 *
 * @param layers of a functional model, as Keras wrote them
 * @param outputs its `output_layers`
 */
export function withoutMaskOperations(
  layers: readonly JsonObject[],
  outputs: unknown,
): readonly JsonObject[] {
  const byName = new Map(layers.map((layer) => [nameOf(layer), layer]));
  const ends = [outputs].flat(2).filter((each) => byName.has(each));
  const kept = reached(ends, byName, (name) => !maskArgument.test(name));
  const dropped = layers.filter((layer) => !kept.has(nameOf(layer)));
  const readers = layers.filter(hidesPlaces).flatMap((layer) => namesIn(callsOf(layer)));
  const follows = (layer: JsonObject) =>
    layer.class_name !== 'NotEqual' || namesIn(callsOf(layer)).every((x) => readers.includes(x));
  if (!dropped.some(({ class_name: name }) => name === 'NotEqual') || !dropped.every(follows))
    return layers;
  return layers.flatMap((layer) => {
    if (!kept.has(nameOf(layer))) return [];
    const calls = callsOf(layer).map((call) =>
      isObject(call) && isObject(call.kwargs)
        ? { ...call, kwargs: pick(call.kwargs, (name) => !maskArgument.test(name)) }
        : call,
    );
    return [{ ...layer, inbound_nodes: calls }];
  });
}

function nameOf(layer: JsonObject): unknown {
  return layer.name ?? (isObject(layer.config) ? layer.config.name : undefined);
}

function callsOf({ inbound_nodes: calls }: JsonObject): readonly unknown[] {
  return Array.isArray(calls) ? (calls as unknown[]) : [];
}

/** An embedding hides the token 0, a layer of masking the steps of one value. */
function hidesPlaces({ class_name: className, config }: JsonObject): boolean {
  if (className === 'Masking') return true;
  return className === 'Embedding' && isObject(config) && config.mask_zero === true;
}

/** The layers that the given ones follow from, themselves included. */
function reached(
  ends: readonly unknown[],
  byName: ReadonlyMap<unknown, JsonObject>,
  isFollowed: (argument: string) => boolean,
): ReadonlySet<unknown> {
  const found = new Set<unknown>();
  const left = [...ends];
  while (left.length > 0) {
    const name = left.pop();
    const layer = byName.get(name);
    if (!layer || found.has(name)) continue;
    found.add(name);
    for (const call of callsOf(layer)) {
      const kwargs = isObject(call) && isObject(call.kwargs) ? call.kwargs : {};
      const args = isObject(call) ? call.args : call;
      left.push(...namesIn([args, pick(kwargs, isFollowed)]));
    }
  }
  return found;
}

/** The names of the layers whose tensors a part of a call holds. */
function namesIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isObject(value)) return [];
  if (value.class_name === '__keras_tensor__' && isObject(value.config)) {
    const { keras_history: history } = value.config;
    return Array.isArray(history) ? [history[0]] : [];
  }
  return Object.values(value).flatMap(namesIn);
}
