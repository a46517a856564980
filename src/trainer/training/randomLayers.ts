import type { LayersModel } from '@tensorflow/tfjs-layers';

type Layer = LayersModel['layers'][number];

/** A layer with every layer inside it: wrappers hold one or two, models any number. */
function withInner(layer: Layer): Layer[] {
  const holder = layer as unknown as Partial<Record<string, unknown>>;
  const inner = [
    holder['layer'],
    holder['forwardLayer'],
    holder['backwardLayer'],
    ...(Array.isArray(holder['layers']) ? (holder['layers'] as unknown[]) : []),
  ].filter((value): value is Layer => typeof value === 'object' && value !== null);
  return [layer, ...inner.flatMap(withInner)];
}

/**
 * Removes the fixed seed from dropout layers: with one, tfjs draws the same mask at every step. They
 * then draw from Math.random, which training seeds for each step.
 */
export function unfixDropoutSeeds(model: LayersModel): void {
  for (const layer of model.layers.flatMap(withInner)) {
    if (/Dropout|Noise/.test(layer.getClassName()) && 'seed' in layer) {
      (layer as { seed?: number | undefined }).seed = undefined;
    }
  }
}
