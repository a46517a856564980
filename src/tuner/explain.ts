import { withPosition } from '../config/parseConfig';
import type { CheckedConfig } from '../config/readConfig';
import type { AnyConfig } from '../config/schema';
import { parseDuration } from '../config/units';
import { iterationsPerEpoch, lastBatchSize, totalIterations } from '../core/batches/arithmetic';
import { batchSizeLadder } from '../core/batches/ladder';
import { ok, type Result } from '../core/text/problem';
import type { Prepared } from '../protocol/trainer';
import { LoadedTrainer } from './process/loadedTrainer';
import type { TrainerOptions } from './process/trainerProcess';

/** A config's model and data as loaded, and the batch sizes a sweep would look at. */
export interface Explained {
  readonly prepared: Prepared;
  readonly ladder: readonly number[];
}

/** Loads model and data to count them; nothing is trained. An abort ends the loading. */
export async function explain(
  { config, file, root, text }: CheckedConfig,
  trainer: TrainerOptions,
  signal?: AbortSignal,
): Promise<Result<Explained>> {
  const loaded = new LoadedTrainer({
    config,
    configFile: file,
    root,
    backend: config.backend,
    seed: config.training.seed,
    trainer,
    // A module that never returns must not be waited for longer than a sweep would take.
    loadTimeoutMs: () => 1000 * (parseDuration(config.tuning.budget) ?? 120),
  });
  const stop = () => void loaded.stop();
  signal?.addEventListener('abort', stop);
  try {
    const prepared = await loaded.load();
    if (!prepared.ok) return { ok: false, problem: withPosition(prepared.problem, text, file) };
    const ladder = batchSizeLadder(config.tuning.batchSizes, prepared.value.dataset.samples);
    if (!ladder.ok) {
      const place = { file, pointer: ['tuning', 'batchSizes'] };
      return { ok: false, problem: withPosition({ ...ladder.problem, place }, text, file) };
    }
    return ok({ prepared: prepared.value, ladder: ladder.value });
  } finally {
    signal?.removeEventListener('abort', stop);
    await loaded.stop();
  }
}

/** The same as a document for programs (`batchwise explain --json`): counts, and bytes in `*Bytes`. */
export function explanationDocument(config: AnyConfig, { prepared, ladder }: Explained) {
  const { dataset, modelType, backend, parameterCount, dataBytes, optimizer } = prepared;
  // A script's own numbers are found as it runs.
  const { batchSize } = prepared.found ?? config.training;
  const epochs = Math.ceil(prepared.found?.epochs ?? config.training.epochs);
  const arithmetic = (size: number) => ({
    batchSize: size,
    iterationsPerEpoch: iterationsPerEpoch(dataset.samples, size),
    /** Samples of a partial last batch; null where all are full. */
    lastBatchSize: lastBatchSize(dataset.samples, size),
    updates: totalIterations(dataset.samples, size, epochs),
  });
  return {
    formatVersion: 1,
    modelType,
    backend: { name: backend.name, device: backend.device },
    dataset,
    parameters: parameterCount,
    optimizer,
    dataBytes,
    epochs,
    configured: arithmetic(batchSize),
    batchSizes: ladder.map(arithmetic),
  };
}
