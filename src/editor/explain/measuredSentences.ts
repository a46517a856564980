import { timeOfSize } from '../../core/sweep/readings';
import type { SweepResult } from '../../core/sweep/result';
import {
  formatBytes,
  formatCount,
  formatList,
  formatLoss,
  formatNumberShort,
  formatSeconds,
} from '../../core/text/format';
import { escapeMarkdown, type Language } from '../language';
import {
  compare,
  engineMarkdown,
  peakBytesAt,
  secondsPerEpoch,
  trialAt,
  type Reached,
} from './measurement';

/** What hovers say of the latest sweep, in Markdown. */

/** What the latest sweep measured at a size, and where that stands. */
export function measured(batchSize: number, result: SweepResult, language: Language): string {
  return [
    measuredSentence(batchSize, result, language),
    ...standingSentence(batchSize, result, language),
  ].join(' ');
}

function measuredSentence(batchSize: number, result: SweepResult, language: Language): string {
  const { t, tag } = language;
  const trial = trialAt(result, batchSize);
  const engine = t('Measured with {engine} on {device}', {
    engine: engineMarkdown(result),
    device: escapeMarkdown(result.backend.device),
  });
  if (!trial) return t('{measured}, but not at this size.', { measured: engine });
  if (trial.status === 'out-of-memory')
    return t('{measured}: this size ran **out of memory**.', { measured: engine });
  if (trial.status === 'diverged')
    return t('{measured}: training **diverged** at this size and learning rate.', {
      measured: engine,
    });
  const seconds = secondsPerEpoch(trial, result.dataset.samples);
  const bytes = peakBytesAt(result, batchSize);
  const parts = [
    trial.stepMs === null
      ? null
      : t('{time} per iteration', { time: formatSeconds(trial.stepMs / 1000, tag) }),
    seconds === null ? null : t('{time} per epoch', { time: formatSeconds(seconds, tag) }),
    bytes === null ? null : memorySentence(bytes, result, language),
    timeToTarget(batchSize, result, language),
  ].filter((part) => part !== null);
  return parts.length === 0
    ? t('{measured}, without timings at this size.', { measured: engine })
    : `${engine}: ${parts.join('; ')}.`;
}

/** What a size took to the target, as sizes are compared; null where it did not get there. */
export function timeToTarget(
  batchSize: number,
  result: SweepResult,
  language: Language,
): string | null {
  const { t, tag } = language;
  const time = timeOfSize(result, batchSize);
  if (!time || !result.target) return null;
  const values = {
    time: formatSeconds(time.seconds, tag),
    target: targetName(result.target, language),
  };
  return time.isLowerBound
    ? t('at least {time} to {target}', values)
    : t('{time} to {target}', values);
}

function memorySentence(bytes: number, result: SweepResult, { t, tag }: Language): string {
  const limit = result.memoryModel?.limitBytes ?? null;
  const values = {
    bytes: formatBytes(bytes, tag),
    limit: limit === null ? '' : formatBytes(limit, tag),
  };
  return limit === null ? t('memory {bytes}', values) : t('memory {bytes} of {limit}', values);
}

/** `loss 0.30`, in the person's language. */
export function targetName(target: Reached, { t, tag }: Language): string {
  const value = formatLoss(target.value, tag);
  return target.metric === 'loss' ? t('loss {value}', { value }) : t('accuracy {value}', { value });
}

function standingSentence(batchSize: number, result: SweepResult, language: Language): string[] {
  const { t, tag } = language;
  const { recommendation } = result;
  if (!recommendation) return [];
  if (recommendation.isEstimate) {
    const size = formatCount(recommendation.batchSize, tag);
    return [t('Estimated from speed alone: **{size}**.', { size })];
  }
  if (recommendation.batchSize === batchSize) {
    const tied = (recommendation.confidence?.tied ?? [])
      .map((other) => other.batchSize)
      .toSorted((a, b) => a - b);
    if (tied.length === 0) return [t('This is the **recommended** size.')];
    const sizes = formatList(
      tied.map((each) => formatCount(each, tag)),
      tag,
    );
    return [t('This is the **recommended** size; {sizes} could not be told apart.', { sizes })];
  }
  const size = formatCount(recommendation.batchSize, tag);
  const comparison = compare(result, batchSize, recommendation.batchSize);
  if (!comparison || comparison.timesFaster <= 1) return [t('Recommended: **{size}**.', { size })];
  const { reached } = comparison;
  const times = formatNumberShort(comparison.timesFaster, tag);
  return [
    reached === null
      ? t('Recommended: **{size}**, {times}× the throughput.', { size, times })
      : t('Recommended: **{size}**, {times}× faster to {target}.', {
          size,
          times,
          target: targetName(reached, language),
        }),
  ];
}

/** What a training of some epochs takes at a size, as measured; nothing where that is not known. */
export function trainingTime(
  batchSize: number | null,
  epochs: number | null,
  result: SweepResult | null,
  { t, tag }: Language,
): string[] {
  if (batchSize === null || epochs === null || !result) return [];
  const trial = trialAt(result, batchSize);
  const seconds = trial && secondsPerEpoch(trial, result.dataset.samples);
  if (seconds === null) return [];
  return [
    t('Measured with {engine}: {epoch} per epoch, {total} of training in total.', {
      engine: engineMarkdown(result),
      epoch: formatSeconds(seconds, tag),
      total: formatSeconds(seconds * epochs, tag),
    }),
  ];
}
