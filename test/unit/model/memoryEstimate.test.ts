import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { estimateMemory } from '../../../src/core/memoryEstimate';
import { withInputShape } from '../../../src/core/topology/inlineInput';
import { forTfjs, inlineTopology, readTopology } from '../../../src/core/topology/readTopology';
import { topologyCost } from '../../../src/core/topology/topologyCost';
import { configModel } from '../../../src/editor/configModel';
import { layerClassNames, outputShape } from '../../../src/trainer/model/modelShapes';
import { tf } from '../../../src/trainer/tf';
import { fixtures, useCpu, valueOf } from './fixtures';

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
    ['MaxPooling1D', {}],
  ])('for %s', async (className, config) => {
    const layers = [
      { className, config },
      { className: 'Dense', config: { units: 2 } },
    ];
    await expectSameAsTfjs(withInputShape(forTfjs(inlineTopology(layers)), [8, 6]));
  });

  test('a layer that is not known is named', () => {
    const layers = [{ className: 'MyLayer', config: {} }];
    expect(topologyCost(forTfjs(inlineTopology(layers)), [4]).unknown).toEqual(['MyLayer']);
  });
});

describe('the estimate', () => {
  const layers = [
    { saved: 30, returned: 10, working: 25 },
    { saved: 20, returned: 15, working: 5 },
  ];
  const cost = { parameters: 1000, trainable: 900, layers, output: [2] };
  const of = { batchSize: 10, slots: 2, featureValues: 5, dataValues: 300 };

  test('adds up weights, gradients, optimizer, data and activations', () => {
    expect(estimateMemory(cost, of)).toEqual({
      parameters: 4000,
      gradients: 3600,
      optimizer: 7200,
      activations: 4 * 10 * (5 + 2 * 21 + 50 + 25 + 25),
      data: 1200,
      peak: 4000 + 3600 + 7200 + 1200 + 5880,
    });
  });

  test('never falls as the batch grows, and is the update where batches are small', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), (batchSize) => {
        const here = estimateMemory(cost, { ...of, batchSize }).peak;
        expect(
          estimateMemory(cost, { ...of, batchSize: batchSize + 1 }).peak,
        ).toBeGreaterThanOrEqual(here);
      }),
      { seed: 1 },
    );
    const small = estimateMemory(cost, { ...of, batchSize: 1 });
    expect(small.peak).toBe(4000 + 3600 + 7200 + 1200 + 3600);
  });

  // Peaks metered by the WASM allocator in sweeps of the examples: batch 64 and the largest size.
  test.each([
    ['glyphs', [28, 28, 1], 2000 * 785, { 64: 20_580_196, 1600: 360_884_056 }],
    ['sequence', [24, 3], 1500 * 73, { 64: 5_946_404, 512: 41_854_484 }],
    ['tabular', [9], 2000 * 10, { 64: 326_040, 1600: 4_909_408 }],
  ])('is within 15% of what was metered: %s', (name, features, dataValues, peaks) => {
    const file = path.resolve(__dirname, '../../../examples', name, 'batchwise.json');
    const model = configModel(parse(readFileSync(file, 'utf8')), file, features);
    const featureValues = features.reduce((all, length) => all * length, 1);
    expect(model).not.toBeNull();
    for (const [size, metered] of Object.entries(peaks)) {
      const batchSize = Number(size);
      const { peak } = estimateMemory(model?.cost ?? cost, {
        ...{ batchSize, slots: 2, featureValues, dataValues },
      });
      expect(Math.abs(peak / metered - 1), `${name} at ${size}: ${peak}`).toBeLessThan(0.15);
    }
  });
});
