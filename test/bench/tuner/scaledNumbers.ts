import Table from 'cli-table3';
import { crossing } from '../../../src/core/sweep/curve';
import type { OptimizerNumbers } from '../../../src/protocol/trainer';
import { whyStale } from './checkTruth';
import { mostEpochsFactor } from './computeTruth';
import { scaledNumbers, type OptimizerNumber } from './optimizerScaling';
import { medianOf } from './regret';
import { baseBatchSize, type TaskDefinition } from './tasks';
import { TaskTrainer } from './trainer';
import { readTruth, type Truth } from './truthFile';
import { writeWorkspace } from './workspace';

type TruthRun = Truth['runs'][number];

/** What of an optimizer follows the size beside the learning rate. */
const variants = {
  'all of them': ['beta1', 'beta2', 'momentum', 'epsilon', 'weightDecay'],
  'without beta1': ['beta2', 'epsilon'],
  'weight decay': ['weightDecay'],
} as const satisfies Record<string, readonly OptimizerNumber[]>;
type Variant = keyof typeof variants;

/** A size this many times the configured one, or as many times smaller, is far from it. */
const farFactor = 4;
/** Trainings at the configured size in the timescale of a weight decay. */
const decayTrainings = 10;
/** A size that takes so many times the updates is not followed further. */
const mostTimes = 2;

/** Updates of one size to the target, seed by seed; null where it was not reached in time. */
export interface NumbersRow {
  readonly task: string;
  readonly batchSize: number;
  readonly variant: Variant;
  readonly without: readonly (number | null)[];
  readonly with: readonly (number | null)[];
}

