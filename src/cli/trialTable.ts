import Table from 'cli-table3';
import {
  formatBytes,
  formatCount,
  formatLoss,
  formatNumberShort,
  formatSeconds,
} from '../core/text/format';
import type { SweepResult, Trial } from '../core/sweep/result';
import type { Language } from './language';

const unknown = '–';

/** Heads and rows of the trials, as table and reports show them. */
export function trialRows(
  result: Pick<SweepResult, 'trials' | 'target' | 'recommendation'>,
  { say, tag }: Language,
): { head: string[]; rows: string[][] } {
  const withAccuracy = result.trials.some(({ loss }) => loss.at(-1)?.accuracy != null);
  const head = [
    say('columnBatchSize'),
    say('columnStatus'),
    say('columnStep'),
    say('columnThroughput'),
    say('columnMemory'),
    say('columnEpochs'),
    say('columnLoss'),
    ...(withAccuracy ? [say('columnAccuracy')] : []),
    say('columnTimeToTarget'),
    say('columnLearningRate'),
  ];
  const number = (value: number | null | undefined, format: (value: number) => string) =>
    value === null || value === undefined ? unknown : format(value);
  const rows = [...result.trials]
    .sort((a, b) => a.batchSize - b.batchSize)
    .map((trial) => {
      const last = trial.loss.at(-1);
      const mark = isRecommended(trial, result.recommendation) ? ' ◀' : '';
      return [
        `${formatCount(trial.batchSize, tag)}${mark}`,
        statusOf(trial),
        number(trial.stepMs, (ms) => formatNumberShort(ms, tag, 3)),
        number(trial.samplesPerSecond, (rate) => formatCount(rate, tag)),
        number(trial.peakBytes, (bytes) => formatBytes(bytes, tag)),
        number(last?.epoch, (epoch) => formatNumberShort(epoch, tag, 3)),
        number(last?.validation, (loss) => formatLoss(loss, tag)),
        ...(withAccuracy ? [number(last?.accuracy, (accuracy) => formatLoss(accuracy, tag))] : []),
        number(trial.timeToTargetSeconds, (seconds) => formatSeconds(seconds, tag)),
        formatNumberShort(trial.learningRate, tag, 3),
      ];
    });
  return { head, rows };
}

/** The recommended size, at the recommended learning rate. */
function isRecommended(trial: Trial, recommendation: SweepResult['recommendation']): boolean {
  return (
    trial.batchSize === recommendation?.batchSize &&
    trial.learningRate === recommendation.learningRate
  );
}

/** The trials as a table for a terminal, without colours. */
export function trialTable(
  result: Pick<SweepResult, 'trials' | 'target' | 'recommendation'>,
  language: Language,
): string {
  const { head, rows } = trialRows(result, language);
  return plainTable(head, rows);
}

/** A table with lines; numbers stand at the right, the second column (words) at the left. */
export function plainTable(head: string[], rows: string[][], wordColumns = [1]): string {
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => (wordColumns.includes(column) ? 'left' : 'right')),
  });
  table.push(...rows);
  return table.toString();
}

/** The status in a word, and why the trial ended. */
export function statusOf({ status, stopReason }: Trial): string {
  return stopReason === null || stopReason === status ? status : `${status}: ${stopReason}`;
}
