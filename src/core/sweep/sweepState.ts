import type {
  BackendInfo,
  DatasetInfo,
  MemoryModel,
  ModelType,
  Recommendation,
  RenderedText,
  StepFit,
  Target,
  Trial,
} from './result';
import type { SweepEvent } from './sweepEvent';

type SweepStatus = 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

/** All that is known of a sweep at one moment; null is not known yet. */
export interface SweepState {
  readonly status: SweepStatus;
  readonly started: Extract<SweepEvent, { type: 'started' }> | null;
  readonly modelType: ModelType | null;
  readonly backend: BackendInfo | null;
  readonly dataset: DatasetInfo | null;
  readonly limitBytes: number | null;
  readonly trials: readonly Trial[];
  /** Ids of trials that have started and not finished: they pause while another one trains. */
  readonly running: readonly string[];
  /** The trial that was heard of last, as long as it is running; null between trials. */
  readonly active: string | null;
  readonly target: Target | null;
  readonly probe: { readonly stopReason: string; readonly stepFit: StepFit | null } | null;
  readonly memoryModel: MemoryModel | null;
  readonly recommendation: Recommendation | null;
  /** The sweep goes on, and the recommendation may change. */
  readonly isProvisional: boolean;
  readonly progress: {
    readonly text: RenderedText;
    readonly fraction: number;
    readonly secondsLeft: number | null;
    readonly mostSecondsLeft: number | null;
  } | null;
  readonly error: RenderedText | null;
  readonly cost: { readonly seconds: number; readonly samplesTrained: number } | null;
  /** ISO 8601 time the sweep ended, null while it runs. */
  readonly finishedAt: string | null;
}

export const emptySweep: SweepState = {
  status: 'running',
  started: null,
  modelType: null,
  backend: null,
  dataset: null,
  limitBytes: null,
  trials: [],
  running: [],
  active: null,
  target: null,
  probe: null,
  memoryModel: null,
  recommendation: null,
  isProvisional: false,
  progress: null,
  error: null,
  cost: null,
  finishedAt: null,
};

/** The state after one more event. Pure: terminal, panel and run log share it. */
export function reduceSweep(state: SweepState, event: SweepEvent): SweepState {
  switch (event.type) {
    case 'started':
      return { ...emptySweep, started: event };
    case 'prepared':
      return {
        ...state,
        modelType: event.modelType,
        backend: event.backend,
        dataset: event.dataset,
        limitBytes: event.limitBytes,
      };
    case 'progress':
      return {
        ...state,
        // One that was cancelled and goes on loads its data before it has `started` again.
        status: 'running',
        progress: {
          text: event.text,
          fraction: event.fraction,
          secondsLeft: event.secondsLeft,
          mostSecondsLeft: event.mostSecondsLeft ?? null,
        },
      };
    case 'trialStarted':
      return {
        ...state,
        running: [...state.running.filter((id) => id !== event.id), event.id],
        active: event.id,
        trials: withTrial(state.trials, beginningTrial(event, state.started?.seed ?? 0)),
      };
    case 'lossPoint':
      return {
        ...state,
        active: event.id,
        trials: state.trials.map((trial) =>
          trial.id === event.id ? { ...trial, loss: [...trial.loss, event.point] } : trial,
        ),
      };
    case 'trialUpdated':
      return { ...state, active: event.trial.id, trials: withTrial(state.trials, event.trial) };
    case 'trialFinished':
      return {
        ...state,
        running: state.running.filter((id) => id !== event.trial.id),
        active: state.active === event.trial.id ? null : state.active,
        trials: withTrial(state.trials, event.trial),
      };
    case 'startEvaluated':
      return state;
    case 'target':
      return { ...state, target: event.target };
    case 'probeFinished':
      return { ...state, probe: { stopReason: event.stopReason, stepFit: event.stepFit } };
    case 'memoryModel':
      return { ...state, memoryModel: event.memoryModel };
    case 'recommended':
      return {
        ...state,
        recommendation: event.recommendation,
        isProvisional: event.isProvisional ?? false,
      };
    case 'finished':
      return {
        ...state,
        status: 'done',
        running: [],
        active: null,
        progress: null,
        modelType: event.result.modelType,
        backend: event.result.backend,
        dataset: event.result.dataset,
        trials: event.result.trials,
        target: event.result.target,
        probe: event.result.probe,
        memoryModel: event.result.memoryModel,
        recommendation: event.result.recommendation,
        isProvisional: false,
        cost: event.result.cost,
        finishedAt: event.result.finishedAt,
      };
    case 'failed':
      return {
        ...state,
        status: 'failed',
        running: [],
        active: null,
        progress: null,
        error: event.error,
      };
    case 'cancelled':
      return { ...state, status: 'cancelled', running: [], active: null, progress: null };
  }
}

function withTrial(trials: readonly Trial[], trial: Trial): readonly Trial[] {
  const index = trials.findIndex(({ id }) => id === trial.id);
  return index < 0 ? [...trials, trial] : trials.with(index, trial);
}

function beginningTrial(
  event: Extract<SweepEvent, { type: 'trialStarted' }>,
  sweepSeed: number,
): Trial {
  return {
    id: event.id,
    batchSize: event.batchSize,
    phase: event.phase,
    purpose: event.purpose,
    seed: event.seed ?? sweepSeed,
    status: 'ok',
    stopReason: null,
    stepMs: null,
    stepMsInterval: null,
    samplesPerSecond: null,
    peakBytes: null,
    processPeakBytes: null,
    memory: null,
    iterations: 0,
    learningRate: event.learningRate,
    gradientAccumulation: event.gradientAccumulation ?? 1,
    schedule: event.schedule ?? null,
    gradientNoiseScale: null,
    noise: [],
    loss: [],
    timeToTargetSeconds: null,
    timeToTargetInterval: null,
    predictedTimeToTargetSeconds: null,
    evaluationSeconds: 0,
    error: null,
  };
}
