import { tileGradConfig } from '@tensorflow/tfjs-core/dist/gradients/Tile_grad';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { tileGradient } from '../../../../src/trainer/kernels/tileGradient';
import { tf } from '../../../../src/trainer/tfjs/tf';
import { loadCpu, loadWasm } from '../backends';

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

type GradFunc = (
  dy: ReturnType<typeof tf.tensor>,
  saved: ReturnType<typeof tf.tensor>[],
  attrs: { reps: number[] },
) => unknown;

/** Whole numbers, whose sums are exact in any order. */
function gradientBy({ gradFunc }: { gradFunc: unknown }, shape: number[], reps: number[]) {
  return tf.tidy(() => {
    const tiled = shape.map((length, axis) => length * (reps[axis] ?? 1));
    const size = tiled.reduce((all, length) => all * length, 1);
    const dy = tf.tensor(
      Float32Array.from({ length: size }, (_, at) => (at * 37) % 101),
      tiled,
    );
    const given = (gradFunc as GradFunc)(dy, [tf.zeros(shape)], { reps });
    const gradient = (given as { x: () => ReturnType<typeof tf.tensor> }).x();
    return { shape: gradient.shape, values: [...gradient.dataSync()] };
  });
}

const axes = (maxLength: number) =>
  fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), {
    minLength: 1,
    maxLength,
  });

describe.each(['cpu', 'wasm'])('the gradient of a tile on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test('is that of tfjs', () => {
    fc.assert(
      fc.property(axes(4), (each) => {
        const [shape, reps] = [each.map(([length]) => length), each.map(([, count]) => count)];
        expect(gradientBy(tileGradient, shape, reps)).toEqual(
          gradientBy(tileGradConfig, shape, reps),
        );
      }),
      { seed: 5 },
    );
  });

  test('of a layer normalization takes as many kernels for many samples as for few', async () => {
    const layer = tf.layers.layerNormalization();
    layer.build([null, 5, 4]);
    expect(layer.trainableWeights).toHaveLength(2);
    const kernelsFor = async (samples: number) => {
      const { kernels } = await tf.profile(() =>
        tf.tidy(() => {
          const ones = tf.ones([samples, 5, 4]);
          const total = () => tf.sum(layer.apply(ones) as typeof ones).asScalar();
          return tf.variableGrads(total).value;
        }),
      );
      return kernels.length;
    };
    expect(await kernelsFor(30)).toBe(await kernelsFor(2));
  });
});
