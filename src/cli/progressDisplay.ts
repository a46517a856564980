import { createLogUpdate } from 'log-update';
import {
  formatBytes,
  formatCount,
  formatLoss,
  formatNumberShort,
  formatSeconds,
  formatList,
} from '../core/text/format';
import { inLanguage } from '../core/sweep/renderedText';
import { statusOf } from '../core/report/trialRows';
import type { Trial } from '../core/sweep/result';
import type { SweepEvent } from '../core/sweep/sweepEvent';
import { timeLeftText } from '../core/sweep/timeLeft';
import { emptySweep, reduceSweep, type SweepState } from '../core/sweep/sweepState';
import type { Language } from '../core/text/problem';
import { trialTable } from './trialTable';

/** Shows a sweep while it runs. */
interface ProgressDisplay {
  readonly event: (event: SweepEvent) => void;
  readonly note: (text: string) => void;
  /** Leaves the last state on the screen. */
  readonly end: () => void;
}

/** A live display on a terminal, plain lines elsewhere. */
export function progressDisplay(stream: NodeJS.WriteStream, language: Language): ProgressDisplay {
  return stream.isTTY && process.env['TERM'] !== 'dumb'
    ? liveDisplay(stream, language)
    : plainDisplay(stream, language);
}

function liveDisplay(stream: NodeJS.WriteStream, language: Language): ProgressDisplay {
  const update = createLogUpdate(stream);
  let state = emptySweep;
  let lastDraw = 0;
  const draw = () => {
    lastDraw = performance.now();
    update(liveText(state, language, stream.columns));
  };
  return {
    event: (event) => {
      state = reduceSweep(state, event);
      if (event.type === 'progress' || performance.now() - lastDraw > 200) draw();
    },
    note: (text) => {
      update.clear();
      stream.write(`${text}\n`);
      draw();
    },
    end: () => {
      update.clear();
      update.done();
    },
  };
}

function liveText(state: SweepState, language: Language, columns: number): string {
  const { progress } = state;
  const lines: string[] = [];
  if (state.trials.length > 0) {
    const table = trialTable({ ...state, trials: [...state.trials] }, language);
    // A line that wraps cannot be redrawn in place.
    lines.push(...table.split('\n').map((line) => line.slice(0, Math.max(20, columns - 1))));
  }
  if (state.isProvisional && state.recommendation) {
    const batchSize = formatCount(state.recommendation.batchSize, language.tag);
    lines.push(language.say('cliProvisionalLine', { batchSize }).slice(0, columns - 1));
  }
  if (progress) {
    const width = 24;
    const done = Math.round(progress.fraction * width);
    const bar = `${'█'.repeat(done)}${'░'.repeat(width - done)}`;
    lines.push(
      `${bar} ${Math.round(progress.fraction * 100)}%  ${progressText(progress, language)}`.slice(
        0,
        columns - 1,
      ),
    );
  }
  return lines.join('\n');
}

function progressText(progress: NonNullable<SweepState['progress']>, language: Language): string {
  const text = inLanguage(progress.text, language);
  const left = timeLeftText(progress, language.tag);
  return left ? `${text} · ${language.say(left.id, left.values)}` : text;
}

function plainDisplay(stream: NodeJS.WriteStream, language: Language): ProgressDisplay {
  const { say, tag } = language;
  let lastText = '';
  let lastAhead = '';
  const line = (text: string) => {
    stream.write(`${text}\n`);
  };
  return {
    event: (event) => {
      if (event.type === 'progress') {
        const text = inLanguage(event.text, language);
        if (text !== lastText) line(`${Math.round(event.fraction * 100)}% ${text}`);
        lastText = text;
      } else if (event.type === 'prepared') {
        const { name: backend, device } = event.backend;
        const samples = formatCount(event.dataset.samples, tag);
        line(say('cliPreparedLine', { samples, backend, device }));
      } else if (event.type === 'target') {
        const { metric, value } = event.target;
        line(say('cliTargetLine', { metric, target: formatLoss(value, tag) }));
      } else if (event.type === 'recommended' && event.isProvisional && event.recommendation) {
        const batchSize = formatCount(event.recommendation.batchSize, tag);
        const text = say('cliProvisionalLine', { batchSize });
        if (text !== lastAhead) line(text);
        lastAhead = text;
      } else if (event.type === 'trialFinished') {
        const { batchSize } = event.trial;
        line(say('cliTrialLine', { batchSize, summary: trialSummary(event.trial, language) }));
      }
    },
    note: line,
    end: () => undefined,
  };
}

function trialSummary(trial: Trial, language: Language): string {
  const { say, tag, translate } = language;
  const { stepMs, peakBytes, timeToTargetSeconds, error } = trial;
  const parts = [
    statusOf(trial, translate),
    ...(stepMs === null ? [] : [`${formatNumberShort(stepMs, tag, 3)} ms`]),
    ...(peakBytes === null ? [] : [formatBytes(peakBytes, tag)]),
    ...(timeToTargetSeconds === null
      ? []
      : [`${say('columnTimeToTarget')} ${formatSeconds(timeToTargetSeconds, tag)}`]),
    ...(error === null ? [] : [inLanguage(error, language)]),
  ];
  return formatList(parts, tag);
}
