import fc from 'fast-check';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { fitImage } from '../../../../src/trainer/data/fitImage';
import { read } from './bothWays';
import { refusal } from './workspace';
import { npy, npz } from './writers';

/** A gray image, row by row. */
function gray(width: number, levels: readonly number[]): Uint8Array {
  const height = levels.length / width;
  return encode({ width, height, channels: 1, depth: 8, data: Uint8Array.from(levels) });
}

const dark = gray(2, [0, 1, 2, 3]);
const light = gray(2, [252, 253, 254, 255]);

describe('a folder with folders for training and validation', () => {
  const classes = (folder: string) => ({
    [`pictures/${folder}/cat/1.png`]: dark,
    [`pictures/${folder}/dog/1.png`]: light,
  });

  it.each([
    ['train', 'val', ['val', 'test']],
    ['Training', 'valid', ['valid']],
    ['train', 'validation', ['validation']],
    ['train', 'test', ['test']],
    ['train_set', 'test_set', ['test_set']],
  ])('%s and %s', async (train, validation, others) => {
    const files = Object.assign({}, classes(train), ...others.map(classes)) as object;
    const found = await read({ ...files, 'pictures/info.txt': 'x' }, { train: 'pictures' });
    expect(found.classes).toEqual(['cat', 'dog']);
    expect(found).toMatchObject({ samplesOfClasses: [1, 1], validationSamples: 2 });
    expect(found.notes).toContain(`"${train}" of pictures and validated with "${validation}"`);
  });

  it('splits a fraction off where there is a folder for training only', async () => {
    const found = await read(classes('train'), { train: 'pictures', validation: 0.5 });
    expect(found.validationSamples).toBe(1);
    expect(found.notes).toBe('Trained on the folder "train" of pictures.');
  });

  it('validates with what the config names', async () => {
    const files = { ...classes('train'), ...classes('val'), 'own/dog/1.png': dark };
    const found = await read(files, { train: 'pictures', validation: 'own' });
    expect(found.validationSamples).toBe(1);
  });

  it('takes folders that hold images for classes, whatever they are called', async () => {
    const files = { 'pictures/train/1.png': dark, 'pictures/test/1.png': light };
    expect((await read(files, { train: 'pictures' })).classes).toEqual(['test', 'train']);
  });

  it('refuses classes that were not trained on', async () => {
    const files = { ...classes('train'), 'pictures/val/cow/1.png': dark };
    expect(await refusal(files, { train: 'pictures' })).toMatch(/"cow", which the training data/);
  });
});

describe('images of several sizes', () => {
  const files = {
    'pictures/a/1.png': dark,
    'pictures/b/1.png': gray(
      4,
      Array.from({ length: 16 }, () => 9),
    ),
  };

  it('get the size of the first, and a note', async () => {
    const found = await read(files, { train: 'pictures' });
    expect(found.shape).toEqual([2, 2, 1]);
    expect(found.rows).toEqual(['0,1,2,3,0', '9,9,9,9,1']);
    expect(found.notes).toMatch(/^1 of 2 images in pictures were resized to 2×2 pixels \(stretch/);
  });

  it("get the size and the channels of the model's input", async () => {
    const found = await read(files, { train: 'pictures' }, undefined, [3, 1, 3]);
    expect(found.shape).toEqual([3, 1, 3]);
    expect(found.rows[1]).toBe('9,9,9,9,9,9,9,9,9,1');
  });

  it.each([
    [{ size: 4 }, [4, 4, 1]],
    [{ size: [1, 3] }, [1, 3, 1]],
  ])('get the size that the config asks for: %j', async (image, shape) => {
    const found = await read(files, { train: 'pictures', image }, undefined, [9, 9, 1]);
    expect(found.shape).toEqual(shape);
  });

  it('are stretched, cropped or padded', () => {
    const image = {
      width: 4,
      height: 2,
      channels: 1,
      pixels: Uint8Array.of(1, 1, 9, 9, 1, 1, 9, 9),
    } as const;
    const fit = (resize: 'stretch' | 'crop' | 'pad', size = { width: 2, height: 2 }) => [
      ...fitImage(image, size, resize).pixels,
    ];
    expect(fit('crop')).toEqual([1, 9, 1, 9]);
    expect(fit('pad', { width: 4, height: 4 })).toEqual([
      0, 0, 0, 0, 1, 1, 9, 9, 1, 1, 9, 9, 0, 0, 0, 0,
    ]);
    const [left = 0, right = 0] = fit('stretch');
    expect([left, right].every((level) => level > 0 && level < 10) && left < right).toBe(true);
  });

  it('keep the mean of what they show, and stay within its levels', () => {
    const size = fc.record({
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
    });
    const level = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(size, size, level, fc.constantFrom('stretch', 'crop'), (from, to, one, how) => {
        const pixels = new Uint8Array(from.width * from.height).fill(one);
        const fitted = fitImage({ ...from, channels: 1, pixels }, to, how);
        expect([...fitted.pixels]).toEqual(Array.from({ length: to.width * to.height }, () => one));
      }),
      { numRuns: 100, seed: 5 },
    );
  });
});

