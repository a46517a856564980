import * as core from '@tensorflow/tfjs-core';
// The trainer's own code calls functions, but modules of the workspace may chain: `x.sub(y)`.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as layers from '@tensorflow/tfjs-layers';
import { registerMissingGradients } from './missingGradients';
import { gru } from '../layers/gru';
import { registerLayers } from '../layers/registerLayers';
import { patchLayers } from './patchLayers';
import { registerFastOrthogonal } from './orthogonal';

registerMissingGradients();
patchLayers();
registerFastOrthogonal();
registerLayers();

/**
 * TensorFlow.js as the package `@tensorflow/tfjs` presents it (core and layers in one), which is
 * what modules of the workspace expect of `createModel(tf)` and `load(tf)`.
 */
export const tf = { ...core, ...layers, layers: { ...layers.layers, gru } };
