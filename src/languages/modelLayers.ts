import type { Findings, LayerCall, Training } from './site';

/**
 * The layers of the model that a training trains, as far as the program shows which are: those that
 * what made the model uses, else what the training stands in; else all but those of models that nothing
 * uses.
 */
export function layersOf(
  { layers, uses }: Findings,
  training: Training | null,
): readonly LayerCall[] {
  if (!uses) return layers;
  const reached = (starts: readonly string[]): LayerCall[] => {
    const homes = uses.reach(starts);
    return layers.filter(({ home }) => home !== undefined && homes.has(home));
  };
  for (const maker of training?.makers ?? []) {
    const own = reached([maker]);
    if (own.length > 0) return own;
  }
  const withLayers = new Set(layers.map(({ home }) => home));
  const others = uses.homes().filter((home) => !withLayers.has(home));
  const used = reached(['', ...others]);
  return used.length > 0 ? used : layers;
}
