import type { Text } from '../../core/text/problem';
import type { Target, Trial } from '../../core/sweep/result';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { ResumedTrial, SweepContext } from '../context/sweepContext';
import { readNewestSweep } from './runLog';

/** What a cut-off sweep leaves to the next. */
export interface Resumed {
  /** By id: finished, or probed with its step time and memory. */
  readonly trials: ReadonlyMap<string, ResumedTrial>;
  readonly target: Target | null;
  /** The metric before training, by seed. */
  readonly starts: ReadonlyMap<number, number>;
  readonly noiseScale: number | null;
  readonly seconds: number;
  readonly samplesTrained: number;
}

interface Resumption {
  /** Null where there is nothing to resume. */
  readonly resumed: Resumed | null;
  /** Says which, and why. */
  readonly note: Text;
}

/** What the newest sweep finished, if it was cut off and nothing it depends on changed. */
export function resumeFrom(configFile: string, fingerprint: string, seed: number): Resumption {
  const last = readNewestSweep(configFile);
  if (!last) return { resumed: null, note: { id: 'resumeNothing', values: {} } };
  return resumption(last.events, fingerprint, seed);
}

/** Emits what an earlier sweep had found, so that this one's log can be resumed alone. */
export function emitEarlier(context: SweepContext): void {
  const { emit, findings, resumedTrials, earlierSeconds: spentSeconds } = context;
  findings.emitKnown();
  const { samplesTrained } = findings;
  for (const { trial, finished } of resumedTrials.values()) {
    emit(
      finished
        ? { type: 'trialFinished', trial, spentSeconds, samplesTrained }
        : { type: 'trialUpdated', trial },
    );
  }
}

/** As resumeFrom, from the events of a log; a log may end anywhere. */
export function resumption(
  events: readonly SweepEvent[],
  fingerprint: string,
  seed: number,
): Resumption {
  const [first] = events;
  if (first?.type === 'failed' && first.error.id === 'logNewer') {
    return { resumed: null, note: { id: 'logNewer', values: {} } };
  }
  const started = events.find((event) => event.type === 'started');
  if (!started) return { resumed: null, note: { id: 'resumeNothing', values: {} } };
  if (events.some(({ type }) => type === 'finished')) {
    return { resumed: null, note: { id: 'resumeFinished', values: {} } };
  }
  if (started.fingerprint !== fingerprint || started.seed !== seed) {
    return { resumed: null, note: { id: 'resumeChanged', values: {} } };
  }
  const resumed = resumedOf(events);
  const trials = [...resumed.trials.values()].filter(({ finished }) => finished).length;
  return { resumed, note: { id: 'resumed', values: { at: started.at, trials } } };
}

function resumedOf(events: readonly SweepEvent[]): Resumed {
  const trials = new Map<string, ResumedTrial>();
  const starts = new Map<number, number>();
  for (const event of events) {
    if (event.type === 'trialUpdated' && event.trial.stopReason === 'probed') {
      trials.set(event.trial.id, { trial: probedOnly(event.trial), finished: false });
    }
    if (event.type === 'trialFinished' && event.trial.status !== 'skipped') {
      trials.set(event.trial.id, { trial: event.trial, finished: true });
    }
    if (event.type === 'startEvaluated') starts.set(event.seed, event.value);
  }
  const spent = events.findLast((event) => event.type === 'trialFinished');
  return {
    trials,
    starts,
    target: events.findLast((event) => event.type === 'target')?.target ?? null,
    noiseScale:
      [...trials.values()].find(({ trial }) => trial.gradientNoiseScale !== null)?.trial
        .gradientNoiseScale ?? null,
    seconds: spent?.spentSeconds ?? 0,
    samplesTrained: spent?.samplesTrained ?? 0,
  };
}

/** Its weights are gone, so that it trains again from the start; what was measured of time and memory holds. */
function probedOnly(trial: Trial): Trial {
  return { ...trial, iterations: 0, loss: [], noise: [], gradientNoiseScale: null };
}
