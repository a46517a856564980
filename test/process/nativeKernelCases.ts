import '../../src/trainer/tfjs/tf';
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OptimizerSettings } from '../../src/config/trainingSchema';
import { cpuBackend } from '../../src/trainer/backends/cpu';
import { tensorflowBackend } from '../../src/trainer/backends/tensorflow';
import type { MemoryMeter } from '../../src/trainer/memory/memoryMeter';
import { outputObjective } from '../../src/trainer/model/objective';
import { createOptimizer } from '../../src/trainer/model/optimizer';
import { setLearningRate } from '../../src/trainer/training/optimizerState';
import { expectClose, onBackends, randomTensor, type Values } from '../unit/trainer/backends';

/** What our kernels for libtensorflow compute, against tfjs's plain backend, in this process. */
export function describeNativeKernels(runtimeFolder: string): void {
  let meter: MemoryMeter;

  beforeAll(async () => {
    await cpuBackend.load();
    const loaded = await tensorflowBackend(runtimeFolder).load();
    if (!loaded.ok) throw new Error(loaded.problem.reason);
    ({ meter } = loaded.value);
  });

  const compare = (work: () => tf.Tensor, relative?: number) => {
    const [actual, expected] = onBackends(['tensorflow', 'cpu'], work);
    expectClose(actual as Values, expected as Values, relative);
  };

  /** The gradient of the sum of `of(x)`, each element weighted by a number of its own. */
  const gradientOf = (of: (x: tf.Tensor) => tf.Tensor, x: () => tf.Tensor) => () =>
    tf.grad((given) => {
      const y = of(given);
      return tf.sum(tf.mul(y, randomTensor(y.shape, 99)));
    })(x());

  describe('kernels', () => {
    it.each([
      [
        [3, 4],
        [4, 5],
      ],
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      [
        [1, 3, 4],
        [1, 4, 5],
      ],
      // More multiplications than stay on one thread.
      [
        [8, 96, 80],
        [8, 80, 64],
      ],
    ])('multiply %j by %j, transposed or not', (a, b) => {
      const swapped = (shape: number[]) => [...shape.slice(0, -2), shape.at(-1), shape.at(-2)];
      for (const [transposeA, transposeB] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ] as const) {
        compare(() =>
          tf.matMul(
            randomTensor(transposeA ? (swapped(a) as number[]) : a, 1),
            randomTensor(transposeB ? (swapped(b) as number[]) : b, 2),
            transposeA,
            transposeB,
          ),
        );
      }
    });

    it.each([
      [[6, 5], 'relu', true],
      [[6, 5], 'linear', true],
      [[6, 5], 'softmax', true],
      [[6, 5], 'relu', false],
      [[2, 3, 5], 'relu', true],
      [[2, 3, 5], 'tanh', false],
    ] as const)('take the gradients of a dense layer: of %j, %s, bias %s', (...given) => {
      const [shape, activation, useBias] = given;
      const gradients = () => {
        const layer = layers.dense({ units: 4, activation, useBias });
        const x = randomTensor([...shape], 11);
        layer.apply(x);
        layer.setWeights(
          layer.weights.map((weight, at) => randomTensor(weight.shape as number[], at)),
        );
        const ofX = gradientOf(
          (value) => layer.apply(value) as tf.Tensor,
          () => x,
        )();
        const y = () => layer.apply(x) as tf.Tensor;
        const { value, grads } = tf.variableGrads(() =>
          tf.sum(tf.mul(y(), randomTensor(y().shape, 12))),
        );
        const all = [y(), value, ofX, ...Object.values(grads)];
        expect(all).toHaveLength(useBias ? 5 : 4);
        return tf.concat(all.map((tensor) => tf.reshape(tensor, [-1])));
      };
      compare(gradients);
    });

    describe('the losses of classes', () => {
      const { losses } = outputObjective('sparseCategoricalCrossentropy');

      it.each([
        [[0.2, 0.5, 0.3], 1],
        [[1, 0, 0], 0],
        [[1e-6, 0.5, 0.5], 0],
        // No probabilities, as of a sigmoid: the second is cut off once divided by their sum.
        [[0.9, 0.9, 0.2], 2],
        [[1.5e-7, 0.9, 0.9], 0],
      ])('of %j, class %i, are those of tfjs, and so are their gradients', (row, label) => {
        const loss = (given: tf.Tensor) => losses(tf.tensor1d([label]), given);
        const outputs = () => tf.tensor2d([row]);
        compare(() => loss(outputs()));
        compare(gradientOf(loss, outputs));
      });

      it('follow a softmax, however sure it is', () => {
        const logits = () =>
          tf.tensor2d([
            [0.1, 0.7, -0.3],
            [40, 0, 0],
            [40, 0, 0],
            // A class of less than 1e-7, whose loss is flat, and one of a little more.
            [-17, 0, 0],
            [-15, 0, 0],
          ]);
        const loss = (given: tf.Tensor) => losses(tf.tensor1d([2, 0, 1, 0, 0]), tf.softmax(given));
        compare(() => loss(logits()));
        compare(gradientOf(loss, logits));
      });
    });

    it.each(['relu', 'sigmoid', 'tanh'] as const)('take the gradient of %s', (name) => {
      compare(
        gradientOf(
          (x) => tf[name](x),
          () => randomTensor([5, 7], 3),
        ),
      );
    });

    it('clip, and pass the gradient within the bounds and on them', () => {
      const x = () => tf.tensor([-2, -0.5, -0.25, 0, 0.25, 0.5, 2]);
      compare(() => tf.clipByValue(x(), -0.5, 0.5));
      compare(gradientOf((given) => tf.clipByValue(given, -0.5, 0.5), x));
      const notANumber = () => tf.clipByValue(tf.tensor([NaN, 1]), -0.5, 0.5);
      const [clipped] = onBackends(['tensorflow'], notANumber);
      expect([...(clipped?.data ?? [])]).toEqual([NaN, 0.5]);
    });

    it.each([
      [[2, 6, 6, 3], 2, 2, 'valid'],
      [[2, 7, 5, 3], 2, 2, 'same'],
      [[1, 8, 8, 2], 3, 1, 'valid'],
      [[2, 9, 9, 2], 3, 2, 'same'],
    ] as const)('take the gradient of max-pooling %j by %i with stride %i, %s', (...given) => {
      const [shape, size, stride, pad] = given;
      compare(
        gradientOf(
          (x) => tf.maxPool(x as tf.Tensor4D, size, stride, pad),
          () => randomTensor([...shape], 5),
        ),
      );
    });

    it('sum, reshape and cast as they did', () => {
      const x = () => randomTensor([2, 3, 4], 6);
      compare(() => tf.sum(x(), [0, 2]));
      compare(() => tf.sum(x(), 1, true));
      compare(() => tf.reshape(x(), [4, 6]));
      compare(() => tf.add(tf.reshape(x(), [2, 3, 4]), tf.cast(x(), 'float32')));
      compare(() => tf.cast(tf.cast(tf.mul(x(), 3), 'int32'), 'float32'));
      compare(() => tf.cast(tf.sum(tf.tensor([1, 2, 3], [3], 'int32')), 'float32'));
    });
  });

  const optimizers: OptimizerSettings[] = [
    { name: 'sgd' },
    { name: 'sgd', momentum: 0.8, nesterov: true },
    { name: 'momentum' },
    { name: 'adam', beta1: 0.8, epsilon: 1e-5 },
    { name: 'rmsprop' },
    { name: 'rmsprop', momentum: 0.7, decay: 0.8, epsilon: 1e-5 },
    { name: 'adagrad' },
  ];
  describe.each(optimizers)('the optimizer %j', (settings) => {
    const shapes = [[7], [3, 5], [1], []];

    async function train(backend: string): Promise<Values[]> {
      await tf.setBackend(backend);
      const given = Float32Array.from({ length: 7 }, (_, at) => at);
      const variables = shapes.map((shape, seed) =>
        tf.tidy(() => tf.variable(seed === 0 ? tf.tensor(given) : randomTensor(shape, seed))),
      );
      const optimizer = createOptimizer(settings, 0.01);
      const kept: tf.Tensor[] = [];
      for (let step = 1; step <= 5; step++) {
        if (step === 4) setLearningRate(optimizer, 0.1);
        // Somebody else holds the values of now, and once somebody writes them.
        if (step === 3) kept.push(...variables.map((variable) => variable.clone()));
        if (step === 4) tf.tidy(() => variables[1]?.assign(randomTensor([3, 5], 50)));
        const gradients = Object.fromEntries(
          variables.map(({ name, shape }, at) => [name, randomTensor(shape, 100 * step + at)]),
        );
        optimizer.applyGradients(gradients);
        tf.dispose(gradients);
      }
      const [iterations, ...state] = await optimizer.getWeights();
      const values = [...variables, ...kept, ...state.map(({ tensor }) => tensor)].map(
        (tensor) => ({
          shape: tensor.shape,
          data: Float32Array.from(tensor.dataSync()),
        }),
      );
      tf.dispose([...variables, ...kept]);
      iterations?.tensor.dispose();
      optimizer.dispose();
      expect([...given]).toEqual([0, 1, 2, 3, 4, 5, 6]);
      return values;
    }

    it('takes the steps that tfjs takes on its plain backend, and leaves nothing behind', async () => {
      await tf.setBackend('tensorflow');
      const before = meter.liveBytes();
      const actual = await train('tensorflow');
      expect(meter.liveBytes()).toBe(before);
      const expected = await train('cpu');
      expect(actual).toHaveLength(expected.length);
      actual.forEach((values, at) => {
        // Both moments of Adam are rounded in another order.
        expectClose(values, expected[at] as Values, 5e-5);
      });
    });
  });
}
