import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readModelRecipe } from '../../../../../src/trainer/model/modelRecipe';
import {
  inputShape,
  layerClassNames,
  outputShape,
} from '../../../../../src/trainer/model/modelShapes';
import {
  forTfjs,
  inlineTopology,
  readTopology,
} from '../../../../../src/core/model/topology/readTopology';
import { describe as sentence } from '../../../../../src/core/text/problem';
import { tf } from '../../../../../src/trainer/tfjs/tf';
import {
  fixtures,
  kerasValues,
  reasonOf,
  useCpu,
  valueOf,
  weightsOf,
} from '../../../trainer/model/fixtures';

const context = {
  configFile: path.join(fixtures, 'batchwise.json'),
  root: fixtures,
  sampleShape: [6],
};

const recipeOf = (topology: string) => readModelRecipe({ topology }, context);

beforeAll(useCpu);

test('an embedding that is said to hold whole numbers has weights that can be trained', async () => {
  const size = { input_dim: 10, output_dim: 3, input_length: 6 };
  const layers = [
    { className: 'Embedding', config: { ...size, dtype: 'int32', batch_input_shape: [null, 6] } },
    { className: 'Flatten', config: {} },
    { className: 'Dense', config: { units: 2 } },
  ];
  const recipe = valueOf(await readModelRecipe({ layers }, context));
  const [table] = valueOf(await recipe.build(1)).getWeights();
  expect(table?.dtype).toBe('float32');
  expect(table?.dataSync().some((value) => value !== 0)).toBe(true);
});

describe('models that Keras wrote', () => {
  const names = readdirSync(fixtures)
    .filter((name) => name.endsWith('.values.json'))
    .map((name) => name.slice(0, -'.values.json'.length));

  test('there is one of each kind from Keras 2 and Keras 3', () => {
    expect(names).toEqual(
      ['keras2', 'keras3'].flatMap((version) =>
        ['cnn', 'embedding', 'gru', 'lstm', 'mlp'].map((kind) => `${version}-${kind}`),
      ),
    );
  });

  test.each(names)('%s gives the outputs Keras gave, for the same weights', async (name) => {
    const recipe = valueOf(await recipeOf(`${name}.json`));
    const model = valueOf(await recipe.build(1));
    const { weights, input, output } = kerasValues(name);
    expect(model.getWeights().map((weight) => weight.shape)).toEqual(
      weights.map(({ shape }) => shape),
    );
    model.setWeights(weights.map(({ values, shape }) => tf.tensor(values, shape)));
    const outputs = model.predict(tf.tensor(input.values, input.shape)) as InstanceType<
      typeof tf.Tensor
    >;
    expect(outputs.shape).toEqual(output.shape);
    const difference = [...outputs.dataSync()].map((value, index) =>
      Math.abs(value - (output.values[index] ?? NaN)),
    );
    expect(Math.max(...difference)).toBeLessThan(2e-6);
  });

  test.each(names)(
    '%s keeps names and shapes, and normalizing it again changes nothing',
    (name) => {
      const text = readFileSync(path.join(fixtures, `${name}.json`), 'utf8');
      const topology = valueOf(readTopology(text, name, { file: name }));
      const once = forTfjs(topology);
      expect(forTfjs({ model: structuredClone(once), compiled: null })).toEqual(once);
    },
  );
});

describe('models that tfjs wrote', () => {
  const sequential = () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], activation: 'relu' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, activation: 'softmax', kernelRegularizer: 'l1l2' }),
      ],
    });
  const functional = () => {
    const input = tf.input({ shape: [6] });
    const shared = tf.layers.dense({ units: 6, activation: 'tanh' });
    const once = shared.apply(input);
    const twice = shared.apply(once) as ReturnType<typeof tf.input>;
    const sum = tf.layers.add().apply([input, twice]) as ReturnType<typeof tf.input>;
    return tf.model({
      inputs: input,
      outputs: tf.layers.dense({ units: 2 }).apply(sum) as ReturnType<typeof tf.input>,
    });
  };
  const nested = () =>
    tf.sequential({
      layers: [
        tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [6] })] }),
        tf.layers.dense({ units: 1 }),
      ],
    });

  test.each([
    ['sequential', sequential],
    ['functional', functional],
    ['nested', nested],
  ])('%s comes back the same, bare or wrapped', async (_, make) => {
    const model = make();
    const bare: unknown = model.toJSON(null, false);
    const files = [bare, JSON.stringify(bare), { format: 'layers-model', modelTopology: bare }];
    for (const file of files) {
      const topology = valueOf(readTopology(JSON.stringify(file), 'model.json', { file: '' }));
      const again = await tf.models.modelFromJSON(
        forTfjs(topology) as Parameters<typeof tf.models.modelFromJSON>[0],
      );
      again.setWeights(model.getWeights());
      const shape = [2, ...inputShape(model).map(Number)];
      const sample = tf.randomUniform(shape, 0, 1, 'float32', 3);
      const outputs = (each: typeof model) => [
        ...(each.predict(sample) as typeof sample).dataSync(),
      ];
      expect(outputs(again)).toEqual(outputs(model as never));
    }
  });

  test('what model.save() wraps says how it was compiled', async () => {
    const model = sequential();
    model.compile({ loss: 'categoricalCrossentropy', optimizer: tf.train.momentum(0.1, 0.8) });
    let saved: unknown;
    const save = (artifacts: unknown) => {
      saved = artifacts;
      const modelArtifactsInfo = { dateSaved: new Date(0), modelTopologyType: 'JSON' as const };
      return Promise.resolve({ modelArtifactsInfo });
    };
    await model.save({ save }, { includeOptimizer: true });
    const { modelTopology, trainingConfig } = saved as Record<string, unknown>;
    const text = JSON.stringify({ modelTopology, trainingConfig, weightsManifest: [] });
    expect(valueOf(readTopology(text, 'model.json', { file: '' })).compiled).not.toBeNull();
  });
});

