import { effectiveBatchSize } from '../../core/batches/arithmetic';
import { formatBytes, formatCount, formatNumberShort } from '../../core/text/format';
import type { ModelType, SweepResult } from '../../core/sweep/result';
import { scaledLearningRate } from '../../core/batches/learningRate';
import { ruleOfThumb } from '../../core/batches/ruleOfThumb';
import type { BatchCount } from '../../core/batches/updates';
import type { Facts } from './explanation';
import { targetName, timeToTarget } from './measuredSentences';
import type { Language } from '../language';
import { compare, engineName, peakBytesAt } from './measurement';

/** A change that a code action offers. */
export interface Suggestion {
  readonly title: string;
  /** As it is written: in a config the size of an update, in source mostly that of a microbatch. */
  readonly batchSize: number;
  /** Null: the learning rate stays as it is. */
  readonly learningRate: number | null;
  /** Batches whose gradients are summed for one update. */
  readonly accumulation: number;
}

/** What is written now. */
interface Current {
  readonly batchSize: number | null;
  readonly learningRate: number | null;
  /** Batches whose gradients are summed for one update; default 1. */
  readonly accumulation?: number;
  /** Default: a config, whose batch size is that of an update. */
  readonly place?: Facts['place'];
  /** What a size in source counts; default: the samples of one batch. */
  readonly counts?: BatchCount | null;
}

/**
 * What the latest sweep suggests instead of a batch size and learning rate; empty when both are the
 * recommended ones already or nothing is recommended.
 */
export function suggestions(
  result: SweepResult,
  current: Current,
  language: Language,
  foreign = false,
): Suggestion[] {
  const { t, tag } = language;
  const { recommendation } = result;
  if (!recommendation || !countsSamples(current)) return [];
  const { gradientAccumulation: accumulation } = recommendation;
  const update = recommendation.batchSize;
  const ofMicrobatch = isOfMicrobatch(current);
  const batchSize = ofMicrobatch ? Math.ceil(update / accumulation) : update;
  const now = updateOf(current);
  // Another framework's rate is its own: only the change that the size asks for carries over.
  const learningRate = foreign
    ? followingRate({ ...current, batchSize: now }, update)
    : recommendation.learningRate;
  const size = formatCount(batchSize, tag);
  const rate =
    learningRate === null ? '' : formatNumberShort(roundLearningRate(learningRate), tag, 3);
  const rateDiffers =
    learningRate !== null &&
    (current.learningRate === null || !nearlyEqual(current.learningRate, learningRate));
  const isSame = current.batchSize === batchSize && (now === update || !ofMicrobatch);
  if (isSame) {
    if (!rateDiffers || foreign) return [];
    const title = t('Use learning rate {rate} (measured with batch size {size})', { rate, size });
    return [{ title, batchSize, learningRate, accumulation }];
  }
  const found = [
    ...(accumulation > 1
      ? [t('gradients of {count} batches per update', { count: formatCount(accumulation, tag) })]
      : []),
    ...evidence(result, now, update, language),
  ];
  const values = { size, rate, why: found.join('; '), engine: engineName(result) };
  const plain = recommendation.isEstimate
    ? t('Use batch size {size} (estimated from its speed with {engine})', values)
    : foreign
      ? found.length > 0
        ? t('Use batch size {size} (measured with {engine}: {why})', values)
        : t('Use batch size {size} (measured with {engine})', values)
      : found.length > 0
        ? t('Use batch size {size} (measured: {why})', values)
        : t('Use batch size {size} (measured)', values);
  const alone = { title: plain, batchSize, learningRate: null, accumulation };
  if (!rateDiffers) return [alone];
  const withRate = foreign
    ? t('{change} and scale the learning rate to {rate}', { change: plain, rate })
    : t('{change} and set the learning rate to {rate}', { change: plain, rate });
  return [alone, { title: withRate, batchSize, learningRate, accumulation }];
}

