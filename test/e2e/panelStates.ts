import { confidenceText, type Confidence } from '../../src/core/sweep/confidence';
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
  probing: () => new ScriptedModel({ events: probing() }),
  racing: () => new ScriptedModel({ events: [...partOfSweep(0.6), aheadSoFar()] }),
  interrupted: () => new ScriptedModel({ events: partOfSweep(0.5), interrupted: true }),
  cancelled: () => new ScriptedModel({ events: [...partOfSweep(0.5), { type: 'cancelled' }] }),
  resuming: () =>
    new ScriptedModel({
      events: [...partOfSweep(0.5), { type: 'cancelled' }],
      starting: 'preparing',
    }),
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
      target: null,
      memoryModel: null,
      probe: { stopReason: 'memory', stepFit: null },
      trials: result.trials
        .filter(({ status }) => status === 'out-of-memory')
        .map((trial) => ({ ...trial, id: '8-1', batchSize: 8, phase: 'probe' as const })),
      notes: [{ id: 'nothingFits', values: { batchSize: 8, limit: '2 MB' }, text: '' }],
    })),
  cannotLearn: () =>
    changedResult((result) => ({
      ...result,
      recommendation: null,
      target: null,
      trials: result.trials.slice(0, 4).map(probed),
      notes: [
        {
          id: 'notLearned',
          values: {
            batchSize: 32,
            metric: 'loss',
            value: 2.3,
            start: 2.3,
            epochs: 1.4,
            updates: 500,
            budget: '8 min',
          },
          text: '',
        },
      ],
    })),
  estimated: () => changedResult(estimated),
  done: () => changedResult((result) => withConfidence(result, tied)),
  sure: () => changedResult((result) => withConfidence(result, sure)),
  outOfDate: () =>
    new ScriptedModel({ events: sweepEvents(), changedFiles: ['train.csv', 'model.json'] }),
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

/** Three sizes of a model too slow for the budget were measured, and none was trained. */
function estimated(result: SweepResult): SweepResult {
  if (!result.recommendation) throw new Error('fixture');
  const batchSize = 16;
  const fast = {
    batchSize,
    step: '221 ms',
    samplesPerSecond: 72.4,
    sizes: '16, 32, 64',
    times: 1.1,
  };
  const slow = {
    ...{ batchSize: 32, step: '675 ms', left: '38.6 s', updates: 57 },
    ...{ least: '80 s', budget: '57 min', epochs: 5 },
  };
  return {
    ...result,
    recommendation: {
      ...result.recommendation,
      batchSize,
      reasons: [
        { id: 'estimatedFast', values: fast, text: '' },
        { id: 'estimateOnly', values: {}, text: '' },
        { id: 'memoryOfLimit', values: { memory: '30.7 MB', limit: '3.43 GB' }, text: '' },
      ],
      alternatives: [{ objective: 'throughput', batchSize: 64, learningRate: 0.001 }],
      isEstimate: true,
      confidence: null,
    },
    target: null,
    trials: result.trials
      .filter(({ batchSize }) => [16, 32, 64].includes(batchSize))
      .map((trial) => ({ ...probed(trial), status: 'skipped' })),
    notes: [{ id: 'tooSlowToCompare', values: slow, text: '' }],
  };
}

/** Small sizes were only probed, large ones stopped soon. */
function losing(trial: Trial): Trial {
  if (trial.batchSize < 32) return probed(trial);
  if (trial.batchSize !== 64 && trial.batchSize < 512) return trial;
  return {
    ...trial,
    stopReason: trial.stopReason && 'slower than the best',
    loss: trial.loss.slice(0, 12),
    timeToTargetSeconds: null,
    timeToTargetInterval: null,
  };
}

const beaten = [32, 64, 512].map((batchSize) => ({
  batchSize,
  seeds: 1,
  times: 1.3 + Math.abs(Math.log2(batchSize / 128)) / 4,
  interval: [1.1, batchSize === 32 ? null : 2.2] as [number, number | null],
}));
const probedOnly = { batchSize: 8, why: 'probed' as const };
const tied: Confidence = {
  isSure: false,
  beat: beaten,
  tied: [{ batchSize: 256, seeds: 2, times: 1.04, interval: [0.95, 1.14] }],
  notCompared: [probedOnly],
};
const sure: Confidence = { isSure: true, beat: beaten, tied: [], notCompared: [probedOnly] };

function withConfidence(result: SweepResult, confidence: Confidence): SweepResult {
  const told = confidenceText(confidence);
  const [main, ...others] = result.recommendation?.reasons ?? [];
  if (!result.recommendation || !main || !told) throw new Error('fixture');
  const reasons = [main, { ...told, values: { ...told.values }, text: '' }, ...others];
  return { ...result, recommendation: { ...result.recommendation, reasons, confidence } };
}

/** A recommendation on the way. */
function aheadSoFar(): SweepEvent {
  const end = sweepEvents().find((event) => event.type === 'finished');
  const recommendation = end && withConfidence(end.result, tied).recommendation;
  return { type: 'recommended', recommendation: recommendation ?? null, isProvisional: true };
}

function probed(trial: Trial): Trial {
  return { ...trial, phase: 'probe', stopReason: 'probed', loss: [], timeToTargetSeconds: null };
}

/** Four sizes were probed, and a fifth is. */
function probing(): SweepEvent[] {
  const begun = sweepEvents().filter(({ type }) => type === 'started' || type === 'prepared');
  const trials = sweepEvents().flatMap((event) =>
    event.type === 'trialFinished' ? [probed(event.trial)] : [],
  );
  const [first] = trials.slice(4);
  if (!first) throw new Error('fixture');
  const { id, batchSize, learningRate } = first;
  return [
    ...begun,
    ...trials.slice(0, 4).map((trial) => ({ type: 'trialFinished' as const, trial })),
    { type: 'trialStarted', id, batchSize, learningRate, phase: 'probe', purpose: 'probe' },
    {
      type: 'progress',
      text: { id: 'progressProbing', values: { batchSize }, text: '' },
      fraction: 0.06,
      secondsLeft: null,
      mostSecondsLeft: 112,
    },
  ];
}