describe('equal seeds', () => {
  test.each(['keras3-mlp.json', 'keras2-lstm.json', 'keras3-cnn.json'])(
    'give equal weights of %s, others give others',
    async (name) => {
      const recipe = valueOf(await recipeOf(name));
      const [first, again, other] = [
        weightsOf(valueOf(await recipe.build(1))),
        weightsOf(valueOf(await recipe.build(1))),
        weightsOf(valueOf(await recipe.build(2))),
      ];
      expect(again).toEqual(first);
      expect(other).not.toEqual(first);
    },
  );

  test('hold for seeded initializers too, and Math.random stays as it was', async () => {
    const random = Math.random;
    const config = { units: 3, kernelInitializer: { className: 'HeNormal', config: { seed: 5 } } };
    const layers = [{ className: 'Dense', config }];
    const recipe = valueOf(await readModelRecipe({ layers }, context));
    const weights = async (seed: number) => weightsOf(valueOf(await recipe.build(seed)));
    expect(await weights(1)).toEqual(await weights(1));
    expect(await weights(2)).not.toEqual(await weights(1));
    expect(Math.random).toBe(random);
  });
});

describe('inline layers', () => {
  const dense = { className: 'Dense', config: { units: 3 } };
  const conv = { className: 'Conv2D', config: { filters: 2, kernelSize: 3 } };

  test.each([
    [[dense], [6], [6], [3]],
    [[conv], [8, 8], [8, 8, 1], [6, 6, 2]],
    [[conv], [8, 8, 3], [8, 8, 3], [6, 6, 2]],
    [[{ ...dense, config: { units: 3, inputShape: [4] } }], [6], [4], [3]],
  ])('%j on samples of %j', async (layers, sampleShape, input, output) => {
    const recipe = valueOf(await readModelRecipe({ layers }, { ...context, sampleShape }));
    const model = valueOf(await recipe.build(1));
    expect(inputShape(model)).toEqual(input);
    expect(outputShape(model)).toEqual(output);
  });

  test('name their kinds, those inside wrappers too', async () => {
    const lstm = { className: 'LSTM', config: { units: 2 } };
    const layers = [{ className: 'Bidirectional', config: { layer: lstm } }, dense];
    const recipe = valueOf(await readModelRecipe({ layers }, { ...context, sampleShape: [5, 3] }));
    expect(layerClassNames(valueOf(await recipe.build(1)))).toEqual([
      'Bidirectional',
      'LSTM',
      'Dense',
    ]);
  });
});

