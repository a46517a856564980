import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { parseDuration } from '../config/units';
import { EvaluationGrid, evaluationPart } from '../planner/race/evaluationGrid';
import { scaledLearningRate } from '../core/batches/learningRate';
import { withEnglish } from '../core/sweep/renderedText';
import { problem, type Problem, type Text } from '../core/text/problem';
import { firstFailure } from '../core/sweep/attempts';
import { recommend } from '../planner/advice/recommend';
import type { Objective, SweepResult, Target, Trial } from '../core/sweep/result';
import type { SweepEvent } from '../core/sweep/sweepEvent';
import { capabilitiesOf, type Prepared } from '../protocol/trainer';
import { fingerprintOf, inputsOf } from './history/fingerprint';
import { notesAtEnd, notesAtStart, notesOfReading, notesOfResult } from './context/sweepNotes';
import { failureCause, InputsChanged, LoadedTrainer } from './process/loadedTrainer';
import { lockMachine } from './history/machineLock';
import { probe, type Probe, type ProbePlan } from './steps/probe';
import { memoryModelOf, stepFitOf } from './steps/probeFits';
import { emitEarlier, resumeFrom, type Resumed } from './history/resume';
import { reusable } from './history/reuse';
import { RunLog } from './history/runLog';
import { Findings } from './context/findings';
import { StepTimes } from './context/stepTimes';
import {
  BudgetClock,
  SweepCancelled,
  throwIfCancelled,
  type SweepContext,
} from './context/sweepContext';
import type { SweepOptions, SweepOutcome } from './sweepOptions';
import { ladderOf, limitBytesOf, startedEvent } from './sweepPlan';
import { SweepProgress } from './context/sweepProgress';
import type { Reading } from './process/trainerProcess';
import { train } from './steps/train';
import type { TrialRun } from './trial/trialRun';
import { causeOf } from '../core/text/errorText';

/**
 * Tunes a config: trains its model with many batch sizes and says which is best. Never throws; what
 * goes wrong with one batch size is a result of it, and only the person ends a sweep early.
 */
export async function tune(options: SweepOptions): Promise<SweepOutcome> {
  const { onBusy, signal } = options;
  const lock = await lockMachine({
    owner: options.configFile,
    ...(onBusy && { onBusy }),
    ...(signal && { signal }),
  });
  if (!lock.ok) {
    if (signal?.aborted) return { status: 'cancelled', logFile: null };
    const { reason: id, values } = lock.problem;
    if (id !== 'lockUnusable') return { status: 'failed', problem: lock.problem, cause: 'sweep' };
    options.onNote?.({ id, values });
    return tuneUnlocked(options);
  }
  try {
    return await tuneUnlocked(options);
  } finally {
    await lock.value.release();
  }
}

/** As tune, whatever else runs on the machine: for a trainer that is not measured by its clock. */
export async function tuneUnlocked(options: SweepOptions): Promise<SweepOutcome> {
  const sweep = new Sweep(options);
  try {
    return await sweep.run();
  } catch (error) {
    if (error instanceof SweepCancelled || options.signal?.aborted) return sweep.cancelled();
    if (error instanceof InputsChanged) return sweep.failed(error.problem);
    const cause = causeOf(error);
    return sweep.failed(problem('trainerProblem', { cause }));
  } finally {
    await sweep.end();
  }
}

