import { isObject, type JsonObject } from './json';
import { isModel, layersOf } from './normalizeTopology';

/** Layers that take images with a channel axis: [height, width, channels]. */
const imageLayers =
  /^((Separable|Depthwise)?Conv2D(Transpose)?|(Global)?(Average|Max)Pooling2D|UpSampling2D|ZeroPadding2D|Cropping2D)$/;

/**
 * Gives the first layer of a sequential model the data's shape where it says none, with a channel
 * axis of 1 for a layer that takes images and data without channels.
 */
export function withInputShape(model: JsonObject, sampleShape: readonly number[]): JsonObject {
  if (model.class_name !== 'Sequential' || !isObject(model.config)) return model;
  const [first, ...rest] = layersOf(model.config.layers);
  if (!first) return model;
  if (isModel(first)) {
    const inner = withInputShape(first, sampleShape);
    return { ...model, config: { ...model.config, layers: [inner, ...rest] } };
  }
  const config = isObject(first.config) ? first.config : {};
  if (config.batch_input_shape !== undefined || config.input_shape !== undefined) return model;
  const takesImages = imageLayers.test(String(first.class_name));
  const shape = takesImages && sampleShape.length === 2 ? [...sampleShape, 1] : sampleShape;
  const shaped = { ...first, config: { ...config, batch_input_shape: [null, ...shape] } };
  return { ...model, config: { ...model.config, layers: [shaped, ...rest] } };
}
