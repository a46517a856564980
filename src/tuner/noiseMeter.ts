import type { SweepContext } from './sweepContext';
import type { TrialRun } from './trialRun';

/** Noise is measured from 4 × 8 microbatches of at most 16 samples. */
const noisePlan = { microbatchSize: 16, microbatches: 8, steps: 4 };
const mostMeasurements = 6;
/** Training between two measurements takes at least so many times as long as one. */
const trainingBetween = 6;

/**
 * Measures the noise scale as trials go on: at the first evaluation, then where a trial has trained
 * twice as far, and never for more than a small share of the seconds.
 */
export function noiseMeter(context: SweepContext): (run: TrialRun) => Promise<void> {
  const { clock } = context;
  const nextEpoch = new Map<TrialRun, number>();
  let taken = 0;
  let notBefore = 0;
  return async (run) => {
    if (run.epoch < (nextEpoch.get(run) ?? 0) || taken >= mostMeasurements) return;
    if (clock.spent < notBefore || !hasRoom(context, run)) return;
    taken++;
    nextEpoch.set(run, Math.max(2 * run.epoch, run.epoch + 0.5));
    const begun = clock.spent;
    const { samples } = context.prepared.dataset;
    const { microbatches, steps } = noisePlan;
    const microbatchSize = Math.min(
      noisePlan.microbatchSize,
      run.batchSize,
      Math.max(1, Math.floor(samples / microbatches)),
    );
    await run.measureNoise(microbatchSize, microbatches, steps);
    notBefore = clock.spent + trainingBetween * (clock.spent - begun);
    context.noiseScale = run.noiseScale?.value ?? context.noiseScale;
  };
}

/** Microbatches hold four more gradients than a step does; they must not break a trial. */
function hasRoom({ limitBytes }: SweepContext, run: TrialRun): boolean {
  const { memory, peakBytes } = run.toTrial();
  if (!memory || peakBytes === null || limitBytes === null) return true;
  return peakBytes + 4 * memory.gradients + memory.parameters < limitBytes;
}
