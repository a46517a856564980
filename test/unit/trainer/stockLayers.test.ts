import * as tf from '@tensorflow/tfjs-core';
import { models, type LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { normalizeTopology } from '../../../src/core/model/topology/normalizeTopology';
import { registerLayers } from '../../../src/trainer/layers/registerLayers';
import { loadCpu } from './backends';

type ModelJson = Parameters<typeof models.modelFromJSON>[0];

beforeAll(async () => {
  await loadCpu();
  registerLayers();
});

/** A sequential model as Keras writes it. */
async function built(shape: readonly number[], ...layers: object[]): Promise<LayersModel> {
  const input = { class_name: 'InputLayer', config: { batch_input_shape: [null, ...shape] } };
  const model = { class_name: 'Sequential', config: { layers: [input, ...layers] } };
  return models.modelFromJSON(normalizeTopology(model) as unknown as ModelJson);
}

function valuesOf(result: tf.Tensor | tf.Tensor[]): number[] {
  return Array.from((result as tf.Tensor).dataSync());
}

describe('images brought to one size are as in Keras 3.15.1', () => {
  /** As NumPy: arange(40).reshape(2, 5, 4, 1) ** 1.3 */
  const images = () =>
    tf.tensor4d(
      Array.from({ length: 40 }, (_, index) => index ** 1.3),
      [2, 5, 4, 1],
    );

  it.each([
    ['Resizing', { height: 3, width: 3 }, [2.2454, 4.2164, 6.6475, 15.3402, 18.6756]],
    [
      'Resizing',
      { height: 2, width: 3, interpolation: 'nearest' },
      [6.0629, 10.2706, 12.5495, 25.2892, 30.9006],
    ],
    [
      'Resizing',
      { height: 2, width: 3, crop_to_aspect_ratio: true },
      [6.4029, 9.187, 12.1697, 15.3402, 18.6756],
    ],
    ['CenterCrop', { height: 2, width: 3 }, [6.0629, 8.1033, 10.2706, 14.9285, 17.3986]],
    ['CenterCrop', { height: 3, width: 6 }, [6.0629, 7.0831, 8.4645, 9.9094, 11.4101]],
  ])('%s %o', async (className, config, first) => {
    const model = await built([5, 4, 1], { class_name: className, config });
    const { height, width } = config;
    expect(model.outputs[0]?.shape).toEqual([null, height, width, 1]);
    const values = valuesOf(model.predict(images()));
    expect(values).toHaveLength(2 * height * width);
    first.forEach((value, index) => {
      expect(values[index]).toBeCloseTo(value, 3);
    });
  });

  it('and give the layer after them as many channels as they have', async () => {
    const model = await built(
      [8, 8, 3],
      { class_name: 'Resizing', config: { height: 4, width: 4 } },
      { class_name: 'CenterCrop', config: { height: 2, width: 2 } },
      { class_name: 'Flatten', config: {} },
      { class_name: 'Dense', config: { units: 3 } },
    );
    expect(model.countParams()).toBe(39);
    expect(model.layers[1]?.outputShape).toEqual([null, 4, 4, 3]);
  });
});

describe('layers that TensorFlow.js has otherwise than Keras', () => {
  it('Flatten leaves samples of one row as they are', async () => {
    const model = await built([3], { class_name: 'Flatten', config: {} });
    expect(valuesOf(model.predict(tf.tensor2d([[1, 2, 3]])))).toEqual([1, 2, 3]);
  });

  it('Identity and initializers of LeCun', async () => {
    const model = await built(
      [3],
      { class_name: 'Identity', config: { name: 'same' } },
      {
        class_name: 'Dense',
        config: { units: 2, kernel_initializer: { class_name: 'LecunUniform', config: {} } },
      },
    );
    expect(model.countParams()).toBe(8);
  });

  it('Subtract takes the second input from the first', async () => {
    const inputs = ['a', 'b'].map((name) => ({
      name,
      class_name: 'InputLayer',
      config: { name, batch_input_shape: [null, 2] },
      inbound_nodes: [],
    }));
    const calls = [[['a', 0, 0, {}], ['b', 0, 0, {}]]]; // prettier-ignore
    const last = { name: 's', class_name: 'Subtract', config: { name: 's' }, inbound_nodes: calls };
    const model = await models.modelFromJSON(
      normalizeTopology({
        class_name: 'Functional',
        config: {
          name: 'm',
          layers: [...inputs, last],
          input_layers: [
            ['a', 0, 0],
            ['b', 0, 0],
          ],
          output_layers: [['s', 0, 0]],
        },
      }) as unknown as ModelJson,
    );
    const result = model.predict([tf.tensor2d([[5, 1]]), tf.tensor2d([[2, 4]])]);
    expect(valuesOf(result)).toEqual([3, -3]);
  });
});