class Sweep {
  readonly #options: SweepOptions;
  readonly #clock: BudgetClock;
  readonly #trainer: LoadedTrainer;
  readonly #progress: SweepProgress;
  readonly #objective: Objective;
  readonly #sweepId = randomUUID();
  readonly #startedAt = new Date();
  readonly #notes: Text[] = [];
  readonly #onReading = ({ step, fraction }: Reading): void => {
    const id = step === 'reading' ? 'progressReading' : 'progressMeasuring';
    this.#progress.set({ id, values: { percent: Math.floor(100 * fraction) } }, null);
  };
  readonly #onAbort = () => void this.#trainer.stop();
  #found: Prepared['found'] | null = null;
  #log: RunLog | null = null;
  #inputs = '';
  #concluded = false;

  constructor(options: SweepOptions) {
    this.#options = options;
    const { config, configFile, root, exhaustive, trainer = {} } = options;
    const configured = exhaustive ? Infinity : (parseDuration(config.tuning.budget) ?? 120);
    this.#clock = new BudgetClock(
      options.budgetSeconds ?? configured,
      options.alreadySpent,
      options.now,
    );
    this.#objective = options.objective ?? config.tuning.objective;
    this.#progress = new SweepProgress(this.#clock, this.#emit);
    this.#trainer = new LoadedTrainer({
      config,
      configFile,
      root,
      backend: options.backend ?? config.backend,
      seed: config.training.seed,
      memoryMargin: options.memoryMargin,
      trainer: { ...trainer, onReading: this.#onReading, onWaiting: this.#progress.waitFor },
      startTrainer: options.startTrainer,
      loadTimeoutMs: () => this.#clock.msToLastMoment,
      onRestart: (cause) => {
        this.#note({ id: 'workerRestarted', values: { cause } });
      },
    });
  }

  async run(): Promise<SweepOutcome> {
    const { signal } = this.#options;
    signal?.addEventListener('abort', this.#onAbort);
    this.#progress.start();
    throwIfCancelled({ signal: signal ?? null });
    const loaded = await this.#trainer.load();
    throwIfCancelled({ signal: signal ?? null });
    if (!loaded.ok) return this.failed(loaded.problem);
    const prepared = loaded.value;
    this.#clock.started();
    this.#found = prepared.found ?? null;
    for (const note of notesAtStart(prepared, limitBytesOf(this.#options, prepared)))
      this.#note(note);
    this.#notes.push(...notesOfReading(prepared));
    const ladder = ladderOf(this.#options, prepared);
    if (!ladder.ok) return this.failed(ladder.problem);
    if (capabilitiesOf(prepared).evaluates && prepared.dataset.validationSamples === 0) {
      return this.failed(problem('validationEmpty'));
    }

    const fingerprint = fingerprintOf(this.#options.config, prepared);
    this.#inputs = inputsOf(fingerprint, {
      objective: this.#objective,
      ladder: ladder.value,
      configured: this.#configured(prepared),
    });
    const { reuse, exhaustive, resume } = this.#options;
    if (reuse && !exhaustive && !resume) {
      const found = reusable(this.#options.configFile, this.#inputs, this.#clock.budgetSeconds);
      if (found) return this.#again(prepared, ladder.value, fingerprint, found);
    }
    const resumed = this.#resume(fingerprint);
    const context = this.#context(prepared, ladder.value, resumed);
    this.#openLog(prepared, ladder.value, fingerprint, context.limitBytes);
    emitEarlier(context);
    const isList = Array.isArray(
      this.#options.batchSizes ?? this.#options.config.tuning.batchSizes,
    );
    const probed = await this.#probe(context, { ladder: ladder.value, isList });
    const runs = await train(context, probed, this.#objective, this.#progress);
    return this.#conclude(context, probed, runs);
  }

  /** Emits the events that a sweep with this result would have emitted; nothing is logged. */
  #again(
    prepared: Prepared,
    ladder: readonly number[],
    fingerprint: string,
    { result, note }: NonNullable<ReturnType<typeof reusable>>,
  ): SweepOutcome {
    this.#options.onNote?.(note);
    this.#emit(this.#started(prepared, ladder, fingerprint));
    this.#emit({ type: 'finished', result });
    return { status: 'done', result };
  }

  cancelled(): SweepOutcome {
    this.#emit({ type: 'cancelled' });
    return { status: 'cancelled', logFile: this.#log?.file ?? null };
  }

  failed(failure: Problem): SweepOutcome {
    const { reason: id, values } = failure;
    this.#emit({ type: 'failed', error: withEnglish({ id, values }) });
    return { status: 'failed', problem: failure, cause: failureCause(failure) };
  }

  async end(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#progress.stop();
    this.#log?.close();
    await this.#trainer.stop();
  }

  /** The config's settings, except for those that the training sets itself. */
  get #training() {
    const { training } = this.#options.config;
    const { batchSize, epochs } = this.#found ?? training;
    return { ...training, batchSize, epochs: Math.ceil(epochs ?? training.epochs) };
  }

  readonly #emit = (event: SweepEvent): void => {
    this.#log?.append(event);
    this.#options.onEvent(event);
  };

  #note(note: Text): void {
    this.#notes.push(note);
    this.#options.onNote?.(note);
  }

  #resume(fingerprint: string): Resumed | null {
    if (!this.#options.resume) return null;
    const { configFile, config } = this.#options;
    const { resumed, note } = resumeFrom(configFile, fingerprint, config.training.seed);
    this.#options.onNote?.(note);
    return resumed;
  }

  #context(prepared: Prepared, ladder: readonly number[], resumed: Resumed | null): SweepContext {
    const { tuning } = this.#options.config;
    const training = this.#training;
    const { samples } = prepared.dataset;
    const metric =
      tuning.targetMetric === 'accuracy' && prepared.dataset.classes !== null ? 'accuracy' : 'loss';
    const { targetLoss } = tuning;
    // A size above the data set trains as the data set does.
    const configuredBatchSize = Math.min(training.batchSize, samples);
    const target: Target | null =
      targetLoss === undefined ? null : { metric, value: targetLoss, source: 'config' };
    const findings = new Findings(
      {
        noiseScale: resumed?.noiseScale ?? null,
        starts: resumed?.starts ?? new Map(),
        target: resumed?.target ?? target,
        samplesTrained: resumed?.samplesTrained ?? 0,
      },
      this.#emit,
    );
    const context: SweepContext = {
      trainer: this.#trainer,
      prepared,
      grid: new EvaluationGrid(samples, evaluationPart(ladder, samples)),
      metric,
      seed: training.seed,
      limitBytes: limitBytesOf(this.#options, prepared),
      exhaustive: this.#options.exhaustive ?? false,
      epochs: training.epochs,
      clock: this.#clock,
      signal: this.#options.signal ?? null,
      emit: this.#emit,
      note: (note) => {
        this.#note(note);
      },
      suggest: (trials) => {
        this.#suggest(context, trials);
      },
      earlierSeconds: resumed?.seconds ?? 0,
      learningRateOf: (batchSize) =>
        scaledLearningRate(
          {
            rule: tuning.learningRateScaling,
            optimizer: prepared.optimizer,
            batchSize: configuredBatchSize,
            learningRate: prepared.learningRate,
            noiseScale: findings.noiseScale,
          },
          batchSize,
        ),
      configuredBatchSize,
      configuredAccumulation: training.gradientAccumulation,
      resumedTrials: resumed?.trials ?? new Map(),
      times: new StepTimes(),
      findings,
    };
    return context;
  }

  /** The log begins once model and data are known to be sound: nothing half-written before. */
  #openLog(
    prepared: Prepared,
    ladder: readonly number[],
    fingerprint: string,
    limitBytes: number | null,
  ): void {
    const { configFile } = this.#options;
    const onLost = ({ reason: id, values }: Problem) => {
      // Once the result is kept, the log's last line is no loss.
      if (!this.#concluded) this.#note({ id, values });
    };
    const log = RunLog.open(configFile, this.#sweepId.slice(0, 8), this.#startedAt, onLost);
    if (log.ok) this.#log = log.value;
    else onLost(log.problem);
    this.#emit(this.#started(prepared, ladder, fingerprint));
    this.#emit({
      type: 'prepared',
      modelType: prepared.modelType,
      backend: prepared.backend,
      dataset: prepared.dataset,
      limitBytes,
    });
  }

  #started(prepared: Prepared, ladder: readonly number[], fingerprint: string) {
    return startedEvent(this.#options, {
      sweepId: this.#sweepId,
      startedAt: this.#startedAt,
      objective: this.#objective,
      ladder,
      budgetSeconds: this.#clock.budgetSeconds,
      configured: this.#configured(prepared),
      fingerprint,
    });
  }

  #configured({ learningRate }: Prepared) {
    const { batchSize, epochs } = this.#training;
    return { batchSize, learningRate, epochs };
  }

  async #probe(context: SweepContext, sizes: Omit<ProbePlan, 'objective'>): Promise<Probe> {
    const plan = { ...sizes, objective: this.#objective };
    const probed = await probe(context, plan, this.#progress);
    this.#emit({ type: 'probeFinished', stopReason: probed.stopReason, stepFit: probed.stepFit });
    if (probed.memoryModel) this.#emit({ type: 'memoryModel', memoryModel: probed.memoryModel });
    return probed;
  }

  #conclude(context: SweepContext, probed: Probe, runs: readonly TrialRun[]): SweepOutcome {
    const { prepared, limitBytes, findings } = context;
    this.#progress.set({ id: 'progressRecommending', values: {} }, 0.1);
    const trials = runs.map(({ record }) => record.toTrial());
    const failure = firstFailure(trials);
    if (failure) return this.failed(problem('everyTrialFailed', { cause: failure }));
    const { recommendation, why } = recommend(this.#evidence(context, trials));
    for (const note of notesAtEnd(findings, trials, context.seed)) this.#note(note);
    this.#emit({ type: 'recommended', recommendation });
    const result: SweepResult = {
      formatVersion: 1,
      config: path.basename(this.#options.configFile),
      seed: context.seed,
      finishedAt: new Date().toISOString(),
      objective: this.#objective,
      modelType: prepared.modelType,
      backend: prepared.backend,
      dataset: prepared.dataset,
      configured: this.#configured(prepared),
      target: findings.target,
      probe: { stopReason: probed.stopReason, stepFit: stepFitOf(runs) ?? probed.stepFit },
      trials,
      memoryModel: memoryModelOf(runs, limitBytes),
      recommendation,
      notes: notesOfResult(why, this.#notes, trials, prepared),
      cost: {
        seconds: this.#clock.spent + context.earlierSeconds,
        samplesTrained: findings.samplesTrained,
      },
      timing: findings.timing,
      inputs: this.#inputs,
      budgetSeconds: Number.isFinite(this.#clock.budgetSeconds) ? this.#clock.budgetSeconds : null,
    };
    this.#concluded = true;
    const saved = this.#log?.saveResult(result);
    if (saved?.ok === false) {
      const { reason: id, values } = saved.problem;
      this.#options.onNote?.({ id, values });
    }
    this.#emit({ type: 'finished', result });
    return { status: 'done', result };
  }

  #evidence(
    { prepared, metric, findings, seed, limitBytes }: SweepContext,
    trials: readonly Trial[],
  ) {
    return {
      objective: this.#objective,
      trials,
      samples: prepared.dataset.samples,
      configured: this.#configured(prepared),
      metric,
      ...findings.evidence(seed),
      guess: prepared.dataset.guess?.[metric] ?? null,
      limitBytes,
      ...this.#clock.given,
    };
  }

  /** A first answer, marked as such, each time that another size leads or is compared. */
  #suggest(context: SweepContext, trials: readonly Trial[]): void {
    if (this.#objective !== 'time') return;
    const { recommendation } = recommend(this.#evidence(context, trials));
    const { beat = [], tied = [] } = recommendation?.confidence ?? {};
    if (beat.length + tied.length === 0) return;
    this.#emit({ type: 'recommended', recommendation, isProvisional: true });
  }
}
