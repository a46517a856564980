import { sub, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { InputSpec, layers } from '@tensorflow/tfjs-layers';
import { register, type Settings } from './keras';

type Layer = InstanceType<typeof layers.Layer>;
type Stock<T> = new (settings: Settings) => T;

/** The class of a layer of tfjs, or one that it extends. */
function stock<T>(layer: Layer, steps: number): Stock<T> {
  let prototype: unknown = layer;
  for (let step = 0; step < steps; step++) prototype = Object.getPrototypeOf(prototype);
  return (prototype as { constructor: Stock<T> }).constructor;
}

const StockFlatten = stock<Layer>(layers.flatten(), 1);

/** Keras leaves samples as they are that are one row already; tfjs refuses them. */
class Flatten extends StockFlatten {
  static readonly className = 'Flatten';

  constructor(settings: Settings) {
    super(settings);
    this.inputSpec = [new InputSpec({ minNDim: 2 })];
  }
}

const Merge = stock<Layer>(layers.add(), 2);

/** The first of two inputs less the second, which TensorFlow.js has not. */
class Subtract extends Merge {
  static readonly className = 'Subtract';

  /** What `Merge` calls once inputs have equal rank. */
  mergeFunction(inputs: readonly Tensor[]): Tensor {
    const [one, other] = inputs;
    if (!one || !other || inputs.length > 2) throw new Error('Subtract takes two inputs');
    return tidy(() => sub(one, other));
  }
}

export function registerStockLayers(): void {
  register(Flatten);
  register(Subtract);
}