describe('a model that cannot be used is refused with its place', () => {
  const at = { file: context.configFile, pointer: ['model', 'layers', 1] };
  const ok = { className: 'Dense', config: { units: 3 } };

  test.each([
    ['modelLayerUnknownNearest', { className: 'dense', config: {} }, { nearest: 'Dense' }],
    ['modelLayerUnknownNearest', { className: 'CuDNNLSTM', config: {} }, { nearest: 'LSTM' }],
    ['modelLayerOwn', { className: 'MyThing', config: { name: 'a' } }, { name: '"a"' }],
    ['modelLayerOption', { className: 'Conv2D', config: { groups: 2 } }, { option: 'groups' }],
    [
      'modelLayerOption',
      { className: 'DepthwiseConv2D', config: { dilationRate: [1, 2] } },
      { value: '[1,2]', expected: '1' },
    ],
    ['modelActivationUnknown', { className: 'Dense', config: { activation: 'rellu' } }, {}],
    [
      'modelLayerUnknownNearest',
      { className: 'TimeDistributed', config: { layer: { className: 'Dens', config: {} } } },
      { nearest: 'Dense' },
    ],
  ])('%s: %j', async (reason, layer, values) => {
    const result = await readModelRecipe({ layers: [ok, layer] }, context);
    expect(result).toMatchObject({ ok: false, problem: { reason, values, place: at } });
  });

  test('a block of self-attention whose input is added to it predicts, and again', async () => {
    const node = (className: string, name: string, inputs: unknown[], config: object = {}) => ({
      class_name: className,
      name,
      config: { name, ...config },
      inbound_nodes: inputs.length === 0 ? [] : [inputs],
    });
    const from = (name: string, kwargs: object = {}) => [name, 0, 0, kwargs];
    const self = { value: ['wide', 0, 0], key: ['wide', 0, 0] };
    const layers = [
      node('InputLayer', 'x', [], { batch_input_shape: [null, 4, 3] }),
      node('Dense', 'wide', [from('x')], { units: 6 }),
      node('MultiHeadAttention', 'seen', [from('wide', self)], { num_heads: 2, key_dim: 3 }),
      node('Add', 'block', [from('wide'), from('seen')]),
      node('Dense', 'y', [from('block')], { units: 2 }),
    ];
    const ends = { input_layers: [['x', 0, 0]], output_layers: [['y', 0, 0]] };
    const text = JSON.stringify({
      class_name: 'Functional',
      config: { name: 'm', layers, ...ends },
    });
    const topology = forTfjs(valueOf(readTopology(text, 'model.json', { file: '' })));
    const model = await tf.models.modelFromJSON(topology as never);
    const predicted = [1, 2].map(
      () => model.predict(tf.ones([2, 4, 3])) as { dataSync(): Float32Array },
    );
    const [first, second] = predicted.map((tensor) => [...tensor.dataSync()]);
    expect(first).toHaveLength(16);
    expect(second).toEqual(first);
  });

  test.each(['keras2-attention.json', 'keras3-attention.json'])('but not %s', async (name) => {
    const model = valueOf(await valueOf(await recipeOf(name)).draft());
    expect(model.countParams()).toBeGreaterThan(0);
  });

  test.each([
    ['modelNotJson', '{"class_name": '],
    ['modelNotTopology', '[1, 2]'],
    ['modelNotTopology', '{"name": "x"}'],
    ['modelNotTopology', 'null'],
    ['modelIsGraph', '{"format": "graph-model", "modelTopology": {"node": []}}'],
    ['modelIsGraph', '{"modelTopology": {"node": []}}'],
    ['modelNotJson', '{"modelTopology": "{"}'],
  ])('%s: %s', (reason, text) => {
    expect(reasonOf(readTopology(text, 'model.json', { file: '' }))).toBe(reason);
  });

  test('a model that nests deeper than what builds it can call itself', () => {
    const inner = { class_name: 'Dense', config: { units: 1 } };
    const nested = (times: number) => {
      let model: object = { class_name: 'Sequential', config: { layers: [inner] } };
      for (let depth = 1; depth < times; depth++)
        model = { class_name: 'Sequential', config: { layers: [model] } };
      return readTopology(JSON.stringify(model), 'model.json', { file: '' });
    };
    expect(nested(50).ok).toBe(true);
    expect(reasonOf(nested(1000))).toBe('modelTooDeep');
    const deep = `${'{"config":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    expect(reasonOf(readTopology(deep, 'model.json', { file: '' }))).toBe('modelTooDeep');
  });

  test.each(['kernelInitializer', 'biasRegularizer', 'kernelConstraint'])(
    'a %s whose name every object has',
    async (option) => {
      const { checkLayers } = await import('../../../../../src/trainer/model/checkLayers');
      const check = (given: unknown) => {
        const layer = { className: 'Dense', config: { units: 1, [option]: given } };
        return checkLayers(forTfjs(inlineTopology([layer])), { file: '' });
      };
      for (const given of ['constructor', { className: 'toString', config: {} }]) {
        const refused = check(given);
        expect(refused.ok ? '' : sentence(refused.problem)).toMatch(/Unknown \w+ (cons|toS)/);
      }
      expect(check('somethingElse').ok).toBe(true);
    },
  );

  test('a subclassed model, an empty one and a file that is not there', async () => {
    const { checkLayers } = await import('../../../../../src/trainer/model/checkLayers');
    const place = { file: '' };
    expect(reasonOf(checkLayers({ class_name: 'MyModel', config: {} }, place))).toBe(
      'modelIsSubclassed',
    );
    const empty = { class_name: 'Sequential', config: { layers: [] } };
    expect(reasonOf(checkLayers(empty, place))).toBe('modelNoLayers');
    expect(reasonOf(await recipeOf('nothing-like-it.json'))).toBe('modelNotFound');
  });

  test('layers that do not follow on each other, or hold nothing to train', async () => {
    const build = async (layers: { className: string; config: Record<string, unknown> }[]) =>
      reasonOf(await valueOf(await readModelRecipe({ layers }, context)).build(1));
    expect(await build([ok, { className: 'Conv2D', config: { filters: 1, kernelSize: 3 } }])).toBe(
      'modelNotBuilt',
    );
    expect(await build([{ className: 'Activation', config: { activation: 'relu' } }])).toBe(
      'modelNoWeights',
    );
  });
});
