import { mean } from 'simple-statistics';
import { largestByPeak } from './largestFitting';
import { pooledNoiseScale } from './noiseScale';
import { targetFromCurve } from '../../../src/planner/race/target';
import { baseBatchSize, type TaskDefinition } from './tasks';
import { TaskTrainer, updatesToTarget } from './trainer';
import { readTruth, writeTruth, type Truth, type TruthRun } from './truthFile';
import { taskHash, writeWorkspace, type Workspace } from './workspace';

const gridSeeds = [1001, 1002];
/** None of them is a sweep's or the grid search's. */
export const truthSeeds = [2001, 2002, 2003, 2004, 2005, 2006];
/** Without the rule's learning rate, only a rough picture is wanted. */
export const unscaledSeeds = truthSeeds.slice(0, 3);
const checkedEvaluations = 6;
/** As in the tuner: a size that has not arrived by then never does. */
export const mostEpochsFactor = 3;

type Say = (message: string) => void;

/** Does what is missing of a task's truth up to so many seeds, keeping every step. */
export async function computeTruth(
  task: TaskDefinition,
  options: {
    readonly seeds: number;
    /** Whether the sizes are trained with the learning rate as configured, too. */
    readonly isUnscaled: boolean;
    /** Workspaces are written below it. */
    readonly folder: string;
    readonly say: Say;
    /** Begins from nothing, whatever is committed. */
    readonly isFresh?: boolean;
  },
): Promise<void> {
  const { seeds, isUnscaled, folder, say, isFresh = false } = options;
  const hash = taskHash(task);
  const earlier = isFresh ? null : await readTruth(task.name);
  const truth = earlier?.hash === hash ? earlier : await begin(task, hash, folder, say);
  const workspace = await writeWorkspace(task, truth.learningRate, folder);
  if (task.memoryLimit !== null && truth.largest === null) {
    truth.largest = await largestWithin(task, workspace, task.memoryLimit);
    say(`${task.name}: at most ${truth.largest} samples fit into ${task.memoryLimit} bytes`);
  }
  await writeTruth(truth);
  const trainer = await TaskTrainer.load(task, workspace, { largest: truth.largest });
  try {
    for (const seed of truthSeeds.slice(0, seeds)) {
      if (!truth.noise.some((each) => each.seed === seed)) {
        truth.noise.push({ seed, scale: await noiseScaleOf(trainer, seed) });
      }
      for (const batchSize of [...trainer.ladder].reverse()) {
        await add(truth, trainer, { seed, batchSize, scaled: true }, say);
      }
    }
    for (const seed of isUnscaled ? unscaledSeeds : []) {
      for (const batchSize of trainer.ladder.filter((size) => size !== baseBatchSize)) {
        if (neverArrives(truth, batchSize, false)) continue;
        await add(truth, trainer, { seed, batchSize, scaled: false }, say);
      }
    }
  } finally {
    await trainer.stop();
  }
}

async function largestWithin(
  task: TaskDefinition,
  workspace: Workspace,
  limitBytes: number,
): Promise<number> {
  const trainer = await TaskTrainer.load(task, workspace);
  try {
    return await largestByPeak(trainer, limitBytes);
  } finally {
    await trainer.stop();
  }
}

/**
 * Whether a size failed with a seed already: that makes its mean infinite, whatever others do. With
 * the learning rate as configured, larger ones fail too: a batch of twice the size saves at most half
 * of the updates, and the epochs are what ran out.
 */
export function neverArrives({ runs }: Truth, batchSize: number, scaled: boolean): boolean {
  return runs.some(
    (run) =>
      run.scaled === scaled &&
      run.updates === null &&
      (run.batchSize === batchSize ||
        (!scaled &&
          run.status === 'ok' &&
          run.batchSize > baseBatchSize &&
          run.batchSize < batchSize)),
  );
}

