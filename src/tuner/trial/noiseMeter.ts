import type { Trial } from '../../core/sweep/result';
import { capabilitiesOf } from '../../protocol/trainer';
import type { SweepContext } from '../context/sweepContext';
import type { TrialRun } from './trialRun';

/** Noise is measured from 4 × 8 microbatches of at most 16 samples, or fewer where these take long. */
const noisePlan = { microbatchSize: 16, microbatches: 8, steps: 4 };
const fewestMicrobatches = 2;
/** At the end, where noise is highest and hardest to separate from the gradient. */
const stepsAtEnd = 8;
const mostMeasurements = 4;
/** Training between two measurements, or what is left for it, takes at least so many times as long. */
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
  const { measuresNoise } = capabilitiesOf(context.prepared);
  const measuredAt = new Map<TrialRun, number>();
  let taken = measuresNoise ? 0 : mostMeasurements;
  let leastSeconds = Infinity;
  let notBefore = 0;
  const microbatchSizeOf = ({ record }: TrialRun) => {
    const { samples } = context.prepared.dataset;
    const most = Math.max(1, Math.floor(samples / noisePlan.microbatches));
    return Math.min(noisePlan.microbatchSize, record.batchSize, most);
  };
  const measure = async (run: TrialRun, steps: number, microbatches = noisePlan.microbatches) => {
    taken++;
    measuredAt.set(run, run.record.epoch);
    const begun = clock.spent;
    await run.measureNoise({ microbatchSize: microbatchSizeOf(run), microbatches, steps });
    const seconds = clock.spent - begun;
    leastSeconds = Math.min(leastSeconds, seconds);
    notBefore = clock.spent + trainingBetween * seconds;
    const { noiseScale } = run.record;
    if (noiseScale) context.findings.measuredNoiseScale(noiseScale.value);
    // Too noisy to tell: the next evaluation may.
    else measuredAt.delete(run);
  };
  // A measurement takes about as long as training on as many samples.
  const affordableMicrobatches = (run: TrialRun) => {
    const samples = microbatchSizeOf(run) * noisePlan.steps;
    const seconds = run.record.secondsAt(samples / run.record.batchSize);
    const affordable = Math.floor(clock.left / (trainingBetween * seconds));
    return Math.min(noisePlan.microbatches, affordable);
  };
  return {
    onPoint: async (run) => {
      const last = measuredAt.get(run);
      // One that was lost with its process has started again.
      const before = last !== undefined && last <= run.record.epoch ? last : undefined;
      const next = before === undefined ? 0 : Math.max(2 * before, before + 0.5);
      if (run.record.epoch < next || taken >= mostMeasurements) return;
      if (clock.spent < notBefore || !hasRoom(context, run.record)) return;
      const microbatches = affordableMicrobatches(run);
      if (microbatches >= fewestMicrobatches) await measure(run, noisePlan.steps, microbatches);
    },
    atEnd: async (run) => {
      if (
        (measuredAt.get(run) ?? run.record.epoch) >= run.record.epoch ||
        !hasRoom(context, run.record)
      )
        return;
      if (run.record.seconds >= trainingBetween * leastSeconds) await measure(run, stepsAtEnd);
    },
  };
}

/** Microbatches hold four more gradients than a step does; they must not break a trial. */
function hasRoom(
  { limitBytes }: SweepContext,
  { memory, peakBytes }: Pick<Trial, 'memory' | 'peakBytes'>,
): boolean {
  if (!memory || peakBytes === null || limitBytes === null) return true;
  return peakBytes + 4 * memory.gradients + memory.parameters < limitBytes;
}
