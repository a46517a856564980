import type { SweepContext } from '../context/sweepContext';
import type { TrialRun } from './trialRun';

/** Noise is measured from 4 × 8 microbatches of at most 16 samples. */
const noisePlan = { microbatchSize: 16, microbatches: 8, steps: 4 };
/** At the end, where noise is highest and hardest to tell from the gradient. */
const stepsAtEnd = 8;
const mostMeasurements = 4;
/** Training between two measurements takes at least so many times as long as one. */
const trainingBetween = 10;

export interface NoiseMeter {
  /** At the first evaluation, then where a trial has trained twice as far. */
  readonly onPoint: (run: TrialRun) => Promise<void>;
  /** Where a trial ends, for noise rises to the last; only if it was measured before. */
  readonly atEnd: (run: TrialRun) => Promise<void>;
}

/** Measures the noise scale as trials go on, and never for more than a small share of the seconds. */
export function noiseMeter(context: SweepContext): NoiseMeter {
  const { clock } = context;
  const measuredAt = new Map<TrialRun, number>();
  let taken = 0;
  let leastSeconds = Infinity;
  let notBefore = 0;
  const measure = async (run: TrialRun, steps: number) => {
    taken++;
    measuredAt.set(run, run.epoch);
    const begun = clock.spent;
    const { samples } = context.prepared.dataset;
    const { microbatches } = noisePlan;
    const microbatchSize = Math.min(
      noisePlan.microbatchSize,
      run.batchSize,
      Math.max(1, Math.floor(samples / microbatches)),
    );
    await run.measureNoise(microbatchSize, microbatches, steps);
    const seconds = clock.spent - begun;
    leastSeconds = Math.min(leastSeconds, seconds);
    notBefore = clock.spent + trainingBetween * seconds;
    context.noiseScale = run.noiseScale?.value ?? context.noiseScale;
  };
  return {
    onPoint: async (run) => {
      const before = measuredAt.get(run);
      const next = before === undefined ? 0 : Math.max(2 * before, before + 0.5);
      if (run.epoch < next || taken >= mostMeasurements) return;
      if (clock.spent >= notBefore && hasRoom(context, run)) await measure(run, noisePlan.steps);
    },
    atEnd: async (run) => {
      if ((measuredAt.get(run) ?? run.epoch) >= run.epoch || !hasRoom(context, run)) return;
      if (run.seconds >= trainingBetween * leastSeconds) await measure(run, stepsAtEnd);
    },
  };
}

/** Microbatches hold four more gradients than a step does; they must not break a trial. */
function hasRoom({ limitBytes }: SweepContext, run: TrialRun): boolean {
  const { memory, peakBytes } = run.toTrial();
  if (!memory || peakBytes === null || limitBytes === null) return true;
  return peakBytes + 4 * memory.gradients + memory.parameters < limitBytes;
}
