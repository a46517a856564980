import { trainerVersions } from './computeTruth';
import { baseBatchSize } from './tasks';
import type { TaskTrainer } from './trainer';
import type { Truth } from './truthFile';
import { taskHash } from './workspace';

/** Rounding differs a little between builds of the kernels; another algorithm differs by far more. */
const tolerance = 1e-3;

/** Why committed update counts are not those of this task and trainer; null when they are. */
export async function whyStale(truth: Truth, trainer: TaskTrainer): Promise<string | null> {
  const { task, prepared } = trainer;
  if (truth.hash !== taskHash(task)) return 'the task was defined otherwise when they were taken';
  const { versions, name } = prepared.backend;
  if (truth.backend.name !== name) return `they were taken on ${truth.backend.name}, not ${name}`;
  const now = JSON.stringify(Object.entries(trainerVersions(versions)).sort());
  if (JSON.stringify(Object.entries(truth.backend.versions).sort()) !== now) {
    return `they were taken with ${JSON.stringify(truth.backend.versions)}, not ${now}`;
  }
  return differingLoss(truth, trainer);
}

/** Trains the first epochs of one trial again. */
async function differingLoss(truth: Truth, trainer: TaskTrainer): Promise<string | null> {
  const { seed, losses } = truth.check;
  const [learningRate = 0] = trainer.task.learningRates;
  const trial = await trainer.begin({ batchSize: baseBatchSize, learningRate, seed });
  if (!trial) return 'the task does not fit any more';
  const curve = await trial.train((points) => points.length >= losses.length);
  await trial.end();
  for (const [index, { iteration, loss }] of losses.entries()) {
    const point = curve.points[index];
    const isSame =
      point?.x === iteration && Math.abs(point.value - loss) <= tolerance * Math.abs(loss);
    if (!isSame) {
      return `after ${iteration} updates the loss was ${loss} and is ${point?.value ?? 'none'} now`;
    }
  }
  return null;
}
