import type { Config } from '../../../config/schema';
import { lossSettings } from '../../../config/trainingSchema';
import type { LossName } from '../../../core/model/losses';
import type { Text } from '../../../core/text/problem';
import type { Dataset } from '../dataset';
import { namesIn, validationIn } from '../moduleData';
import { dataKey, type Source } from '../rawData';
import { labelPlace, sourceOf, isModule, type DataContext, type SourceRequest } from '../sources';
import { callModule } from '../moduleData';
import { feedsOf, type Feed, type Feeds } from './feeds';
import { packParts } from './packParts';
import type { Parts } from './parts';
import { partsOfModule, readParts } from './readParts';

/**
 * Reads data by the names of a model's inputs and outputs.
 * @param made what a data module gave; null for files
 */
export async function loadNamed(
  config: Config,
  source: Source,
  made: unknown,
  request: Omit<SourceRequest, 'data' | 'key' | 'plan'> & { readonly notes: readonly Text[] },
): Promise<Dataset> {
  const { context, hash, notes } = request;
  const { data, training } = config;
  const feeds = feedsFor(data, made, context, source);
  const read = (from: Source, result: unknown, prefix = '') =>
    isModule(from.file) ? partsOfModule(from, result, feeds, prefix) : readParts(from, feeds);
  const train = await read(source, made);
  const validation = await readValidation(data, train, made, request, read);
  const losses = new Map<string, LossName>();
  for (const { name } of feeds.outputs) {
    const own = training.losses?.[name] ?? training.loss;
    if (own !== undefined) losses.set(name, lossSettings(own).name);
  }
  const withoutNames = feeds.outputs.length === 1 && data.outputs === undefined;
  return packParts(train, validation, {
    contentHash: hash.digest('hex'),
    notes,
    normalize: data.normalize,
    fraction: Number(data.validation),
    seed: context.seed,
    losses,
    labelPlace: (output) =>
      withoutNames || data.outputs?.[output] === undefined
        ? labelPlace(source)
        : dataKey(source, 'outputs', output),
    dataPlace: dataKey(source, 'train'),
  });
}

/** A module's own names count where only building shows those of the model. */
function feedsFor(
  data: Config['data'],
  made: unknown,
  { signature = null }: DataContext,
  source: Source,
): Feeds {
  const feeds = feedsOf(data, signature, source);
  if (made === null || signature) return feeds;
  const names = namesIn(made);
  const own = (given: readonly string[]): Feed[] =>
    given.map((name) => ({ name, from: [name], isNamed: true }));
  return {
    weights: feeds.weights,
    inputs: data.inputs || names.features.length === 0 ? feeds.inputs : own(names.features),
    outputs: data.outputs || names.labels.length === 0 ? feeds.outputs : own(names.labels),
  };
}

async function readValidation(
  data: Config['data'],
  train: Parts,
  made: unknown,
  request: Omit<SourceRequest, 'data' | 'key' | 'plan'>,
  read: (from: Source, result: unknown, prefix?: string) => Promise<Parts>,
): Promise<Parts | null> {
  if (made !== null && validationIn(made) !== undefined) {
    const source = await sourceOf({ ...request, data, key: 'train' });
    return read(source, validationIn(made), 'validation.');
  }
  if (typeof data.validation !== 'string') return null;
  const source = await sourceOf({ ...request, data, key: 'validation', plan: train.plan });
  return read(source, isModule(source.file) ? await callModule(source) : null);
}
