import { layers } from '@tensorflow/tfjs-layers';
import { describe, it } from 'vitest';
import { classify, expectEqualCurves, flat, image, series, type Task } from './trainAlike';

/** Layers over numbers, images and volumes. */
const common: Record<string, Task> = {
  'Dense with every common activation': {
    shape: flat,
    model: classify(
      () => layers.dense({ inputShape: [6], units: 8, activation: 'relu' }),
      ...(['tanh', 'sigmoid', 'elu', 'selu', 'softplus', 'swish', 'gelu', 'relu6'] as const).map(
        (activation) => () => layers.dense({ units: 8, activation: activation }),
      ),
    ),
  },
  'ReLU, LeakyReLU, PReLU, ELU, ThresholdedReLU and Softmax layers': {
    shape: flat,
    model: classify(
      () => layers.dense({ inputShape: [6], units: 8 }),
      () => layers.reLU({ maxValue: 6 }),
      () => layers.dense({ units: 8 }),
      () => layers.leakyReLU({ alpha: 0.2 }),
      () => layers.dense({ units: 8 }),
      () => layers.prelu(),
      () => layers.dense({ units: 8 }),
      () => layers.elu(),
      () => layers.thresholdedReLU({ theta: 0.1 }),
      () => layers.softmax({ axis: -1 }),
    ),
  },
  'Conv2D with pooling and dropout': {
    shape: image,
    model: classify(
      () => layers.conv2d({ inputShape: [6, 6, 2], filters: 5, kernelSize: 3, activation: 'relu' }),
      () => layers.maxPooling2d({ poolSize: 2 }),
      () => layers.dropout({ rate: 0.25 }),
      () => layers.conv2d({ filters: 3, kernelSize: 2, padding: 'same', activation: 'tanh' }),
      () => layers.averagePooling2d({ poolSize: 2, strides: 1 }),
    ),
  },
  SeparableConv2D: {
    shape: image,
    model: classify(
      () =>
        layers.separableConv2d({
          inputShape: [6, 6, 2],
          filters: 4,
          kernelSize: 3,
          depthMultiplier: 2,
          padding: 'same',
        }),
      () => layers.globalMaxPooling2d({}),
    ),
  },
  'DepthwiseConv2D, strided': {
    shape: image,
    model: classify(
      () =>
        layers.depthwiseConv2d({
          inputShape: [6, 6, 2],
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
        }),
      () => layers.globalAveragePooling2d({}),
    ),
  },
  'Conv2DTranspose and UpSampling2D': {
    shape: image,
    model: classify(
      () =>
        layers.conv2dTranspose({
          inputShape: [6, 6, 2],
          filters: 3,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
        }),
      () => layers.upSampling2d({ size: [2, 2] }),
      () => layers.maxPooling2d({ poolSize: 4 }),
    ),
  },
  'ZeroPadding2D and Cropping2D': {
    shape: image,
    model: classify(
      () => layers.zeroPadding2d({ inputShape: [6, 6, 2], padding: 1 }),
      () => layers.conv2d({ filters: 3, kernelSize: 3 }),
      () =>
        layers.cropping2D({
          cropping: [
            [1, 1],
            [1, 2],
          ],
        }),
    ),
  },
  Conv1D: {
    shape: series,
    model: classify(
      () =>
        layers.conv1d({
          inputShape: [5, 3],
          filters: 4,
          kernelSize: 3,
          padding: 'causal',
          activation: 'relu',
        }),
      () => layers.averagePooling1d({ poolSize: 2, strides: 1 }),
      () => layers.globalMaxPooling1d({}),
    ),
  },
  'Conv1D, dilated': {
    shape: [8, 3],
    model: classify(
      () =>
        layers.conv1d({
          inputShape: [8, 3],
          filters: 4,
          kernelSize: 2,
          dilationRate: 2,
          padding: 'causal',
        }),
      () =>
        layers.conv1d({
          filters: 4,
          kernelSize: 2,
          dilationRate: 3,
          padding: 'same',
          activation: 'relu',
        }),
    ),
  },
  'Conv2D, dilated': {
    shape: image,
    model: classify(
      () =>
        layers.conv2d({
          inputShape: [6, 6, 2],
          filters: 4,
          kernelSize: 3,
          dilationRate: 2,
          padding: 'same',
        }),
      () => layers.conv2d({ filters: 3, kernelSize: 2, dilationRate: [1, 2], activation: 'relu' }),
    ),
  },
  'SeparableConv2D, dilated': {
    shape: image,
    model: classify(() =>
      layers.separableConv2d({ inputShape: [6, 6, 2], filters: 3, kernelSize: 2, dilationRate: 2 }),
    ),
  },
  Conv3D: {
    shape: [4, 4, 4, 1],
    model: classify(
      () =>
        layers.conv3d({ inputShape: [4, 4, 4, 1], filters: 2, kernelSize: 2, activation: 'relu' }),
      () => layers.averagePooling3d({ poolSize: 2, strides: 1 }),
    ),
  },
  Conv3DTranspose: {
    shape: [3, 3, 3, 1],
    model: classify(() =>
      layers.conv3dTranspose({ inputShape: [3, 3, 3, 1], filters: 2, kernelSize: 2 }),
    ),
  },
  ...Object.fromEntries(
    [
      [true, true],
      [false, true],
      [true, false],
      [false, false],
    ].flatMap(([scale, center]): [string, Task][] => [
      [
        `BatchNormalization, scale ${String(scale)}, center ${String(center)}, after Dense`,
        {
          shape: flat,
          model: classify(
            () => layers.dense({ inputShape: [6], units: 8, useBias: false }),
            () => layers.batchNormalization({ scale: scale ?? true, center: center ?? true }),
            () => layers.reLU(),
          ),
        },
      ],
      [
        `BatchNormalization, scale ${String(scale)}, center ${String(center)}, after Conv2D`,
        {
          shape: image,
          model: classify(
            () =>
              layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, useBias: false }),
            () => layers.batchNormalization({ scale: scale ?? true, center: center ?? true }),
            () => layers.reLU(),
          ),
        },
      ],
    ]),
  ),
  'BatchNormalization over the first axis of images': {
    shape: image,
    model: classify(
      () => layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, useBias: false }),
      () => layers.batchNormalization({ axis: 1, scale: false }),
      () => layers.reLU(),
    ),
  },
  LayerNormalization: {
    shape: series,
    model: classify(
      () => layers.dense({ inputShape: [5, 3], units: 6 }),
      () => layers.layerNormalization({}),
      () => layers.layerNormalization({ scale: false, center: false }),
    ),
  },
};

describe('a model trains on WASM as on the CPU backend:', () => {
  it.each(Object.entries(common))('%s', async (_, task) => {
    await expectEqualCurves(task);
  });
});
