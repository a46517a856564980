import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { estimateMemory, modelMemory } from '../../../../src/core/model/memoryEstimate';
import { withInputShape } from '../../../../src/core/model/topology/inlineInput';
import {
  forTfjs,
  inlineTopology,
  readTopology,
} from '../../../../src/core/model/topology/readTopology';
import type { LossName } from '../../../../src/core/model/losses';
import { topologyCost } from '../../../../src/core/model/topology/topologyCost';
import { layerClassNames, outputShape } from '../../../../src/trainer/model/modelShapes';
import { tf } from '../../../../src/trainer/tfjs/tf';
import { fixtures, useCpu, valueOf } from '../../trainer/model/fixtures';

beforeAll(useCpu);

type Json = Parameters<typeof tf.models.modelFromJSON>[0];

function trainableCount(model: Awaited<ReturnType<typeof tf.models.modelFromJSON>>): number {
  return model.trainableWeights.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((all, length) => all * (length ?? 1), 1),
    0,
  );
}

async function expectSameAsTfjs(topology: ReturnType<typeof forTfjs>): Promise<void> {
  const cost = topologyCost(topology);
  const model = await tf.models.modelFromJSON(structuredClone(topology) as Json);
  expect(cost.unknown).toEqual([]);
  expect(cost.output).toEqual(outputShape(model));
  expect(cost.parameters).toBe(model.countParams());
  expect(cost.trainable).toBe(trainableCount(model));
  expect([...cost.classNames].sort()).toEqual(layerClassNames(model).sort());
  model.dispose();
}

describe('shapes and weights without tfjs are those of tfjs', () => {
  const names = readdirSync(fixtures).filter((name) => /^keras\d-\w+\.json$/.test(name));
  test.each(names.filter((name) => !name.includes('attention')))('%s', async (name) => {
    const text = readFileSync(path.join(fixtures, name), 'utf8');
    await expectSameAsTfjs(forTfjs(valueOf(readTopology(text, name, { file: name }))));
  });

  const window = fc.record({
    filters: fc.integer({ min: 1, max: 4 }),
    kernelSize: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant([2, 3])),
    strides: fc.constantFrom(1, 2, [1, 2]),
    padding: fc.constantFrom('same', 'valid'),
    useBias: fc.boolean(),
  });
  const pool = fc.record(
    {
      poolSize: fc.constantFrom(2, [2, 1]),
      strides: fc.constantFrom(1, 2),
      padding: fc.constantFrom('same', 'valid'),
    },
    { requiredKeys: ['poolSize'] },
  );
  const layer = fc.oneof(
    window.map((config) => ({ className: 'Conv2D', config })),
    window.map(({ filters, ...config }) => ({
      className: 'DepthwiseConv2D',
      config: { ...config, depthMultiplier: filters, strides: 1 },
    })),
    window.map((config) => ({ className: 'SeparableConv2D', config: { ...config, strides: 1 } })),
    pool.map((config) => ({ className: 'MaxPooling2D', config })),
    pool.map((config) => ({ className: 'AveragePooling2D', config })),
    fc.constant({ className: 'BatchNormalization', config: { scale: false } }),
    fc.constant({ className: 'UpSampling2D', config: { size: [2, 2] } }),
    fc.constant({ className: 'Dropout', config: { rate: 0.1 } }),
  );

  test('for stacks of image layers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (layers) => {
        const end = [
          { className: 'Flatten', config: {} },
          { className: 'Dense', config: { units: 3 } },
        ];
        const topology = withInputShape(forTfjs(inlineTopology([...layers, ...end])), [24, 20, 2]);
        await expectSameAsTfjs(topology);
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  test.each([
    ['LSTM', { units: 3, returnSequences: true }],
    ['GRU', { units: 3, useBias: false }],
    ['SimpleRNN', { units: 3 }],
    ['Conv1D', { filters: 3, kernelSize: 3, dilationRate: 2 }],
    ['Reshape', { targetShape: [24, 2] }],
    ['Permute', { dims: [2, 1] }],
    ['LayerNormalization', {}],
    ['SpatialDropout1D', { rate: 0.2 }],
    ['MaxPooling1D', {}],
  ])('for %s', async (className, config) => {
    const layers = [
      { className, config },
      { className: 'Dense', config: { units: 2 } },
    ];
    await expectSameAsTfjs(withInputShape(forTfjs(inlineTopology(layers)), [8, 6]));
  });

  test.each([
    {
      config: { axes: 2 },
      shapes: [
        [5, 4],
        [3, 4],
      ],
    },
    {
      config: { axes: -1, normalize: true },
      shapes: [
        [5, 4],
        [3, 4],
      ],
    },
    {
      config: { axes: [2, 1] },
      shapes: [
        [5, 3],
        [3, 4],
      ],
    },
    {
      config: { axes: [1, 2] },
      shapes: [
        [3, 5],
        [4, 3],
      ],
    },
    { config: { axes: 1 }, shapes: [[6], [6]] },
  ])('for Dot, %j', async ({ config, shapes }) => {
    const inputs = shapes.map((shape, index) => ({
      class_name: 'InputLayer',
      name: `in${index}`,
      config: { batch_input_shape: [null, ...shape], dtype: 'float32', name: `in${index}` },
      inbound_nodes: [],
    }));
    const from = inputs.map(({ name }) => [name, 0, 0, {}]);
    const dot = {
      class_name: 'Dot',
      name: 'dot',
      config: { ...config, name: 'dot' },
      inbound_nodes: [from],
    };
    const ends = {
      input_layers: from.map((each) => each.slice(0, 3)),
      output_layers: [['dot', 0, 0]],
    };
    await expectSameAsTfjs({
      class_name: 'Model',
      config: { name: 'model', layers: [...inputs, dot], ...ends },
    });
  });

  test('a layer that is not known is named', () => {
    const layers = [{ className: 'MyLayer', config: {} }];
    expect(topologyCost(forTfjs(inlineTopology(layers)), [4]).unknown).toEqual(['MyLayer']);
  });
});

