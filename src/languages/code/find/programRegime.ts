import { plainName } from '../../names';
import type { LayerCall, LoneCounting, Site } from '../../site';
import type { FoundLayer } from '../knowledge/layers';
import type { ChunkCalls } from './chunkStages';
import type { ChunkParts } from './chunkTrainings';

/** What some chunks show of the way their program trains. */
export interface PartRegime {
  readonly draws: boolean;
  readonly scalesRate: boolean;
  /** Whether they have an option for that, which is off by default, */
  readonly mayScaleRate: boolean;
  /** and whether they say how many samples make an epoch. */
  readonly setsEpoch: boolean;
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
    mayScaleRate: parts.some(({ calls }) => calls.regime.mayScaleRate),
    setsEpoch: parts.some(({ calls }) => calls.regime.setsEpoch),
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
export function loneCounting(regimes: readonly PartRegime[]): LoneCounting {
  // So many updates of batches of its own making.
  const madeUp =
    regimes.some(({ countsUpdates }) => countsUpdates) &&
    !regimes.some(({ countsEpochs, knowsData }) => countsEpochs || knowsData);
  const draws = regimes.some((regime) => regime.draws);
  return {
    draws,
    scalesRate:
      regimes.some(({ scalesRate }) => scalesRate) &&
      !regimes.some(({ mayScaleRate }) => mayScaleRate),
    countsUpdates: !draws && madeUp,
    setsSteps: !draws && regimes.some(({ setsEpoch }) => setsEpoch),
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
  // What stands beside are models of rewards.
  if (parts.some(({ calls }) => calls.regime.runsTrlx)) return [];
  if (!parts.some(({ calls }) => calls.regime.hidesLayers)) return layers;
  const sees = ({ family }: LayerCall): boolean => family !== 'dense' && family !== 'normalization';
  return layers.some(sees) ? layers : layers.filter(({ family }) => family !== 'dense');
}

/** The fewest tokens of a batch: no model is trained with so many samples on one device there. */
const fewestTokens = 512;

/**
 * Says what sizes count that no call of a known library takes, by what the program shows of itself: in
 * each of many processes they are of one; Tensor2Tensor's are tokens of a device, or samples where all
 * are as long: https://github.com/tensorflow/tensor2tensor/blob/master/tensor2tensor/utils/data_reader.py
 */
export function countLone(sites: readonly Site[], parts: readonly ChunkParts[]): void {
  const perShard = parts.some(({ numbers }) => numbers.perShard);
  if (!perShard && !parts.some(({ numbers }) => numbers.perProcess)) return;
  // https://trlx.readthedocs.io/en/latest/configs.html: the batch of a process in parts.
  const inParts = parts.some(({ calls }) => calls.regime.runsTrlx);
  for (const site of sites) {
    if (site.kind !== 'batchSize' || site.counts !== null || site.call !== null) continue;
    if (inParts && plainName(site.name ?? '') === 'minibatchsize') {
      Object.assign(site, { counts: 'microbatch' });
      continue;
    }
    const counts = perShard && (site.value ?? 0) >= fewestTokens ? 'tokens' : 'perDevice';
    Object.assign(site, { counts });
  }
}
