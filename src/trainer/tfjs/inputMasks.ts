import { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { pick } from '../../core/model/topology/json';
import type { Layer } from '../model/modelShapes';
import { makesMask } from './outputMasks';

type Mask = Tensor | null;

/**
 * Gives each layer the masks of what it takes: as `mask` the first, as `masks` one for each input.
 * TensorFlow.js hands the mask of one layer on to all that are called after it, whatever they take,
 * and none but the first input's
 * (https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-layers/src/engine/executor.ts).
 */
export function keepMasksApart(model: LayersModel): void {
  const layers = new Set(calledLayers(model.layers));
  if (![...layers].some(makesMask)) return;
  const maskOf = new WeakMap<Tensor, Mask>();
  for (const layer of layers) {
    const apply = layer.apply.bind(layer);
    const computeMask = layer.computeMask.bind(layer);
    let outputs: Tensor[] = [];
    layer.apply = (inputs, kwargs) => {
      const given: unknown[] = [inputs].flat();
      // A symbolic call, as a model is built by.
      if (!given.every(isTensor)) return apply(inputs, kwargs);
      const masks = given.map((input) => maskOf.get(input) ?? null);
      const others = pick(kwargs ?? {}, (name) => !/^masks?$/.test(name));
      const own = masks.some(Boolean) ? { ...others, mask: masks[0], masks } : others;
      const made = apply(inputs, own);
      outputs = [made].flat() as Tensor[];
      return made;
    };
    layer.computeMask = (inputs, given) => {
      const made = computeMask(inputs, given) as Tensor | Tensor[] | null;
      const [mask = null] = [made].flat();
      for (const output of outputs) maskOf.set(output, mask);
      return made as Tensor;
    };
  }
}

function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

/** Those of inner models, too; what a wrapper holds, it calls by itself. */
function calledLayers(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => {
    const inner = (layer as Layer & { readonly layers?: readonly Layer[] }).layers ?? [];
    return [layer, ...calledLayers(inner)];
  });
}
