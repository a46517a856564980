import { describe, expect, it } from 'vitest';
import { normalizeTopology } from '../../../../../src/core/model/topology/normalizeTopology';
import { isObject, type JsonObject } from '../../../../../src/core/model/topology/json';

const tensor = (name: string) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 4], dtype: 'float32', keras_history: [name, 0, 0] },
});
const keras3 = (className: string, ...args: unknown[]) => ({
  module: 'keras.src.ops.numpy',
  class_name: className,
  config: { name: 'op' },
  name: 'op',
  inbound_nodes: [{ args, kwargs: {} }],
});
const keras2 = (name: string, ...call: unknown[]) => ({
  class_name: 'TFOpLambda',
  config: { name: 'op', function: name },
  name: 'op',
  inbound_nodes: [call],
});

function normalized(layer: JsonObject): JsonObject {
  const model = { class_name: 'Functional', config: { layers: [layer] } };
  const { config } = normalizeTopology(model);
  const [found] = isObject(config) ? (config.layers as JsonObject[]) : [];
  return found ?? {};
}

describe('operations of a functional model', () => {
  const scaled = (scale: number, offset: number) => ({ name: 'op', scale, offset });

  it.each([
    ['x + 3', keras3('Add', tensor('a'), 3), scaled(1, 3)],
    ['3 - x', keras3('Subtract', 3, tensor('a')), scaled(-1, 3)],
    ['x * 0.5', keras3('Multiply', tensor('a'), 0.5), scaled(0.5, 0)],
    ['x / 4', keras3('TrueDivide', tensor('a'), 4), scaled(0.25, 0)],
    ['x / 4', keras2('math.truediv', 'a', 0, 0, { y: 4, name: null }), scaled(0.25, 0)],
    ['x - 1', keras2('math.subtract', 'a', 0, 0, { y: 1, name: null }), scaled(1, -1)],
    ['1 - x', keras2('math.subtract', '_CONSTANT_VALUE', -1, 1, { y: ['a', 0, 0] }), scaled(-1, 1)],
    ['1 + x', keras2('__operators__.add', 'a', 0, 0, { y: 1 }), scaled(1, 1)],
  ])('with a number rescale: %s', (_, layer, config) => {
    expect(normalized(layer)).toMatchObject({
      class_name: 'Rescaling',
      config,
      inbound_nodes: [[['a', 0, 0, {}]]],
    });
  });

  it('with two tensors are the layer that merges them', () => {
    const inbound = [[['a', 0, 0, {}], ['b', 0, 0, {}]]]; // prettier-ignore
    expect(normalized(keras3('Add', tensor('a'), tensor('b')))).toMatchObject({
      class_name: 'Add',
      inbound_nodes: inbound,
    });
    const call = ['a', 0, 0, { y: ['b', 0, 0], name: null }];
    expect(normalized(keras2('math.subtract', ...call))).toMatchObject({
      class_name: 'Subtract',
      inbound_nodes: inbound,
    });
  });

  it('of one tensor are an activation', () => {
    const relu = normalized(keras2('nn.relu', 'a', 0, 0, { name: null }));
    expect(relu).toMatchObject({ class_name: 'Activation', config: { activation: 'relu' } });
    const silu = normalized(keras3('Silu', tensor('a')));
    expect(silu).toMatchObject({ class_name: 'Activation', config: { activation: 'swish' } });
  });

  it('that no layer does keep their whole name', () => {
    expect(normalized(keras3('GetItem', tensor('a'), [0]))).toMatchObject({
      class_name: 'keras.ops.GetItem',
    });
    expect(normalized(keras2('math.abs', 'a', 0, 0, {}))).toMatchObject({
      class_name: 'tf.math.abs',
    });
    expect(normalized(keras3('TrueDivide', 1, tensor('a')))).toMatchObject({
      class_name: 'keras.ops.TrueDivide',
    });
    const typed = { ...keras3('Add', tensor('a'), tensor('b'), 'float32') };
    expect(normalized(typed)).toMatchObject({ class_name: 'keras.ops.Add' });
  });
});
