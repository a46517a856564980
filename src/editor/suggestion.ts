import { formatBytes, formatCount, formatNumberShort, formatSeconds } from '../core/format';
import type { SweepResult } from '../core/result';
import { targetName } from './explanation';
import type { Language } from './language';
import { compare, peakBytesAt, trialAt } from './measurement';

/** A change that a code action offers. */
export interface Suggestion {
  readonly title: string;
  readonly batchSize: number;
  /** Null: the learning rate stays as it is. */
  readonly learningRate: number | null;
}

/**
 * What the latest sweep suggests instead of a batch size and learning rate; empty when both are the
 * recommended ones already or nothing is recommended.
 */
export function suggestions(
  result: SweepResult,
  current: { readonly batchSize: number | null; readonly learningRate: number | null },
  language: Language,
): Suggestion[] {
  const { t, tag } = language;
  const { recommendation } = result;
  if (!recommendation) return [];
  const { batchSize, learningRate } = recommendation;
  const size = formatCount(batchSize, tag);
  const rate = formatNumberShort(learningRate, tag, 3);
  const rateDiffers =
    current.learningRate === null || !nearlyEqual(current.learningRate, learningRate);
  if (current.batchSize === batchSize) {
    if (!rateDiffers) return [];
    return [
      {
        title: t('Use learning rate {rate} (measured with batch size {size})', { rate, size }),
        batchSize,
        learningRate,
      },
    ];
  }
  const why = evidence(result, current.batchSize, batchSize, language);
  const plain = why
    ? t('Use batch size {size} (measured: {why})', { size, why })
    : t('Use batch size {size} (measured)', { size });
  const withRate = why
    ? t('Use batch size {size} and learning rate {rate} (measured: {why})', { size, rate, why })
    : t('Use batch size {size} and learning rate {rate} (measured)', { size, rate });
  const alone = { title: plain, batchSize, learningRate: null };
  return rateDiffers ? [alone, { title: withRate, batchSize, learningRate }] : [alone];
}

/** `2.4× faster to loss 0.30; memory 310 MB of 4 GB`: the numbers behind a recommendation. */
function evidence(
  result: SweepResult,
  from: number | null,
  to: number,
  language: Language,
): string {
  const { t, tag } = language;
  const parts: string[] = [];
  const comparison = from === null ? null : compare(result, from, to);
  const times = comparison?.timesFaster ?? null;
  const seconds = trialAt(result, to)?.timeToTargetSeconds ?? null;
  if (comparison && times !== null && times >= 1.05) {
    const values = { times: formatNumberShort(times, tag), target: targetName(result, language) };
    parts.push(
      comparison.measuredIn === 'throughput'
        ? t('{times}× the throughput', values)
        : t('{times}× faster to {target}', values),
    );
  } else if (seconds !== null && result.target) {
    parts.push(
      t('{time} to {target}', {
        time: formatSeconds(seconds, tag),
        target: targetName(result, language),
      }),
    );
  }
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
  return parts.join('; ');
}

/** Learning rates are written with three digits, so equal to three digits is equal. */
function nearlyEqual(a: number, b: number): boolean {
  return Math.abs(a - b) <= 5e-3 * Math.max(a, b);
}

/** A learning rate as it is written into a file: three significant digits. */
export function roundLearningRate(rate: number): number {
  return Number(rate.toPrecision(3));
}
