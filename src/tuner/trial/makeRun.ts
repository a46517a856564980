import type { TrialPurpose } from '../../core/sweep/result';
import type { SweepContext } from '../context/sweepContext';
import type { TrialSettings } from './trialRecord';
import { TrialRun } from './trialRun';

/**
 * The trial of a batch size for a purpose: as an earlier, cut-off sweep finished it, with its
 * measurements alone where it was still to be raced, else new. A repeat has a seed of its own.
 */
export function makeRun(
  context: SweepContext,
  purpose: TrialPurpose,
  changes: Partial<TrialSettings> & Pick<TrialSettings, 'batchSize'>,
): TrialRun {
  const { batchSize } = changes;
  const settings = {
    learningRate: context.learningRateOf(batchSize),
    seed: context.seed,
    ...changes,
  };
  const id = `${batchSize}-${numberOf(purpose, settings.seed - context.seed)}`;
  const earlier = context.resumedTrials.get(id);
  // In the race the rate may only be known after the pilot: the trial's result comes with its own.
  const isFirst = purpose === 'probe';
  if (earlier?.finished && (isFirst || earlier.trial.learningRate === settings.learningRate)) {
    return new TrialRun(context, id, purpose, earlier.trial, earlier);
  }
  if (!earlier || !isFirst) return new TrialRun(context, id, purpose, settings);
  const { learningRate } = settings;
  const resumed = { trial: { ...earlier.trial, learningRate }, finished: false };
  return new TrialRun(context, id, purpose, resumed.trial, resumed);
}

/** What sets the ids of one size's trials apart. */
function numberOf(purpose: TrialPurpose, repeat: number): number {
  switch (purpose) {
    case 'probe':
    case 'pilot':
    case 'race':
    case 'exhaustive':
      return 1;
    case 'repeat':
      return repeat === 1 ? 2 : 5 + repeat;
    case 'half-rate':
      return 3;
    case 'twice-rate':
      return 4;
    case 'accumulated':
      return 5;
    case 'schedule':
      return 6;
  }
}
