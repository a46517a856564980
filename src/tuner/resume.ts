import type { Text } from '../core/problem';
import type { Target, Trial } from '../core/result';
import { readNewestSweep } from './runLog';

/** What a cut-off sweep leaves to the next. */
export interface Resumed {
  readonly trials: readonly Trial[];
  readonly target: Target | null;
  readonly seconds: number;
  readonly samplesTrained: number;
}

export type Resumption =
  { readonly kept: Resumed; readonly told: Text } | { readonly kept: null; readonly told: Text };

/** The finished trials of the newest sweep, if it was cut off and nothing it depends on changed. */
export function resumeFrom(configFile: string, fingerprint: string, seed: number): Resumption {
  const last = readNewestSweep(configFile);
  const started = last?.events.find((event) => event.type === 'started');
  if (!last || !started) return { kept: null, told: { id: 'resumeNothing', values: {} } };
  if (last.events.some(({ type }) => type === 'finished')) {
    return { kept: null, told: { id: 'resumeFinished', values: {} } };
  }
  if (started.fingerprint !== fingerprint || started.seed !== seed) {
    return { kept: null, told: { id: 'resumeChanged', values: {} } };
  }
  const finished = last.events.flatMap((event) => (event.type === 'trialFinished' ? [event] : []));
  const trials = finished.map(({ trial }) => trial).filter(({ status }) => status !== 'skipped');
  const target = last.events.findLast((event) => event.type === 'target')?.target ?? null;
  const spent = finished.at(-1);
  return {
    kept: {
      trials,
      target,
      seconds: spent?.spentSeconds ?? 0,
      samplesTrained: spent?.samplesTrained ?? 0,
    },
    told: { id: 'resumed', values: { at: started.at, trials: trials.length } },
  };
}