/** Learning rate and target, from the grid search at batch size 32. */
async function begin(task: TaskDefinition, hash: string, folder: string, say: Say): Promise<Truth> {
  const searched: { learningRate: number; best: (number | null)[]; start: number }[] = [];
  const [firstRate = 0.001] = task.learningRates;
  const workspace = await writeWorkspace(task, firstRate, folder);
  const trainer = await TaskTrainer.load(task, workspace);
  const { backend } = trainer.prepared;
  let check: Truth['check'] | null = null;
  try {
    for (const learningRate of task.learningRates) {
      const best: (number | null)[] = [];
      let start = 0;
      for (const seed of gridSeeds) {
        const trial = await trainer.begin({ batchSize: baseBatchSize, learningRate, seed });
        if (!trial) throw new Error(`${task.name} does not fit at batch size ${baseBatchSize}.`);
        const curve = await trial.train((_, epoch) => epoch >= task.epochs);
        await trial.end();
        start = curve.points[0]?.value ?? 0;
        const values = curve.points.map(({ value }) => value);
        best.push(curve.status === 'ok' ? targetFromCurve(start, values, 'loss', 1) : null);
        if (learningRate === firstRate) {
          check ??= {
            seed,
            losses: curve.points
              .slice(0, checkedEvaluations)
              .map(({ x, value }) => ({ iteration: x, loss: rounded(value) })),
          };
        }
      }
      say(`${task.name}: learning rate ${learningRate}: ${best.join(', ')}`);
      searched.push({ learningRate, best, start });
    }
  } finally {
    await trainer.stop();
  }
  const meanOf = (best: readonly (number | null)[]) =>
    mean(best.map((value) => value ?? Number.MAX_VALUE));
  const winner = searched.reduce((a, b) => (meanOf(b.best) < meanOf(a.best) ? b : a));
  const target = winner.start + 0.9 * (meanOf(winner.best) - winner.start);
  say(`${task.name}: learning rate ${winner.learningRate}, target ${target}`);
  return {
    task: task.name,
    hash,
    backend: { name: backend.name, versions: trainerVersions(backend.versions) },
    grid: {
      batchSize: baseBatchSize,
      seeds: gridSeeds,
      losses: searched.map(({ learningRate, best }) => ({
        learningRate,
        best: best.map((value) => (value === null ? null : rounded(value))),
      })),
    },
    learningRate: winner.learningRate,
    largest: null,
    target: rounded(target),
    check: check ?? { seed: 0, losses: [] },
    noise: [],
    runs: [],
  };
}

/** Node's version changes no loss. */
export function trainerVersions(versions: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(versions).filter(([name]) => name !== 'node'));
}

async function add(
  truth: Truth,
  trainer: TaskTrainer,
  wanted: Pick<TruthRun, 'seed' | 'batchSize' | 'scaled'>,
  say: Say,
): Promise<void> {
  const { seed, batchSize, scaled } = wanted;
  const isSame = (run: TruthRun) =>
    run.seed === seed && run.batchSize === batchSize && run.scaled === scaled;
  if (truth.runs.some(isSame)) return;
  const learningRate = trainer.learningRateOf(batchSize, scaled);
  const trial = await trainer.begin({ batchSize, learningRate, seed });
  if (!trial) throw new Error(`${truth.task} does not fit at batch size ${batchSize}.`);
  const begun = performance.now();
  const most = mostEpochsFactor * trainer.task.epochs;
  const curve = await trial.train(
    (points, epoch) => epoch >= most || updatesToTarget(points, truth.target) !== null,
  );
  await trial.end();
  const updates = curve.status === 'ok' ? updatesToTarget(curve.points, truth.target) : null;
  truth.runs.push({
    ...wanted,
    learningRate,
    status: curve.status,
    updates: updates === null ? null : Number(updates.toFixed(2)),
    trained: curve.iterations,
    evaluations: curve.evaluations,
  });
  await writeTruth(sorted(truth));
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const scaling = scaled ? '' : ', learning rate as configured';
  say(
    `${truth.task}: seed ${seed}, batch size ${batchSize}${scaling}: ` +
      `${updates?.toFixed(0) ?? curve.status} updates of ${curve.iterations} (${seconds} s)`,
  );
}

/** After an epoch at the configured size, as a tool that watches training would first know it. */
async function noiseScaleOf(trainer: TaskTrainer, seed: number): Promise<number | null> {
  const learningRate = trainer.learningRateOf(baseBatchSize);
  const trial = await trainer.begin({ batchSize: baseBatchSize, learningRate, seed });
  if (!trial) return null;
  const { samples } = trainer.prepared.dataset;
  await trial.advance(Math.ceil(samples / baseBatchSize));
  const { steps } = await trial.measureNoise(24);
  await trial.end();
  const scale = pooledNoiseScale(steps, samples);
  return scale === null ? null : Number(scale.toPrecision(4));
}

function sorted(truth: Truth): Truth {
  const runs = [...truth.runs].sort(
    (a, b) => a.seed - b.seed || Number(b.scaled) - Number(a.scaled) || a.batchSize - b.batchSize,
  );
  return { ...truth, runs };
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
