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

/** What of an optimizer follows the size beside the learning rate. */
const variants = {
  'all of them': ['beta1', 'beta2', 'momentum', 'epsilon', 'weightDecay'],
  'without beta1': ['beta2', 'epsilon'],
} as const satisfies Record<string, readonly OptimizerNumber[]>;
type Variant = keyof typeof variants;

/** A size this many times the configured one, or as many times smaller, is far from it. */
const farFactor = 4;
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

/** Trains sizes far from the configured one with numbers that follow the size, for each variant. */
export async function compareNumbers(
  task: TaskDefinition,
  options: {
    readonly seeds: number;
    readonly folder: string;
    readonly say: (line: string) => void;
  },
): Promise<NumbersRow[]> {
  const truth = await readTruth(task.name);
  if (!truth) throw new Error(`${task.name}: no update counts (run with --truth first).`);
  const workspace = await writeWorkspace(task, truth.learningRate, options.folder);
  const trainer = await TaskTrainer.load(task, workspace, { largest: truth.largest });
  try {
    const stale = await whyStale(truth, trainer);
    if (stale !== null) throw new Error(`${task.name}: update counts do not hold: ${stale}.`);
    const rows: NumbersRow[] = [];
    for (const batchSize of trainer.ladder.filter((size) => isFar(size, truth))) {
      for (const variant of Object.keys(variants) as Variant[]) {
        if (Object.keys(numbersOf(trainer, variant, batchSize)).length === 0) continue;
        const row = await compare(trainer, truth, { batchSize, variant, seeds: options.seeds });
        rows.push(row);
        options.say(`${task.name} ${batchSize}, ${variant}: ${ratioText(row)}`);
      }
    }
    return rows;
  } finally {
    await trainer.stop();
  }
}

/** Far from the configured size, but not so far that nobody arrives. */
function isFar(batchSize: number, { runs }: Truth): boolean {
  const ratio = batchSize / baseBatchSize;
  const arrives = runs.some(
    (run) => run.batchSize === batchSize && run.scaled && run.updates !== null,
  );
  return Math.max(ratio, 1 / ratio) >= farFactor && arrives;
}

async function compare(
  trainer: TaskTrainer,
  truth: Truth,
  { batchSize, variant, seeds }: { batchSize: number; variant: Variant; seeds: number },
): Promise<NumbersRow> {
  const learningRate = trainer.learningRateOf(batchSize);
  const optimizerNumbers = numbersOf(trainer, variant, batchSize);
  const most = mostEpochsFactor * trainer.task.epochs;
  const runs = truth.runs
    .filter((run) => run.scaled && run.batchSize === batchSize)
    .slice(0, seeds);
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
  const without = runs.map(({ updates }) => updates);
  return { task: truth.task, batchSize, variant, without, with: found };
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
