import {
  batchOverDevices,
  epochOfUpdates,
  samplesPerUpdate,
  type Batching,
  type EpochOfUpdates,
} from '../../core/batches/updates';
import { formatCount } from '../../core/text/format';
import type { ModelType, SweepResult } from '../../core/sweep/result';
import { ruleOfThumb } from '../../core/batches/ruleOfThumb';
import {
  automaticSentences,
  countingSentences,
  hasOtherEpochs,
  ofEachDevice,
  type CountingFacts,
} from './counting';
import type { Language } from '../language';
import { measured, trainingTime } from './measuredSentences';

/** How many samples an epoch has, and how that is known. */
export interface Samples {
  readonly count: number;
  /** `counted`: from the files, with the validation share taken off by rounding. */
  readonly source: 'measured' | 'counted' | 'written';
}

/** What is known of a place where a batch size or a number of epochs is written. */
export interface Facts extends Omit<Batching, 'batchSize'>, CountingFacts {
  readonly batchSize: number | null;
  readonly epochs: number | null;
  readonly learningRate: number | null;
  readonly samples: Samples | null;
  /** The latest sweep, where this place is one it speaks for. */
  readonly result: SweepResult | null;
  /** Whether a partial last batch is known to be trained with; without it only `dropsLast` is sure. */
  readonly keepsLast?: boolean;
  /** What can be done about unknown numbers differs between our config and other files. */
  readonly place: 'config' | 'source';
  readonly model: ModelFact | null;
}

/** The kind of model, by its layers. */
export interface ModelFact {
  readonly type: ModelType;
  /** Markdown that names the layers; null where they are not at hand. */
  readonly evidence: string | null;
}

/** What a hover says, in Markdown. An editor cuts long hovers off, so what matters here is first. */
export interface Explanation {
  /** Paragraphs about this very place, the first naming Batchwise. */
  readonly here: readonly string[];
  /** What holds everywhere, for those who want to know more. */
  readonly background: string;
}

/** The hover on a batch size. */
export function explainBatchSize(facts: Facts, language: Language): Explanation {
  const { t, tag } = language;
  const { batchSize, result } = facts;
  if (batchSize === null) {
    return {
      here: [title(t('batch size'), language), ...automaticSentences(facts, language)],
      background: t(
        'A batch is the samples processed before one update of the model (one iteration); an epoch is every sample once.',
      ),
    };
  }
  return {
    here: [
      title(t('batch size {size}', { size: formatCount(batchSize, tag) }), language),
      arithmetic(batchSize, facts, language),
      ...(result
        ? [measured(batchSize, result, language), ...modelSentence(facts, language)]
        : [unmeasured(facts, language)]),
    ],
    background: effectOfSize(batchSize, facts.samples, language),
  };
}

/** The hover on a number of epochs. */
export function explainEpochs(facts: Facts, language: Language): Explanation {
  const { t, tag } = language;
  const { batchSize, epochs } = facts;
  const shown =
    epochs === null
      ? t('epochs')
      : epochs === 1
        ? t('1 epoch')
        : t('{epochs} epochs', { epochs: formatCount(epochs, tag) });
  return {
    here: [
      title(shown, language),
      ...(batchSize === null
        ? automaticSentences(facts, language)
        : [arithmetic(batchSize, facts, language)]),
      ...trainingTime(batchSize, epochs, facts.result, language),
    ],
    background: t(
      'An epoch is every sample once. More epochs learn more but risk overfitting; too few underfit. Batch size and epochs together set the number of updates.',
    ),
  };
}

export function title(what: string, { t }: Language): string {
  return t('**Batchwise**: {what}', { what });
}

/** What the size counts, iterations per epoch, the last batch and the updates in all, as one paragraph. */
export function arithmetic(batchSize: number, facts: Facts, language: Language): string {
  const { samples, epochs, steps = null } = facts;
  const batching = { ...facts, batchSize };
  const sentences = countingSentences(batching, language);
  if (hasOtherEpochs(facts)) return sentences.join(' ');
  const size = samplesPerUpdate(batching);
  const epoch = samples && epochOfUpdates(samples.count, batching);
  if (samples && epoch) {
    sentences.push(
      epochSentence(samples, epoch.updates, batching, language),
      ...lastBatchSentences(samples.count, epoch, batching, language),
    );
    if (
      epochs !== null &&
      steps === null &&
      !facts.searches &&
      (isCertain(facts) || epoch.lastBatch === null)
    )
      sentences.push(totalSentence(epoch.updates * epochs, epochs, language));
  } else if (!samples && size !== null) {
    sentences.push(
      facts.readElsewhere ? onePass(batching, language) : unknownSamples(size, facts, language),
    );
  }
  return sentences.join(' ');
}