describe('arrays for training and validation in one file', () => {
  const x = (count: number) =>
    npy(
      '<f4',
      [count, 2],
      Float32Array.from({ length: 2 * count }, (_, at) => at),
    );
  const y = (count: number) =>
    npy(
      '<i4',
      [count],
      Int32Array.from({ length: count }, (_, at) => at % 2),
    );

  it.each([
    ['x_train', 'y_train', 'x_test', 'y_test'],
    ['X_train', 'Y_train', 'X_val', 'Y_val'],
    ['train_images', 'train_labels', 'test_images', 'test_labels'],
    ['trainX', 'trainY', 'validX', 'validY'],
    ['xtrain', 'ytrain', 'xtest', 'ytest'],
    ['train_data', 'train_target', 'test_data', 'test_target'],
  ])('%s, %s, %s and %s', async (features, label, otherFeatures, otherLabel) => {
    const archive = npz({
      [otherFeatures]: x(3),
      [otherLabel]: y(3),
      [features]: x(6),
      [label]: y(6),
    });
    const found = await read({ 'd.npz': archive }, { train: 'd.npz' });
    expect(found).toMatchObject({ shape: [2], validationSamples: 3, samplesOfClasses: [3, 3] });
    expect(found.rows).toHaveLength(9);
    expect(found.notes).toContain(
      `"${features}" with the labels "${label}", and validated with "${otherFeatures}"`,
    );
    const named = { train: 'd.npz', features: [features], label };
    expect((await read({ 'd.npz': archive }, named)).validationSamples).toBe(1);
  });

  it('takes validation arrays before those for tests', async () => {
    const arrays = {
      x_train: x(6),
      y_train: y(6),
      x_test: x(2),
      y_test: y(2),
      x_val: x(4),
      y_val: y(4),
    };
    expect((await read({ 'd.npz': npz(arrays) }, { train: 'd.npz' })).validationSamples).toBe(4);
  });

  it('understands names without a side', async () => {
    const found = await read(
      { 'd.npz': npz({ labels: y(5), images: x(5), names: x(2) }) },
      { train: 'd.npz' },
    );
    expect(found).toMatchObject({ shape: [2], validationSamples: 1 });
    expect(found.notes).toMatch(/array "images" with the labels "labels"/);
  });

  it('gives images the channel that a model takes', async () => {
    const images = npy(
      '|u1',
      [4, 2, 2],
      Uint8Array.from({ length: 16 }, (_, at) => at),
    );
    const found = await read(
      { 'd.npz': npz({ x: images, y: y(4) }) },
      { train: 'd.npz' },
      undefined,
      [2, 2, 1],
    );
    expect(found.shape).toEqual([2, 2, 1]);
  });

  it('asks for names where they say nothing', async () => {
    const archive = npz({ first: x(4), second: y(4) });
    expect(await refusal({ 'd.npz': archive }, { train: 'd.npz' })).toMatch(
      /Add "label" to "data"/,
    );
  });
});