describe('the estimate', () => {
  const dense = (units: number, activation = 'linear') => ({
    className: 'Dense',
    config: { units, activation },
  });
  const memoryOf = (layers: object[], shape: readonly number[], loss: LossName | null = null) =>
    modelMemory(withInputShape(forTfjs(inlineTopology(layers)), shape), shape, loss);
  const setup = { batchSize: 10, optimizer: 'adam', samples: 60, validationSamples: 20 };

  test('tells what the bytes are for', () => {
    const estimate = estimateMemory(memoryOf([dense(4, 'relu'), dense(1)], [3]), setup);
    const weights = 4 * (3 * 4 + 4 + 4 + 1);
    expect(estimate).toMatchObject({
      parameters: weights,
      gradients: weights,
      optimizer: 2 * weights,
      data: 4 * 80 * (3 + 1),
    });
    const { peak, parameters, gradients, optimizer, data, activations } = estimate;
    expect(peak).toBe(parameters + gradients + optimizer + data + activations);
  });

  test('counts every tensor of a step', () => {
    const { tape } = memoryOf([dense(4, 'relu'), dense(1)], [3], 'meanSquaredError');
    // Batch 4; product, bias and activation 4 each; the output; the losses: difference, square,
    // cast copy (the mean kernel's own copy is freed). On the way back an operation's saved values
    // are freed after it. The most is held while the first mean goes back: over all that is saved,
    // the loss's gradient and two copies of its size.
    const saved = 4 + 3 * 4 + 1 + 3;
    const gradients = 3;
    const last = tape.step.at(-1);
    expect(last?.perSample).toBe(saved + gradients);
    // A few single numbers; in the end all gradients of the weights, and little of the batch.
    expect(last?.fixed).toBeLessThan(4);
    const weights = 3 * 4 + 4 + 4 + 1;
    expect(tape.step[0]?.fixed).toBeGreaterThanOrEqual(weights);
    expect(tape.step[0]?.fixed).toBeLessThan(weights + 4);
  });

  test('never falls as the batch grows', () => {
    const memory = memoryOf([dense(64, 'tanh'), dense(5, 'softmax')], [10]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), (batchSize) => {
        const at = (size: number) => estimateMemory(memory, { ...setup, batchSize: size }).peak;
        expect(at(batchSize + 1)).toBeGreaterThanOrEqual(at(batchSize));
      }),
      { seed: 1 },
    );
  });

  test('is what the evaluation or the update takes where batches are small', () => {
    const light = memoryOf([dense(2)], [3]);
    const one = { ...setup, batchSize: 1 };
    const few = estimateMemory(light, { ...one, validationSamples: 1 });
    const many = estimateMemory(light, { ...one, validationSamples: 200 });
    expect(many.peak - many.data).toBeGreaterThan(few.peak - few.data);
    const heavy = memoryOf([dense(1000), dense(1)], [1000]);
    const plain = estimateMemory(heavy, { ...one, optimizer: 'sgd' });
    // Plain descent makes its new weights beside the old ones, twice.
    const update = plain.gradients + 2 * 4 * (1000 * 1000 + 1000);
    expect(plain.peak).toBe(plain.parameters + plain.data + update);
  });

  test('trains nothing of frozen layers', () => {
    const frozen = { className: 'Dense', config: { units: 4, trainable: false } };
    const { cost } = memoryOf([frozen, dense(1)], [3]);
    expect([cost.parameters, cost.trainable]).toEqual([16 + 5, 5]);
  });

  test('follows layers that several others take, and models in models', () => {
    const call = (name: string) => [[[name, 0, 0, {}]]];
    const functional = (layers: object[]) => ({
      class_name: 'Functional',
      config: { name: 'm', layers, input_layers: [['a', 0, 0]], output_layers: [['sum', 0, 0]] },
    });
    const input = {
      class_name: 'InputLayer',
      name: 'a',
      config: { name: 'a', batch_input_shape: [null, 6] },
      inbound_nodes: [],
    };
    const side = (name: string) => ({
      class_name: 'Dense',
      name,
      config: { name, units: 6, activation: 'relu' },
      inbound_nodes: call('a'),
    });
    const sum = {
      class_name: 'Add',
      name: 'sum',
      config: { name: 'sum' },
      inbound_nodes: [
        [
          ['b', 0, 0, {}],
          ['c', 0, 0, {}],
        ],
      ],
    };
    const read = (model: object) =>
      forTfjs(valueOf(readTopology(JSON.stringify(model), 'm.json', { file: 'm.json' })));
    const one = modelMemory(read(functional([input, side('b'), sum])), [], null);
    const two = modelMemory(read(functional([input, side('b'), side('c'), sum])), [], null);
    const step = ({ tape }: typeof one) => tape.step.at(-1)?.perSample ?? 0;
    expect(two.cost.parameters).toBe(2 * (6 * 6 + 6));
    expect(step(two)).toBeGreaterThan(step(one) + 3 * 6);
    const nested = {
      class_name: 'Sequential',
      config: { name: 's', layers: [functional([input, side('b'), side('c'), sum])] },
    };
    expect(step(modelMemory(read(nested), [], null))).toBe(step(two));
  });
});
