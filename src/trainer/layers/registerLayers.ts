import { registerActivations } from './activations';
import { registerAttention } from './attention';
import { registerAugmentation } from './augmentation';
import { registerGlobalPooling } from './globalPooling';
import { registerGru } from './gru';
import { registerImageSize } from './imageSize';
import { registeredLayers } from './keras';
import { registerNormalization } from './normalization';
import { registerStockLayers } from './stockLayers';
import { registerTransposedConvolution } from './transposedConvolution';

/** Lets models hold the layers and activations of Keras that TensorFlow.js lacks. */
export function registerLayers(): void {
  registerActivations();
  registerAttention();
  registerAugmentation();
  registerGlobalPooling();
  registerGru();
  registerImageSize();
  registerNormalization();
  registerStockLayers();
  registerTransposedConvolution();
}

/** Class names of the layers that are ours. */
export function ourLayerNames(): readonly string[] {
  if (registeredLayers.length === 0) registerLayers();
  return registeredLayers;
}
