import type { Counting, LayerCall, Site } from '../../site';
import type { FoundLayer } from '../knowledge/layers';
import type { ChunkCalls } from './chunkStages';
import type { Parts } from './chunkTrainings';

/** What a program does with batch sizes, wherever they stand. */
export function loneCounting(
  parts: Parts,
  sites: readonly Site[],
): Pick<Counting, 'draws' | 'scalesRate'> {
  const { calls } = parts;
  return {
    draws: calls.some(({ regime }) => regime.draws) || goesThroughNoData(parts, sites),
    scalesRate: calls.some(({ regime }) => regime.scalesRate),
  };
}

/** Whether a program makes so many updates of batches of its own making, and knows no epochs. */
function goesThroughNoData({ numbers, calls }: Parts, sites: readonly Site[]): boolean {
  return (
    (numbers.some(({ loopsOverUpdates }) => loopsOverUpdates) ||
      calls.some(({ regime }) => regime.limitsUpdates)) &&
    !numbers.some(({ epochLoops }) => epochLoops.length > 0) &&
    !sites.some(({ kind }) => kind === 'epochs') &&
    !calls.some(({ apis }) =>
      [...apis.values()].some(
        ({ role }) => role === 'batches' || role === 'trains' || role === 'settings',
      ),
    )
  );
}

/** Models that a test makes in its functions are not those of the rest. */
export function layersSeen({ layers }: ChunkCalls, { tests }: Parts): readonly FoundLayer[] {
  if (!tests) return layers;
  return layers.filter(({ call: { scope } }) => !scope.functionInfo && !scope.classInfo);
}

/** Layers, without those that say nothing of a model whose others stand elsewhere. */
export function shownLayers(layers: LayerCall[], calls: readonly ChunkCalls[]): LayerCall[] {
  if (!calls.some(({ regime }) => regime.hidesLayers)) return layers;
  const sees = ({ family }: LayerCall): boolean => family !== 'dense' && family !== 'normalization';
  return layers.some(sees) ? layers : layers.filter(({ family }) => family !== 'dense');
}