/** Whether it is known what becomes of a partial last batch. */
function isCertain({ dropsLast = false, keepsLast = false, counts = null, place }: Facts): boolean {
  return dropsLast || keepsLast || counts === 'completions' || place === 'config';
}

/** Whether each of several devices takes such a batch, and nothing says how many there are. */
function perUnknownDevice({ counts = null, devices = null, global = null }: Facts): boolean {
  return devices === null && global === null && ofEachDevice.includes(counts);
}

/**
 * What is known of an epoch where a program reads the numbers that is not seen here: what it makes of
 * them is its own.
 */
function onePass(facts: Facts & Batching, { t, tag }: Language): string {
  const size = formatCount(batchOverDevices(facts) ?? facts.batchSize, tag);
  if (facts.epochs === null)
    return t(
      'The number of samples is not known here. Add a comment such as `batchwise: samples=60000`, or list this file in the `sources` of a `batchwise.json`.',
    );
  if (perUnknownDevice(facts))
    return t(
      'One pass over the samples has samples / ({size} × devices) batches for each device. The number of samples is not known here. Add a comment such as `batchwise: samples=60000`, or list this file in the `sources` of a `batchwise.json`.',
      { size },
    );
  return t(
    'One pass over the samples has samples / {size} batches. The number of samples is not known here. Add a comment such as `batchwise: samples=60000`, or list this file in the `sources` of a `batchwise.json`.',
    { size },
  );
}

function unknownSamples(updateSize: number, facts: Facts, { t, tag }: Language): string {
  const { place, counts = null, generations = null, accumulation } = facts;
  const { dropsLast = false, keepsLast = false } = facts;
  const ofOne = formatCount(updateSize, tag);
  const size = perUnknownDevice(facts) ? `(${t('{size} × devices', { size: ofOne })})` : ofOne;
  if (counts === 'completions') {
    return t(
      'Iterations per epoch = prompts × {generations} / {size}, rounded down. The number of prompts is not known here. Add a comment such as `batchwise: samples=1000`.',
      { size, generations: formatCount(generations ?? 1, tag) },
    );
  }
  if (dropsLast && accumulation === 1) {
    return t(
      'Iterations per epoch = samples / {size}, rounded down. The number of samples is not known here. Add a comment such as `batchwise: samples=60000`, or list this file in the `sources` of a `batchwise.json`.',
      { size },
    );
  }
  if (place === 'config') {
    return t(
      'Iterations per epoch = samples / {size}, rounded up. The number of samples is not known until the config is tuned.',
      { size },
    );
  }
  if (!keepsLast) {
    return t(
      'Iterations per epoch = samples / {size}, rounded up, or down where a partial last batch is left out. The number of samples is not known here. Add a comment such as `batchwise: samples=60000`, or list this file in the `sources` of a `batchwise.json`.',
      { size },
    );
  }
  return t(
    'Iterations per epoch = samples / {size}, rounded up. The number of samples is not known here. Add a comment such as `batchwise: samples=60000`, or list this file in the `sources` of a `batchwise.json`.',
    { size },
  );
}

function epochSentence(
  samples: Samples,
  updates: number,
  batching: Facts & Batching,
  { t, tag }: Language,
): string {
  const { counts = null } = batching;
  const size = samplesPerUpdate(batching) ?? batching.batchSize;
  const values = {
    samples: formatCount(samples.count, tag),
    size: formatCount(size, tag),
    iterations: formatCount(updates, tag),
  };
  if (counts === 'completions')
    return t(
      '{samples} prompts are **{iterations} iterations** (updates) of {size} completions per epoch.',
      values,
    );
  if (perUnknownDevice(batching))
    return t(
      'On one device, {samples} training samples at {size} are **{iterations} iterations** (updates) per epoch.',
      values,
    );
  if (updates === 1)
    return t(
      '{samples} training samples at {size} are **1 iteration** (update) per epoch.',
      values,
    );
  return t(
    '{samples} training samples at {size} are **{iterations} iterations** (updates) per epoch.',
    values,
  );
}

