import { entryOf, isObject, type JsonObject } from './json';
import { layerName } from './layerCalls';

/** What an operation does: joins tensors, or computes with a tensor and a number, or with one tensor. */
const operations: Readonly<Record<string, Operation>> = {
  add: { merge: 'Add', scaled: (value) => [1, value] },
  subtract: {
    merge: 'Subtract',
    scaled: (value, isFirst) => (isFirst ? [-1, value] : [1, -value]),
  },
  multiply: { merge: 'Multiply', scaled: (value) => [value, 0] },
  divide: { scaled: (value, isFirst) => (isFirst ? null : [1 / value, 0]) },
  negative: { alone: ['Rescaling', { scale: -1 }] },
  identity: { alone: ['Activation', { activation: 'linear' }] },
  ...Object.fromEntries(
    ['relu', 'relu6', 'sigmoid', 'tanh', 'silu', 'softplus', 'elu', 'selu'].map((activation) => [
      activation,
      { alone: ['Activation', { activation }] } satisfies Operation,
    ]),
  ),
};

interface Operation {
  /** The layer that does it to several tensors. */
  readonly merge?: string;
  /** Scale and offset that do it with a number; null where none do. */
  readonly scaled?: (value: number, isFirst: boolean) => readonly [number, number] | null;
  /** The layer that does it to one tensor. */
  readonly alone?: readonly [string, JsonObject];
}

const otherNames: Readonly<Record<string, string>> = {
  sub: 'subtract',
  mul: 'multiply',
  truediv: 'divide',
  true_divide: 'divide',
  neg: 'negative',
  swish: 'silu',
};

/**
 * Functional models of Keras hold operations, which are no layers, such as `x / 127.5 - 1`: Keras 3
 * as classes of `keras.src.ops`, Keras 2 as `TFOpLambda`. Those that a layer does, too, become that
 * layer; others stay.
 */
export function layerOfOperation(layer: JsonObject): JsonObject {
  if (layer.class_name === 'Identity' && isObject(layer.config))
    return {
      ...layer,
      class_name: 'Activation',
      config: { ...layer.config, activation: 'linear' },
    };
  const operation = entryOf(operations, operationName(layer));
  const calls: readonly unknown[] = Array.isArray(layer.inbound_nodes) ? layer.inbound_nodes : [];
  const name = layerName(layer);
  if (operation === undefined || calls.length !== 1 || name === null) return named(layer);
  const given = argumentsOf(calls[0]);
  const [className, config] = replacement(operation, given) ?? [];
  if (className === undefined) return named(layer);
  const tensors = given.filter((each) => typeof each !== 'number');
  const inbound = isObject(calls[0]) ? [{ args: tensors, kwargs: {} }] : [tensors];
  return { ...layer, class_name: className, config: { name, ...config }, inbound_nodes: inbound };
}

/** An operation that no layer does, by its whole name. */
function named(layer: JsonObject): JsonObject {
  const { class_name: className, module, config } = layer;
  if (isOperation(module)) return { ...layer, class_name: `keras.ops.${String(className)}` };
  if (className === 'SlicingOpLambda') return { ...layer, class_name: 'tf.getitem' };
  if (className !== 'TFOpLambda' || !isObject(config)) return layer;
  return { ...layer, class_name: `tf.${String(config.function)}` };
}

function isOperation(module: unknown): boolean {
  return typeof module === 'string' && module.startsWith('keras.src.ops');
}

/** In lower case; empty for a layer. */
function operationName({ class_name: className, module, config }: JsonObject): string {
  let name = '';
  if (className === 'TFOpLambda' && isObject(config)) name = String(config.function);
  else if (isOperation(module)) name = String(className);
  const plain = (name.split('.').at(-1) ?? '').replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  return entryOf(otherNames, plain) ?? plain;
}

function replacement(
  { merge, scaled, alone }: Operation,
  given: readonly unknown[],
): readonly [string, JsonObject] | null {
  const numbers = given.filter((each) => typeof each === 'number');
  const tensors = given.filter(isTensor).length;
  if (tensors + numbers.length < given.length) return null;
  if (tensors === 2 && numbers.length === 0 && merge !== undefined) return [merge, {}];
  const [value] = numbers;
  if (tensors !== 1 || numbers.length > 1) return null;
  if (value === undefined) return alone ?? null;
  const [scale, offset] = scaled?.(value, given[0] === value) ?? [];
  return scale === undefined ? null : ['Rescaling', { scale, offset }];
}

/** As Keras 3 writes it, or as Keras 2: `[layer, node, tensor]`. */
function isTensor(value: unknown): boolean {
  if (isObject(value)) return value.class_name === '__keras_tensor__';
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number';
}

/** What a call takes, in order: numbers and tensors, or else what no operation here takes. */
function argumentsOf(call: unknown): readonly unknown[] {
  if (isObject(call)) {
    const named = isObject(call.kwargs) ? Object.values(call.kwargs) : [];
    const args: readonly unknown[] = Array.isArray(call.args) ? call.args : [];
    return [...args, ...named].filter((each) => each !== null);
  }
  // Keras 2: ["layer", 0, 0, { y: 127.5, name: null }], and "_CONSTANT_VALUE" for a number in front.
  if (!Array.isArray(call) || typeof call[0] !== 'string') return [];
  const [layer, node, value, named] = call as readonly unknown[];
  const others = Object.entries(isObject(named) ? named : {})
    .filter(([key, each]) => key !== 'name' && each !== null)
    .map(([, each]): unknown => (isTensor(each) ? [...(each as unknown[]), {}] : each));
  return [layer === '_CONSTANT_VALUE' ? value : [layer, node, value, {}], ...others];
}
