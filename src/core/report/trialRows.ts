import {
  formatBytes,
  formatCount,
  formatLoss,
  formatNumberShort,
  formatSeconds,
} from '../text/format';
import {
  accuracyName,
  lastMetrics,
  metricNames,
  timesOfSizes,
  type SizeTime,
} from '../sweep/readings';
import type { SweepResult, Trial } from '../sweep/result';
import { purposeText, statusText, stopReasonText } from '../sweep/trialTexts';
import { render, type Language, type Translate } from '../text/problem';

const unknown = '–';

/**
 * Heads and rows of the trials, as table and reports show them; a size's first row shows its time.
 *
 * @param shows which metrics have a column; all of them may be too many for a terminal
 */
export function trialRows(
  result: Pick<SweepResult, 'trials' | 'target' | 'recommendation'>,
  { say, tag, translate }: Language,
  shows: (metric: string) => boolean,
): { head: string[]; rows: string[][] } {
  const metrics = metricNames(result.trials).filter(shows);
  const head = [
    say('columnBatchSize'),
    say('columnStatus'),
    say('columnStep'),
    say('columnThroughput'),
    say('columnMemory'),
    say('columnEpochs'),
    say('columnLoss'),
    ...metrics.map((name) => (name === accuracyName ? say('columnAccuracy') : name)),
    say('columnTimeToTarget'),
    say('columnLearningRate'),
  ];
  const number = (value: number | null | undefined, format: (value: number) => string) =>
    value === null || value === undefined ? unknown : format(value);
  const times = timesOfSizes(result);
  const timeText = (trial: Trial, time: SizeTime | undefined) => {
    if (!time) return number(trial.timeToTargetSeconds, (seconds) => formatSeconds(seconds, tag));
    const seconds = formatSeconds(time.seconds, tag);
    const shown = time.isLowerBound ? `≥ ${seconds}` : seconds;
    return time.seeds > 1 ? say('cliMeanOfSeeds', { time: shown, seeds: time.seeds }) : shown;
  };
  const rows = [...result.trials]
    .sort((a, b) => a.batchSize - b.batchSize)
    .map((trial) => {
      const last = trial.loss.at(-1);
      const measured = lastMetrics(trial);
      const mark = isRecommended(trial, result.recommendation) ? ' ◀' : '';
      return [
        `${formatCount(trial.batchSize, tag)}${mark}`,
        statusOf(trial, translate),
        number(trial.stepMs, (ms) => formatNumberShort(ms, tag, 3)),
        number(trial.samplesPerSecond, (rate) => formatCount(rate, tag)),
        number(trial.peakBytes, (bytes) => formatBytes(bytes, tag)),
        number(last?.epoch, (epoch) => formatNumberShort(epoch, tag, 3)),
        number(last?.validation, (loss) => formatLoss(loss, tag)),
        ...metrics.map((name) => number(measured.get(name), (value) => formatLoss(value, tag))),
        timeText(
          trial,
          times.find((time) => time.trial === trial),
        ),
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

/** The status in a word, why the trial ended, and what it was for beside the race. */
export function statusOf(trial: Trial, translate: Translate): string {
  const { status, stopReason, purpose } = trial;
  const said = [
    render(statusText(status), translate),
    ...(stopReason === null || stopReason === status ? [] : [reasonText(stopReason, translate)]),
  ].join(': ');
  const what = purpose && purposeText(purpose);
  return what ? `${said} (${render(what, translate)})` : said;
}

/** A stop reason of another version stays as it was written. */
function reasonText(reason: string, translate: Translate): string {
  const text = stopReasonText(reason);
  return text ? render(text, translate) : reason;
}