/** @param last samples of the last batch, which is not full */
function partialBatchSentence(last: number, facts: Facts, { t, tag }: Language): string {
  const values = { last: formatCount(last, tag) };
  if (facts.dropsLast)
    return last === 1
      ? t('The incomplete last batch is dropped: 1 sample per epoch.')
      : t('The incomplete last batch is dropped: {last} samples per epoch.', values);
  if (isCertain(facts))
    return last === 1
      ? t('The last batch is partial: 1 sample.')
      : t('The last batch is partial: {last} samples.', values);
  return last === 1
    ? t(
        'The last batch is partial (1 sample); where such batches are left out, an epoch may have one iteration fewer.',
      )
    : t(
        'The last batch is partial ({last} samples); where such batches are left out, an epoch may have one iteration fewer.',
        values,
      );
}

function lastBatchSentences(
  samples: number,
  { updates, lastBatch: last, lastUpdate }: EpochOfUpdates,
  batching: Facts & Batching,
  language: Language,
): string[] {
  const { t, tag } = language;
  const { counts = null, accumulation, dropsLast = false } = batching;
  // A prompt's completions stay together: a rest of them is no batch of its own.
  if (counts === 'completions') return [];
  const size = samplesPerUpdate(batching) ?? batching.batchSize;
  if (last === null && lastUpdate === null) return [t('All batches are full.')];
  if (dropsLast && updates === 0)
    return [t('There are fewer samples than the batch holds, and partial batches are dropped.')];
  if (!dropsLast && samples < size && accumulation === 1)
    return [t('There are fewer samples than the batch holds, so each update sees all of them.')];
  const sentences: string[] = [];
  if (last !== null) sentences.push(partialBatchSentence(last, batching, language));
  if (lastUpdate !== null && accumulation > 1)
    sentences.push(
      lastUpdate === 1
        ? t('The last update of an epoch has 1 batch.')
        : t('The last update of an epoch has {count} batches.', {
            count: formatCount(lastUpdate, tag),
          }),
    );
  return sentences;
}

function totalSentence(total: number, epochs: number, { t, tag }: Language): string {
  const values = { epochs: formatCount(epochs, tag), total: formatCount(total, tag) };
  if (epochs === 1) return t('1 epoch is {total} updates in total.', values);
  return t('{epochs} epochs are {total} updates in total.', values);
}

/** The kind of model and what others found for such ones, as long as nothing is measured here. */
function unmeasured(facts: Facts, language: Language): string {
  const rules = rule(facts, language);
  return [
    ...modelSentence(facts, language),
    ...(rules.length > 0 ? rules : [language.t('Not measured yet.')]),
  ].join(' ');
}

/** The kind of model, and the layers that make it one. */
function modelSentence({ model }: Facts, { t }: Language): string[] {
  if (!model) return [];
  const kinds: Record<ModelType, string> = {
    cnn: t('A convolutional model'),
    rnn: t('A recurrent model'),
    attention: t('A model with attention or embeddings'),
    dense: t('A dense model'),
    mixed: t('A model with mixed layer types'),
  };
  const kind = kinds[model.type];
  return [
    model.evidence === null
      ? t('{kind}.', { kind })
      : t('{kind}: {layers}.', { kind, layers: model.evidence }),
  ];
}

function rule({ model, samples }: Facts, { t, tag }: Language): string[] {
  if (!model) return [];
  const { batchSize, usual, source, limitedBy } = ruleOfThumb(model.type, samples?.count ?? null);
  const values = {
    size: formatCount(batchSize, tag),
    low: formatCount(usual[0], tag),
    high: formatCount(usual[1], tag),
    source: `[${source.name}](${source.address})`,
  };
  return [
    limitedBy === 'dataset'
      ? t(
          'Rule of thumb, not a measurement: start at **{size}**, because few samples mean few updates per epoch; {low} to {high} are common for such models ({source}).',
          values,
        )
      : t(
          'Rule of thumb, not a measurement: start at **{size}**; {low} to {high} are common for such models ({source}).',
          values,
        ),
  ];
}

function effectOfSize(batchSize: number, samples: Samples | null, { t }: Language): string {
  if (batchSize === 1)
    return t(
      'Where one sample is the whole update (online learning), gradients are very noisy. One sample at a time also leaves a device idle that has room for more.',
    );
  if (samples && batchSize >= samples.count)
    return t(
      'The whole data set in one batch: the steadiest gradient, one update per epoch, and the most memory.',
    );
  return t(
    'Smaller: more updates, noisier gradients, less memory, an idling device. Larger: fewer and steadier updates, better use of the device, more memory.',
  );
}