/** Samples of one update, as it is written now. */
function updateOf(current: Current): number | null {
  const { batchSize, accumulation = 1 } = current;
  if (batchSize === null || !isOfMicrobatch(current)) return batchSize;
  return effectiveBatchSize(batchSize, accumulation);
}

/** Whether accumulation multiplies the size that is written: not that of a config or a whole update. */
export function isOfMicrobatch({ place, counts }: Pick<Current, 'place' | 'counts'>): boolean {
  return place === 'source' && counts !== 'global';
}

/** Whether the size counts the samples that a result speaks of: not tokens, nor completions. */
export function countsSamples({ counts }: Pick<Current, 'counts'>): boolean {
  return counts !== 'tokens' && counts !== 'completions';
}

/** What a rule of thumb suggests where nothing was measured; empty where no model type is known. */
export function ruleSuggestions(facts: Facts, language: Language): Suggestion[] {
  const { model, samples, batchSize, learningRate } = facts;
  const { t, tag } = language;
  if (!model || !countsSamples(facts)) return [];
  const rule = ruleOfThumb(model.type, samples?.count ?? null);
  if (rule.batchSize === batchSize) return [];
  const size = formatCount(rule.batchSize, tag);
  const titles: Record<ModelType, string> = {
    cnn: t('Use batch size {size} (rule of thumb for convolutional models)', { size }),
    rnn: t('Use batch size {size} (rule of thumb for recurrent models)', { size }),
    attention: t('Use batch size {size} (rule of thumb for models with attention)', { size }),
    dense: t('Use batch size {size} (rule of thumb for dense models)', { size }),
    mixed: t('Use batch size {size} (rule of thumb for models with mixed layer types)', { size }),
  };
  const title = titles[model.type];
  const alone = { title, batchSize: rule.batchSize, learningRate: null, accumulation: 1 };
  const rate = followingRate({ batchSize, learningRate }, rule.batchSize);
  if (rate === null || batchSize === null) return [alone];
  const withRate = t('{change} and scale the learning rate to {rate}', {
    change: title,
    rate: formatNumberShort(roundLearningRate(rate), tag, 3),
  });
  return [alone, { ...alone, title: withRate, learningRate: rate }];
}

/** The present learning rate as it follows a new batch size, by the square root; null if unknown. */
function followingRate(current: Current, batchSize: number): number | null {
  if (current.batchSize === null || current.learningRate === null) return null;
  const { batchSize: from, learningRate } = current;
  return scaledLearningRate(
    { rule: 'sqrt', optimizer: 'adam', batchSize: from, learningRate, noiseScale: null },
    batchSize,
  );
}

/** `2.4× faster to loss 0.30; memory 310 MB of 4 GB`: the numbers behind a recommendation. */
function evidence(
  result: SweepResult,
  from: number | null,
  to: number,
  language: Language,
): string[] {
  const { t, tag } = language;
  const parts: string[] = [];
  const comparison = from === null ? null : compare(result, from, to);
  const time = timeToTarget(to, result, language);
  if (comparison && comparison.timesFaster >= 1.05) {
    const { timesFaster, reached } = comparison;
    const times = formatNumberShort(timesFaster, tag);
    parts.push(
      reached === null
        ? t('{times}× the throughput', { times })
        : t('{times}× faster to {target}', { times, target: targetName(reached, language) }),
    );
  } else if (time !== null) parts.push(time);
  const bytes = peakBytesAt(result, to);
  const limit = result.memoryModel?.limitBytes ?? null;
  if (bytes !== null) {
    const values = { bytes: formatBytes(bytes, tag) };
    parts.push(
      limit === null
        ? t('memory {bytes}', values)
        : t('memory {bytes} of {limit}', { ...values, limit: formatBytes(limit, tag) }),
    );
  }
  return parts;
}

/** Learning rates are written with three digits, so equal to three digits is equal. */
function nearlyEqual(a: number, b: number): boolean {
  return Math.abs(a - b) <= 5e-3 * Math.max(a, b);
}

/** A learning rate as it is written into a file: three significant digits. */
export function roundLearningRate(rate: number): number {
  return Number(rate.toPrecision(3));
}
