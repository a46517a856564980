import { createHash } from 'node:crypto';
import type { MessageId } from '../core/text/messages';
import { ok, type Result } from '../core/text/problem';
import type { Dataset } from './data/dataset';
import { estimateSize } from './data/estimateSize';
import { normalized, readDataset } from './data/loadDataset';
import type { FeatureScale } from './data/normalize';
import type { OnReading } from './data/readingProgress';
import { loadStreamed } from './data/records/loadStreamed';
import { tensorBytes, type AnyDataset, type StreamedDataset } from './data/records/streamedDataset';
import { inMemory } from './data/samples';
import { faultsAsProblems, lossOf, sourceOf } from './data/sources';
import { hasRoom, mayBeHeld, type DataRoom } from './dataRoom';
import type { Loaded, LoadInput } from './loaded';
import { isNamed } from './data/named/feeds';
import { modelHints, type ModelHints } from './modelHints';
import { trainedOutputs } from './model/outputLosses';
import { loadModel } from './model/loadModel';
import { tf } from './tfjs/tf';

export interface LoadingContext {
  readonly room: DataRoom;
  /** A folder for data that has to be unpacked to disk. */
  readonly folder: () => string;
  readonly onReading: OnReading;
}

const tooLarge: ReadonlySet<MessageId> = new Set(['dataTooLarge', 'dataBeyondMemory']);

/**
 * Reads a config's data and model, and checks one against the other. Data that does not fit beside
 * the model stays on disk; what a module makes is held, whatever it takes.
 */
export async function loadConfig(
  input: LoadInput,
  context: LoadingContext,
): Promise<Result<Loaded>> {
  const { room } = context;
  const hints = await hintsOf(input);
  const mostBytes = await mostMemoryBytes(input);
  if (!mostBytes.ok) return mostBytes;
  // What a module makes, and what feeds several inputs, is held.
  const mustBeHeld = mostBytes.value === null || isNamed(input.config.data, hints.signature);
  if (mustBeHeld || mayBeHeld(room, mostBytes.value)) {
    const loaded = await loadHeld(input, hints);
    // What a file holds may turn out to be more than its size lets expect: it stays on disk then.
    const isTooLarge = !loaded.ok && tooLarge.has(loaded.problem.reason);
    if (mustBeHeld || (loaded.ok ? fits(loaded.value, room) : !isTooLarge)) return loaded;
  }
  const loaded = await loadOnDisk(input, hints, context);
  if (!loaded.ok || !fits(loaded.value, room)) return loaded;
  return ok({ ...loaded.value, dataset: intoMemory(loaded.value.dataset) });
}

/** What the model's file shows, its outputs only as far as they are trained. */
async function hintsOf({ config, configFile, root }: LoadInput): Promise<ModelHints> {
  const hints = await modelHints(config.model, { configFile, root });
  const { signature, compiledLoss } = hints;
  if (!signature) return hints;
  const names = signature.outputs.map(({ name }) => name);
  const trained = trainedOutputs(names, config.training, compiledLoss);
  const outputs = signature.outputs.filter(({ name }) => trained.includes(name));
  return { ...hints, signature: { ...signature, outputs } };
}

async function loadHeld(
  input: LoadInput,
  { inputShape, signature, lookup }: ModelHints,
): Promise<Result<Loaded<Dataset>>> {
  const { config, configFile, root, seed } = input;
  const context = { configFile, root, seed, tf, inputShape, signature, lookup };
  const dataset = await readDataset(config, context);
  if (!dataset.ok) return dataset;
  const loaded = await loadModel({ config, configFile, root }, dataset.value);
  if (!loaded.ok) return loaded;
  const isLookup = loaded.value.dataset.parts === undefined && looksUp(loaded.value);
  return ok(
    isLookup
      ? { ...loaded.value, dataset: unscaled(loaded.value.dataset) }
      : { ...loaded.value, dataset: normalized(loaded.value.dataset) },
  );
}

/** As loadConfig, with the samples left on disk though they might fit. */
async function loadOnDisk(
  { config, configFile, root, seed }: LoadInput,
  { inputShape, lookup }: ModelHints,
  { folder, onReading }: Pick<LoadingContext, 'folder' | 'onReading'>,
): Promise<Result<Loaded<StreamedDataset>>> {
  const context = {
    ...{ configFile, root, seed, tf, inputShape, lookup },
    ...{ folder: folder(), onReading },
  };
  const dataset = await loadStreamed(config, context);
  if (!dataset.ok) return dataset;
  const { scale } = dataset.value.train;
  const loaded = await loadModel(
    { config, configFile, root },
    withScale(dataset.value, { kind: 'none' }),
  );
  if (!loaded.ok) return loaded;
  const { dataset: fitted } = loaded.value;
  if (!looksUp(loaded.value)) return ok({ ...loaded.value, dataset: withScale(fitted, scale) });
  return ok({ ...loaded.value, dataset: scale.kind === 'none' ? fitted : noted(fitted) });
}

/** Whether the model's first layer looks its input up: numbers of tokens are never normalized. */
function looksUp({ layers }: Loaded): boolean {
  return layers.find((name) => name !== 'InputLayer') === 'Embedding';
}

function withScale(dataset: StreamedDataset, scale: FeatureScale): StreamedDataset {
  const { train, validation } = dataset;
  return { ...dataset, train: { ...train, scale }, validation: { ...validation, scale } };
}

function unscaled(dataset: Dataset): Dataset {
  const { pendingScale, ...rest } = dataset;
  return pendingScale === undefined || pendingScale.kind === 'none' ? rest : noted(rest);
}

function noted<D extends AnyDataset>(dataset: D): D {
  const { notes = [], columns = [], classes = [] } = dataset.reading ?? {};
  const note = { id: 'dataNoteNotNormalized' as const, values: {} };
  return { ...dataset, reading: { notes: [...notes, note], columns, classes } };
}

/** The most bytes that the training data can take, 0 where only reading shows it; null for modules. */
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
