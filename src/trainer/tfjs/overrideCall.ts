import type { Tensor } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';

type Layer = InstanceType<typeof layers.Layer>;

export type Kwargs = Parameters<Layer['call']>[1];
export type Call = (inputs: Tensor | Tensor[], kwargs: Kwargs) => Tensor | Tensor[];

/** What is called instead of a class's own `call`; `original` runs that on the layer. */
type Replacement<L extends Layer> = (
  layer: L,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
) => Tensor | Tensor[];

/**
 * Replaces the `call` of a layer's class.
 * @param sample a layer of the class
 */
export function override<L extends Layer>(sample: Layer, call: Replacement<L>): void {
  const prototype = Object.getPrototypeOf(sample) as Layer;
  const original: unknown = Reflect.get(prototype, 'call');
  prototype.call = function (this: L, inputs, kwargs) {
    return call(this, inputs, kwargs, (original as Call).bind(this));
  };
}
