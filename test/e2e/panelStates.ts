import type { SweepEvent } from '../../src/core/sweep/sweepEvent';
import type { SweepResult, Trial } from '../../src/core/sweep/result';
import { partOfSweep, sweepEvents } from '../unit/webview/sweepFixture';
import { ScriptedModel } from './panelPage';

/** Every state that the panel can be in, by name. */
export const panelStates: Readonly<Record<string, () => ScriptedModel>> = {
  none: () => new ScriptedModel({ config: null, configUri: null }),
  invalid: () =>
    new ScriptedModel({
      problems: [
        {
          message:
            '"tuning.budget" must be a number of seconds above 0 or a duration such as "90 s" or "2 min", not "2 minits".',
          place: 'batchwise.json:12:15',
          fix: null,
        },
        {
          message:
            'flowers.csv has no column "speceis" to take labels from. Did you mean "species"?',
          place: 'batchwise.json:6:14',
          fix: '"species"',
        },
      ],
    }),
  untrusted: () => new ScriptedModel({ trusted: false }),
  ready: () => new ScriptedModel(),
  preparing: () => new ScriptedModel({ starting: 'preparing' }),
  waiting: () => new ScriptedModel({ starting: 'waiting', waitingFor: 'mnist/batchwise.json' }),
  racing: () => new ScriptedModel({ events: partOfSweep(0.6) }),
  interrupted: () => new ScriptedModel({ events: partOfSweep(0.5), interrupted: true }),
  cancelled: () => new ScriptedModel({ events: [...partOfSweep(0.5), { type: 'cancelled' }] }),
  failed: () =>
    new ScriptedModel({
      events: [
        ...partOfSweep(0.1),
        {
          type: 'failed',
          error: { id: 'workerDied', values: { cause: 'SIGKILL' }, text: 'It died.' },
        },
      ],
    }),
  nothingFits: () =>
    changedResult((result) => ({
      ...result,
      recommendation: null,
      notes: [{ id: 'nothingFits', values: { batchSize: 8, limit: '2 MB' }, text: '' }],
    })),
  done: () => new ScriptedModel({ events: sweepEvents() }),
  compared: () => new ScriptedModel({ events: sweepEvents(), compared: slower(sweepEvents()) }),
  onePoint: () =>
    changedResult((result) => ({
      ...result,
      trials: result.trials.filter(({ batchSize }) => batchSize === 128),
    })),
  losers: () => changedResult((result) => ({ ...result, trials: result.trials.map(losing) })),
};

/** The same sweep on a slower device. */
function slower(events: readonly SweepEvent[]): SweepEvent[] {
  return events.map((event) =>
    event.type === 'finished'
      ? {
          ...event,
          result: {
            ...event.result,
            trials: event.result.trials.map((trial) => ({
              ...trial,
              loss: trial.loss.map((point) => ({
                ...point,
                validation: point.validation && point.validation * 1.15,
              })),
              timeToTargetSeconds: trial.timeToTargetSeconds && trial.timeToTargetSeconds * 1.7,
              timeToTargetInterval: null,
            })),
          },
        }
      : event,
  );
}

function changedResult(change: (result: SweepResult) => SweepResult): ScriptedModel {
  const events = sweepEvents().map((event): SweepEvent =>
    event.type === 'finished' ? { ...event, result: change(event.result) } : event,
  );
  return new ScriptedModel({ events });
}

/** Small sizes were only probed, large ones stopped soon. */
function losing(trial: Trial): Trial {
  if (trial.batchSize < 32)
    return { ...trial, phase: 'probe', stopReason: 'probed', loss: [], timeToTargetSeconds: null };
  if (trial.batchSize !== 64 && trial.batchSize < 512) return trial;
  return {
    ...trial,
    stopReason: trial.stopReason && 'slower than the best',
    loss: trial.loss.slice(0, 12),
    timeToTargetSeconds: null,
    timeToTargetInterval: null,
  };
}
