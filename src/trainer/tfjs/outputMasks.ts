import { dispose, keep, type Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { allLayers, innerModel, type Layer } from '../model/modelShapes';

/**
 * Lets the masks of a model's outputs be read, which tfjs layers computes and drops. Undefined for a
 * model in which nothing is masked.
 * @returns gives the masks of the last call, one for each output, to the scope it is called in
 */
export function recordMasks(model: LayersModel): (() => (Tensor | null)[]) | undefined {
  const masks = allLayers(model).some(makesMask);
  const { outputLayers } = innerModel(model) as unknown as { outputLayers?: readonly Layer[] };
  if (!masks || !outputLayers) return undefined;
  const last = new Map<Layer, Tensor>();
  const forget = (layer: Layer) => {
    const before = last.get(layer);
    if (before) dispose(before);
    last.delete(layer);
  };
  for (const layer of new Set(outputLayers)) {
    const computeMask = layer.computeMask.bind(layer);
    layer.computeMask = (inputs, given) => {
      const made = computeMask(inputs, given) as Tensor | Tensor[] | null;
      const [mask] = [made].flat();
      forget(layer);
      // The mask itself is disposed of as the call ends.
      if (mask) last.set(layer, keep(mask.clone()));
      return made as Tensor;
    };
  }
  return () => {
    const taken = outputLayers.map((layer) => last.get(layer)?.clone() ?? null);
    for (const layer of outputLayers) forget(layer);
    return taken;
  };
}

export function makesMask(layer: Layer): boolean {
  const name = layer.getClassName();
  return name === 'Masking' || (name === 'Embedding' && layer.getConfig().maskZero === true);
}
