import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import * as z from 'zod';

/**
 * What is committed of a task: the grid search for its learning rate and, seed by seed, the updates
 * each size needs to the target. Both are the same on every machine with the same trainer, so that
 * only step times are left to measure.
 */
const runSchema = z.object({
  seed: z.number().int(),
  batchSize: z.number().int(),
  /** Whether the learning rate follows the batch size by the task's rule, or stays as configured. */
  scaled: z.boolean(),
  learningRate: z.number(),
  status: z.enum(['ok', 'diverged', 'out-of-memory']),
  /** Updates to the target, interpolated; null: not within three times the task's epochs. */
  updates: z.number().nullable(),
  /** Updates after which the trial ended: the crossing confirmed, or the last epoch. */
  trained: z.number().int(),
  evaluations: z.number().int(),
});

const truthSchema = z.object({
  task: z.string(),
  /** See taskHash: another one means other data, model or settings. */
  hash: z.string(),
  backend: z.object({ name: z.string(), versions: z.record(z.string(), z.string()) }),
  grid: z.object({
    batchSize: z.number().int(),
    seeds: z.array(z.number().int()),
    /** Best validation loss within the task's epochs, seed by seed; null: diverged. */
    losses: z.array(z.object({ learningRate: z.number(), best: z.array(z.number().nullable()) })),
  }),
  learningRate: z.number(),
  /** The largest batch size that trains within the task's memory limit; null: it has none. */
  largest: z.number().int().nullable(),
  /** 90% of the way from the loss at the start to the best of the grid search's winner. */
  target: z.number(),
  /** The first evaluations of one trial, to tell whether the trainer still computes the same. */
  check: z.object({
    seed: z.number().int(),
    losses: z.array(z.object({ iteration: z.number().int(), loss: z.number() })),
  }),
  /** Gradient noise scale at batch size 32 after an epoch, seed by seed; null: not measurable. */
  noise: z.array(z.object({ seed: z.number().int(), scale: z.number().nullable() })),
  runs: z.array(runSchema),
});

export type Truth = z.infer<typeof truthSchema>;
export type TruthRun = z.infer<typeof runSchema>;

const folder = path.resolve('test/bench/tuner/truth');

export async function readTruth(task: string): Promise<Truth | null> {
  const file = path.join(folder, `${task}.json`);
  if (!existsSync(file)) return null;
  return truthSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

export async function writeTruth(truth: Truth): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = await format(JSON.stringify(truth), { parser: 'json', printWidth: 100 });
  const file = path.join(folder, `${truth.task}.json`);
  // A computation that is stopped while it writes must not lose what it had.
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}
