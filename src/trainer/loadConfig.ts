import { createHash } from 'node:crypto';
import { ok, type Result } from '../core/text/problem';
import type { Dataset } from './data/dataset';
import { estimateSize } from './data/estimateSize';
import { loadDataset } from './data/loadDataset';
import type { OnReading } from './data/readingProgress';
import { loadStreamed } from './data/records/loadStreamed';
import { tensorBytes, type StreamedDataset } from './data/records/streamedDataset';
import { inMemory } from './data/samples';
import { faultsAsProblems, lossOf, sourceOf } from './data/sources';
import { hasRoom, mayBeHeld, type DataRoom } from './dataRoom';
import type { Loaded, LoadInput } from './loaded';
import { loadModel } from './model/loadModel';
import { tf } from './tfjs/tf';

export interface LoadingContext {
  readonly room: DataRoom;
  /** A folder for data that has to be unpacked to disk. */
  readonly folder: () => string;
  readonly onReading: OnReading;
}

/**
 * Reads a config's data and model, and checks one against the other. Data that does not fit beside
 * the model stays on disk; what a module makes is held, whatever it takes.
 */
export async function loadConfig(
  input: LoadInput,
  context: LoadingContext,
): Promise<Result<Loaded>> {
  const { room } = context;
  const mostBytes = await mostMemoryBytes(input);
  if (!mostBytes.ok) return mostBytes;
  const isModule = mostBytes.value === null;
  if (isModule || mayBeHeld(room, mostBytes.value)) {
    const loaded = await loadHeld(input);
    if (!loaded.ok || isModule || fits(loaded.value, room)) return loaded;
  }
  const loaded = await loadOnDisk(input, context);
  if (!loaded.ok || !fits(loaded.value, room)) return loaded;
  return ok({ ...loaded.value, dataset: intoMemory(loaded.value.dataset) });
}

async function loadHeld(input: LoadInput): Promise<Result<Loaded<Dataset>>> {
  const { config, configFile, root, seed } = input;
  const dataset = await loadDataset(config, { configFile, root, seed, tf });
  return dataset.ok ? loadModel({ config, configFile, root }, dataset.value) : dataset;
}

/** As loadConfig, with the samples left on disk though they might fit. */
export async function loadOnDisk(
  { config, configFile, root, seed }: LoadInput,
  { folder, onReading }: Pick<LoadingContext, 'folder' | 'onReading'>,
): Promise<Result<Loaded<StreamedDataset>>> {
  const context = { configFile, root, seed, tf, folder: folder(), onReading };
  const dataset = await loadStreamed(config, context);
  return dataset.ok ? loadModel({ config, configFile, root }, dataset.value) : dataset;
}

/** The most bytes that the training data can take, 0 where only reading tells; null for modules. */
async function mostMemoryBytes(input: LoadInput): Promise<Result<number | null>> {
  const { config, configFile, root, seed } = input;
  const context = { configFile, root, seed, tf };
  return faultsAsProblems(config, context, async () => {
    const loss = lossOf(config, context);
    const hash = createHash('sha256');
    const source = await sourceOf({ data: config.data, key: 'train', hash, loss, context });
    const size = await estimateSize(source);
    return size && (size.memoryBytes ?? 0);
  });
}

function fits({ dataset, trainingBytes }: Loaded, room: DataRoom): boolean {
  return hasRoom(room, tensorBytes(dataset), trainingBytes);
}

function intoMemory(dataset: StreamedDataset): Dataset {
  const { train, validation } = dataset;
  return { ...dataset, train: inMemory(train), validation: inMemory(validation) };
}