interface CompareOptions {
  readonly seeds: number;
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** Trains sizes far from the configured one with numbers that follow the size, for each variant. */
export async function compareNumbers(
  task: TaskDefinition,
  options: CompareOptions,
): Promise<NumbersRow[]> {
  const truth = await truthOf(task);
  const check = async (trainer: TaskTrainer): Promise<void> => {
    const stale = await whyStale(truth, trainer);
    if (stale !== null) throw new Error(`${task.name}: update counts do not hold: ${stale}.`);
  };
  const rowsOf = async (trainer: TaskTrainer, { batchSize, runs }: FarSize) => {
    const rows: NumbersRow[] = [];
    for (const variant of ['all of them', 'without beta1'] as const) {
      if (Object.keys(numbersOf(trainer, variant, batchSize)).length === 0) continue;
      const found = await train(trainer, truth, { batchSize, variant, runs });
      const without = runs.map(({ updates }) => updates);
      rows.push({ task: task.name, batchSize, variant, without, with: found });
    }
    return rows;
  };
  return atFarSizes(task, truth, options, rowsOf, check);
}

/**
 * The same for decoupled weight decay, of which the tasks have none: with AdamW in Adam's place, and
 * a decay whose timescale, 1/(η·λ) updates, is ten trainings at the configured size: with that of one,
 * no size came to the target. Both sides are trained here.
 */
export async function compareWeightDecay(
  task: TaskDefinition,
  options: CompareOptions,
): Promise<NumbersRow[]> {
  const truth = await truthOf(task);
  if (task.optimizer !== 'adam') return [];
  const updates = runsOf(truth, baseBatchSize, options.seeds).flatMap((run) => run.updates ?? []);
  const weightDecay = Number(
    (1 / (decayTrainings * truth.learningRate * medianOf(updates))).toPrecision(2),
  );
  const decaying: TaskDefinition = { ...task, optimizer: { name: 'adamw', weightDecay } };
  return atFarSizes(decaying, truth, options, async (trainer, what) => {
    const variant = 'weight decay';
    const without = await train(trainer, truth, { ...what, variant: null });
    const found = await train(trainer, truth, { ...what, variant });
    return [{ task: task.name, batchSize: what.batchSize, variant, without, with: found }];
  });
}

async function truthOf({ name }: TaskDefinition): Promise<Truth> {
  const truth = await readTruth(name);
  if (!truth) throw new Error(`${name}: no update counts (run with --truth first).`);
  return truth;
}

interface FarSize {
  readonly batchSize: number;
  readonly runs: readonly TruthRun[];
}

/** The rows of each size far from the configured one, with a training process that holds the task. */
async function atFarSizes(
  task: TaskDefinition,
  truth: Truth,
  { seeds, folder, say }: CompareOptions,
  rowsOf: (trainer: TaskTrainer, at: FarSize) => Promise<readonly NumbersRow[]>,
  check?: (trainer: TaskTrainer) => Promise<void>,
): Promise<NumbersRow[]> {
  const workspace = await writeWorkspace(task, truth.learningRate, folder);
  const trainer = await TaskTrainer.load(task, workspace, { largest: truth.largest });
  try {
    await check?.(trainer);
    const rows: NumbersRow[] = [];
    for (const batchSize of trainer.ladder.filter((size) => isFar(size, truth))) {
      for (const row of await rowsOf(trainer, {
        batchSize,
        runs: runsOf(truth, batchSize, seeds),
      })) {
        rows.push(row);
        say(`${task.name} ${batchSize}, ${row.variant}: ${ratioText(row)}`);
      }
    }
    return rows;
  } finally {
    await trainer.stop();
  }
}

function runsOf({ runs }: Truth, batchSize: number, seeds: number): readonly TruthRun[] {
  return runs.filter((run) => run.scaled && run.batchSize === batchSize).slice(0, seeds);
}

/** Far from the configured size, but not so far that nobody arrives. */
function isFar(batchSize: number, { runs }: Truth): boolean {
  const ratio = batchSize / baseBatchSize;
  const arrives = runs.some(
    (run) => run.batchSize === batchSize && run.scaled && run.updates !== null,
  );
  return Math.max(ratio, 1 / ratio) >= farFactor && arrives;
}

/** Updates to the target, run by run; `variant` null: with the numbers as configured. */
async function train(
  trainer: TaskTrainer,
  truth: Truth,
  what: FarSize & { readonly variant: Variant | null },
): Promise<(number | null)[]> {
  const { batchSize, variant, runs } = what;
  const learningRate = trainer.learningRateOf(batchSize);
  const optimizerNumbers = variant === null ? {} : numbersOf(trainer, variant, batchSize);
  const most = mostEpochsFactor * trainer.task.epochs;
  const found: (number | null)[] = [];
  for (const { seed, updates } of runs) {
    const trial = await trainer.begin({ batchSize, learningRate, seed, optimizerNumbers });
    if (!trial) throw new Error(`${truth.task} does not fit at batch size ${batchSize}.`);
    const limit = updates === null ? Infinity : mostTimes * updates;
    const curve = await trial.train(
      (points, epoch) =>
        epoch >= most ||
        (points.at(-1)?.x ?? 0) > limit ||
        crossing(points, 'loss', truth.target) !== null,
    );
    await trial.end();
    found.push(curve.status === 'ok' ? crossing(curve.points, 'loss', truth.target) : null);
  }
  return found;
}

function numbersOf(trainer: TaskTrainer, variant: Variant, to: number): OptimizerNumbers {
  const { prepared } = trainer;
  const wanted: readonly string[] = variants[variant];
  const all = Object.entries(prepared.optimizerNumbers ?? {});
  const scaled = scaledNumbers({
    numbers: Object.fromEntries(all.filter(([name]) => wanted.includes(name))),
    batchSize: baseBatchSize,
    to,
    rateFactor: trainer.learningRateOf(to) / prepared.learningRate,
  });
  return Object.fromEntries(scaled.map(({ name, value }) => [name, value]));
}

/** Median over seeds that both reached the target with; null where none did. */
function ratioOf(row: NumbersRow): number | null {
  const ratios = row.with.flatMap((after, seed) => {
    const before = row.without[seed] ?? null;
    return after === null || before === null ? [] : [after / before];
  });
  return ratios.length === 0 ? null : medianOf(ratios);
}

function ratioText(row: NumbersRow): string {
  return ratioOf(row)?.toFixed(2) ?? '-';
}

export function numbersTable(rows: readonly NumbersRow[]): string {
  const reached = (updates: readonly (number | null)[]) =>
    `${updates.filter((each) => each !== null).length} of ${updates.length}`;
  const table = new Table({
    head: [
      'task',
      'batch size',
      'numbers that follow',
      'reached: without',
      'with',
      'updates with / without',
    ],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    table.push([
      row.task,
      row.batchSize,
      row.variant,
      reached(row.without),
      reached(row.with),
      ratioText(row),
    ]);
  }
  return table.toString();
}
