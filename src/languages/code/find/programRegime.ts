import type { Counting, LayerCall, Site } from '../../site';
import type { FoundLayer } from '../knowledge/layers';
import type { ChunkCalls } from './chunkStages';
import type { ChunkParts } from './chunkTrainings';

/** What some chunks show of the way their program trains. */
export interface PartRegime {
  readonly draws: boolean;
  readonly scalesRate: boolean;
  /** Whether they make or allow a number of updates, */
  readonly countsUpdates: boolean;
  /** of epochs, */
  readonly countsEpochs: boolean;
  /** and have batches made of data. */
  readonly knowsData: boolean;
}

/** @param sites of these chunks */
export function regimeIn(parts: readonly ChunkParts[], sites: readonly Site[]): PartRegime {
  return {
    draws: parts.some(({ calls }) => calls.regime.draws),
    scalesRate: parts.some(({ calls }) => calls.regime.scalesRate),
    countsUpdates: parts.some(
      ({ calls, numbers }) => numbers.loopsOverUpdates || calls.regime.limitsUpdates,
    ),
    countsEpochs:
      parts.some(({ numbers }) => numbers.epochLoops.length > 0) ||
      sites.some(({ kind }) => kind === 'epochs'),
    knowsData: parts.some(({ calls }) =>
      [...calls.apis.values()].some(
        ({ role }) => role === 'batches' || role === 'trains' || role === 'settings',
      ),
    ),
  };
}

/** What a program does with batch sizes, wherever they stand. */
export function loneCounting(
  regimes: readonly PartRegime[],
): Pick<Counting, 'draws' | 'scalesRate'> {
  // So many updates of batches of its own making.
  const madeUp =
    regimes.some(({ countsUpdates }) => countsUpdates) &&
    !regimes.some(({ countsEpochs, knowsData }) => countsEpochs || knowsData);
  return {
    draws: madeUp || regimes.some(({ draws }) => draws),
    scalesRate: regimes.some(({ scalesRate }) => scalesRate),
  };
}

/** Models that a test makes in its functions are not those of the rest. */
export function layersSeen({ layers }: ChunkCalls, tests: boolean): readonly FoundLayer[] {
  if (!tests) return layers;
  return layers.filter(({ call: { scope } }) => !scope.functionInfo && !scope.classInfo);
}

/** Layers, without those that say nothing of a model whose others stand elsewhere. */
export function shownLayers(
  layers: readonly LayerCall[],
  parts: readonly ChunkParts[],
): readonly LayerCall[] {
  if (!parts.some(({ calls }) => calls.regime.hidesLayers)) return layers;
  const sees = ({ family }: LayerCall): boolean => family !== 'dense' && family !== 'normalization';
  return layers.some(sees) ? layers : layers.filter(({ family }) => family !== 'dense');
}
