import type { TrainerOptions } from '../../../src/tuner/process/trainerProcess';
import { smallestBatchSize, type TaskDefinition } from './tasks';
import { TaskTrainer, TrainerDied } from './trainer';
import { sweepSeed, type Workspace } from './workspace';

/** Updates after which a trial has held the most that it ever will, with an evaluation. */
const updates = 3;

export interface Fitting {
  /** Metered bytes that training may take; null: only what the process really can have. */
  readonly limitBytes: number | null;
  readonly trainer?: TrainerOptions;
}

/** Device bytes at most, in training and in an evaluation; null where it ran out of memory. */
export async function peakOf(
  trainer: TaskTrainer,
  batchSize: number,
  limitBytes: number | null,
): Promise<number | null> {
  const learningRate = trainer.learningRateOf(batchSize);
  const trial = await trainer.begin({ batchSize, learningRate, seed: sweepSeed, limitBytes });
  if (!trial) return null;
  const trained = await trial.advance(updates);
  if (trained.status === 'out-of-memory') return null;
  const evaluated = await trial.evaluate();
  if (evaluated.status === 'out-of-memory') return null;
  await trial.end();
  return Math.max(trained.peakBytes ?? 0, evaluated.peakBytes ?? 0);
}

/** The largest batch size whose metered peak is within the limit, all sizes in one process. */
export async function largestByPeak(trainer: TaskTrainer, limitBytes: number): Promise<number> {
  const most = trainer.prepared.dataset.samples;
  let [low, high] = [0, most + 1];
  for (let next = smallestBatchSize; high - low > 1;) {
    const peakBytes = await peakOf(trainer, next, null);
    if (peakBytes !== null && peakBytes <= limitBytes) low = next;
    else high = next;
    next = high > most ? Math.min(2 * low, most) : Math.floor((low + high) / 2);
  }
  return low;
}

/**
 * The largest batch size that trains and evaluates, each size in a process of its own, for one that
 * ran out of memory is never trained with again. As exact as a share `within` of it; where it lies
 * near the guess, few processes are needed.
 */
export async function largestByRunning(
  task: TaskDefinition,
  workspace: Workspace,
  fitting: Fitting,
  { guess, within }: { guess: number; within: number },
): Promise<number> {
  const most = Math.floor(0.8 * task.count);
  let [low, high] = [0, most + 1];
  let share = 1 / 64;
  for (let next = guess; high - low > Math.max(1, within * low);) {
    if (await fits(task, workspace, next, fitting)) low = next;
    else high = next;
    if (low === 0) next = Math.floor(high * (1 - share));
    else if (high > most) next = Math.min(most, Math.ceil(low * (1 + share)));
    else next = Math.floor((low + high) / 2);
    if (low === 0 || high > most) share = Math.min(1 / 2, 2 * share);
    if (next === 0) return 0;
  }
  return low;
}

/** Whether a size trains and evaluates in a fresh process. */
export async function fits(
  task: TaskDefinition,
  workspace: Workspace,
  batchSize: number,
  { limitBytes, trainer: options }: Fitting,
): Promise<boolean> {
  const trainer = await TaskTrainer.load(task, workspace, { options });
  try {
    return (await peakOf(trainer, batchSize, limitBytes)) !== null;
  } catch (error) {
    if (error instanceof TrainerDied && error.outOfMemory) return false;
    throw error;
  } finally {
    await trainer.stop();
  }
}
