import { nearestRung } from '../core/ladder';
import { hasPlateaued, targetFromCurve } from '../core/target';
import type { SweepContext } from './sweepContext';
import type { SweepProgress } from './sweepProgress';
import type { TrialRun } from './trialRun';

/** Most of what is left of the budget that the pilot may take. */
const pilotShare = 1 / 3;
/** A trial that has not reached the target by this multiple of the configured epochs never does. */
export const mostEpochsFactor = 3;

/** Noise is measured from 4 × 8 microbatches of at most 16 samples, at times that double. */
const noisePlan = { microbatchSize: 16, microbatches: 8, steps: 4 };
const mostNoiseMeasurements = 6;

/** The run nearest to the configured size, which pilots; null when none can. */
export function pilotOf(context: SweepContext, runs: readonly TrialRun[]): TrialRun | null {
  const open = runs.filter(({ status }) => status === 'ok');
  const size = nearestRung(
    open.map(({ batchSize }) => batchSize),
    context.configuredBatchSize,
  );
  return open.find(({ batchSize }) => batchSize === size) ?? null;
}

/** Trains the size nearest to the configured one until it stops improving, and freezes the target. */
export async function pilot(
  context: SweepContext,
  run: TrialRun,
  progress: SweepProgress,
): Promise<void> {
  const { clock, metric, epochs } = context;
  run.phase = context.exhaustive ? 'exhaustive' : 'race';
  progress.set({ id: 'progressPilot', values: { batchSize: run.batchSize } }, clock.left);
  await run.train({
    wallSeconds: context.exhaustive ? Infinity : pilotShare * clock.left,
    reason: ({ epoch, points }) => {
      if (points.length < 3) return null;
      if (plateauOf(context, run) !== null) return 'plateau';
      return epoch >= mostEpochsFactor * epochs ? 'epochs' : null;
    },
    onPoint: noiseMeter(context),
  });
  const start = context.starts.get(run.seed);
  // Timing may have trained it past its plateau: the target must not depend on how long that took.
  const values = run.evaluationsOverEpochs
    .map(({ value }) => value)
    .slice(0, plateauOf(context, run) ?? undefined);
  const value = start === undefined ? null : targetFromCurve(start, values, metric);
  if (value === null) return;
  context.target = { metric, value: Number(value.toPrecision(4)), source: 'pilot' };
  context.emit({ type: 'target', target: context.target });
}

/** Evaluations up to the first at which a trial had stopped improving; null where it had not. */
function plateauOf(context: SweepContext, run: TrialRun): number | null {
  const { metric } = context;
  const evaluations = run.evaluationsOverEpochs;
  for (let count = 3; count <= evaluations.length; count++) {
    const error =
      metric === 'loss'
        ? (run.standardErrors[count - 1] ?? 0)
        : accuracyError(context, evaluations[count - 1]?.value ?? 0.5);
    if (hasPlateaued(evaluations.slice(0, count), metric, error)) return count;
  }
  return null;
}

/** Measures the noise scale as a trial goes on: at its first evaluations, then less and less often. */
export function noiseMeter(context: SweepContext): (run: TrialRun) => Promise<void> {
  let next = 0;
  let taken = 0;
  return async (run) => {
    if (run.epoch < next || taken >= mostNoiseMeasurements || !hasRoom(context, run)) return;
    taken++;
    next = Math.max(2 * run.epoch, run.epoch + 0.5);
    const { samples } = context.prepared.dataset;
    const { microbatches, steps } = noisePlan;
    const microbatchSize = Math.min(
      noisePlan.microbatchSize,
      run.batchSize,
      Math.max(1, Math.floor(samples / microbatches)),
    );
    await run.measureNoise(microbatchSize, microbatches, steps);
    context.noiseScale = run.noiseScale?.value ?? context.noiseScale;
  };
}

/** Microbatches hold four more gradients than a step does; they must not break a trial. */
function hasRoom({ limitBytes }: SweepContext, run: TrialRun): boolean {
  const { memory, peakBytes } = run.toTrial();
  if (!memory || peakBytes === null || limitBytes === null) return true;
  return peakBytes + 4 * memory.gradients + memory.parameters < limitBytes;
}

/** Standard error of an accuracy as a proportion of the validation samples. */
function accuracyError({ prepared }: SweepContext, accuracy: number): number {
  return Math.sqrt((accuracy * (1 - accuracy)) / Math.max(1, prepared.dataset.validationSamples));
}
