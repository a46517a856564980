import path from 'node:path';
import { withoutMargin } from '../../config/memoryMargin';
import type { AnyConfig } from '../../config/schema';
import { detectModelType } from '../../core/model/modelType';
import { ok, problem, type Problem, type Result } from '../../core/text/problem';
import type { Input, Output } from '../../protocol/channel';
import { discoverySchema, type Discovery, type Program } from '../../protocol/runner';
import type { BegunOptions, LoadOptions, Prepared, TrainerContract } from '../../protocol/trainer';
import { findPython, type PythonInterpreter } from './pythonInterpreter';
import { PythonProcesses, type PythonTrainerOptions } from './pythonProcesses';
import {
  capabilitiesWith,
  commandValues,
  faultOf,
  hashOf,
  nominalEpoch,
  notesOf,
  notesOfCluster,
  programOf,
  rateOf,
  sizeOf,
} from './pythonDiscovery';
import type { PythonRunner, RunnerAnswer } from './pythonRunner';
import type { Answer, CallName, Trainer } from './trainer';
import { causeOfDeath, looksLikeOutOfMemory, type WorkerDeath } from './workerDeath';

/** A discovery sees so many updates at least and at most, and goes on for so many seconds. */
const discovery = { updates: 12, mostUpdates: 400, seconds: 0.7, nominalEpoch };
/** Training losses are averaged over this share of an epoch, within these bounds. */
const windowShare = 1 / 4;
const window = { least: 256, most: 8192 };
/** Most trials that are held at once, and the share of the free memory that they may take. */
const held = { most: 16, share: 0.5 };
/** What stays free where nothing else is asked for. */
const defaultMargin = { fraction: 0.1 };

interface Trial {
  readonly begun: BegunOptions;
  /** Null while it is not held: its next use runs it again to where it was. */
  runner: PythonRunner | null;
  iterations: number;
  usedAt: number;
  faulty: boolean;
}

type Failed = Exclude<RunnerAnswer<'begin'>, { kind: 'answer' }>;

/**
 * Trains a person's own script. A first run finds what is set where; then each trial is a process of
 * its own, which waits after each update. It is forked from one that has imported what the script
 * imports, where that can be. More trials than memory holds are run again when they are needed: a
 * script with the same seed makes the same updates.
 */
export class PythonTrainer implements Trainer {
  readonly #options: PythonTrainerOptions;
  readonly #program: Program;
  readonly #processes: PythonProcesses;
  readonly #trials = new Map<string, Trial>();
  #found: Discovery | null = null;
  #config: AnyConfig | null = null;
  #held = held.most;
  #turn = 0;
  #death: WorkerDeath | null = null;

  private constructor(options: PythonTrainerOptions, python: string, program: Program) {
    this.#options = options;
    this.#program = program;
    this.#processes = new PythonProcesses(options, python, program);
    this.#processes.onQueued = () => void this.#giveRoom();
  }

  /** Finds the interpreter; nothing of the script is run yet. */
  static async start(options: PythonTrainerOptions): Promise<Result<PythonTrainer>> {
    const { settings, configFile, root, trainer } = options;
    const folder = path.dirname(configFile);
    const { interpreter: configured, launcher, paths } = settings;
    // Where a launcher leads, nothing can be asked for before it runs the script.
    const isElsewhere =
      launcher.length > 0 && (configured !== undefined || Object.keys(paths).length > 0);
    const python: Result<Pick<PythonInterpreter, 'path'>> = isElsewhere
      ? ok({ path: configured ?? 'python3' })
      : await findPython({ configured, chosen: trainer.python?.interpreter, folder, root });
    if (!python.ok) return python;
    return ok(new PythonTrainer(options, python.value.path, programOf(settings, folder)));
  }

  get alive(): boolean {
    return this.#death === null;
  }

  get death(): WorkerDeath | null {
    return this.#death;
  }

  async call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
    timeoutMs = Infinity,
  ): Promise<Answer<N>> {
    if (this.#death) return { kind: 'died', death: this.#death };
    const answer = await this.#answer(name, input as never, timeoutMs);
    // It was stopped meanwhile.
    return this.alive ? (answer as Answer<N>) : { kind: 'died', death: ended };
  }

  async stop(): Promise<void> {
    this.#death ??= ended;
    await this.#processes.stop();
    this.#trials.clear();
  }

  /** Ends trials that broke. On a GPU all leave it, for they share its memory. */
  async giveUpFaulty(): Promise<void> {
    const isShared = this.#found?.deviceType !== 'cpu';
    for (const trial of this.#trials.values()) {
      if (isShared || trial.faulty) await this.#letGo(trial);
    }
  }

  async #answer(name: CallName, input: never, timeoutMs: number): Promise<Answer<CallName>> {
    switch (name) {
      case 'load':
        return this.#load(input, timeoutMs);
      case 'begin':
        return this.#begin(input, timeoutMs);
      case 'advance':
        return this.#advance(input, timeoutMs);
      case 'evaluate':
        return this.#evaluate(input, timeoutMs);
      case 'measureNoise':
        return this.#measureNoise(input, timeoutMs);
      case 'end': {
        const { trial: id } = input as Input<TrainerContract, 'end'>;
        const trial = this.#trials.get(id);
        this.#trials.delete(id);
        if (trial) await this.#letGo(trial);
        return { kind: 'answer', output: {} };
      }
      case 'interrupt':
        this.#processes.interrupt();
        return { kind: 'answer', output: {} };
    }
  }

  /** Runs the script once, through its first updates, with a learning rate of zero. */
  async #load(
    { config, configFile, seed, memoryMargin }: LoadOptions,
    timeoutMs: number,
  ): Promise<Answer<'load'>> {
    this.#config = config;
    const discover = async (runner: PythonRunner) => {
      const command = this.#program.kind === 'command' && commandValues(config);
      const begin = { ...this.#processes.beginning(seed), ...command, discover: discovery };
      const answer = await runner.call('begin', begin, timeoutMs);
      await this.#processes.end(runner);
      return answer;
    };
    const opened = await this.#processes.open();
    if (!opened.ok) return failedLoad(opened.problem);
    const first = await this.#processes.startFirst(timeoutMs);
    const wasForked = this.#processes.forks;
    let answer = await discover(first);
    if (wasForked && this.alive && answer.kind === 'died' && !looksLikeOutOfMemory(answer.death)) {
      // Perhaps something cannot be forked.
      this.#processes.isForkless = true;
      answer = await discover(await this.#processes.start());
    }
    if (answer.kind !== 'answer') return this.#loadFailure(answer, timeoutMs);
    if (!answer.output.ok) return { kind: 'answer', output: answer.output };
    const told = discoverySchema.safeParse(answer.output.value);
    if (!told.success) return failedLoad(problem('pythonNoUpdate'));
    const found = told.data;
    this.#found = found;
    const fault = faultOf(found, config);
    if (fault) return failedLoad(fault);
    const { peakBytes, availableBytes } = found;
    if (peakBytes !== null && availableBytes !== null) {
      const fitting = Math.floor((held.share * availableBytes) / Math.max(1, peakBytes));
      this.#held = Math.max(2, Math.min(held.most, fitting));
    }
    this.#held = Math.min(this.#held, this.#processes.places);
    await this.#processes.startForking(found, timeoutMs);
    const free =
      availableBytes === null ? null : withoutMargin(availableBytes, memoryMargin ?? defaultMargin);
    const value = this.#prepared(found, config, configFile, free);
    return { kind: 'answer', output: { ok: true, value } };
  }

  #loadFailure(answer: Failed, timeoutMs: number): Answer<'load'> {
    const fault = this.#processes.launcherFault(answer, timeoutMs);
    if (fault) return failedLoad(fault);
    if (answer.kind !== 'died') return answer;
    const { death } = answer;
    const cause = causeOfDeath(death);
    const reason = looksLikeOutOfMemory(death) ? 'trainerOutOfMemoryAtStart' : 'pythonExited';
    return failedLoad(problem(reason, { cause }));
  }

  #prepared(
    found: Discovery,
    config: AnyConfig,
    configFile: string,
    availableBytes: number | null,
  ): Prepared {
    const { framework, device, versions, layers, optimizer, momentum, replicas } = found;
    const { host } = this.#processes;
    const shown = (file: string) =>
      path.relative(path.dirname(configFile), this.#processes.here(file));
    return {
      capabilities: capabilitiesWith(found, this.#held),
      found: { batchSize: sizeOf(found, config), epochs: found.epochs },
      notes: [...notesOf(found, shown), ...notesOfCluster(this.#processes.joined, host)],
      backend: {
        name: 'python',
        framework,
        device: this.#processes.isElsewhere && host ? `${device} (${host})` : device,
        software: false,
        versions,
        replicas,
        skipped: [],
      },
      dataset: {
        samples: found.samples ?? nominalEpoch,
        validationSamples: found.validationSamples,
        features: found.features,
        classes: null,
      },
      modelType: detectModelType(layers).type,
      layers,
      parameterCount: found.parameterCount,
      hasBatchNormalization: found.hasBatchNormalization,
      loss: 'training',
      optimizer: optimizer === 'sgd' && momentum ? 'momentum' : optimizer.replace('adamw', 'adam'),
      learningRate: rateOf(found, config),
      dataBytes: 0,
      availableBytes,
      contentHash: hashOf(
        [...found.files.map((file) => this.#processes.here(file)), ...this.#processes.ownFiles],
        this.#options.settings,
      ),
    };
  }

  async #begin(input: BegunOptions, timeoutMs: number): Promise<Answer<'begin'>> {
    const trial: Trial = { begun: input, runner: null, iterations: 0, usedAt: 0, faulty: false };
    this.#trials.set(input.trial, trial);
    return this.#run(trial, timeoutMs);
  }

  async #advance(
    { trial: id, iterations, maxSeconds }: Input<TrainerContract, 'advance'>,
    timeoutMs: number,
  ): Promise<Answer<'advance'>> {
    const trial = await this.#resumed(id, timeoutMs);
    if (trial.kind !== 'answer') return trial;
    const { runner } = trial.output;
    const answer = await runner.call('advance', { iterations, maxSeconds }, timeoutMs);
    const held = this.#trials.get(id);
    if (held) {
      if (answer.kind === 'answer') held.iterations = answer.output.iterations;
      held.faulty = answer.kind !== 'answer' || answer.output.status !== 'ok';
    }
    return answer;
  }

  async #evaluate(
    { trial: id }: Input<TrainerContract, 'evaluate'>,
    timeoutMs: number,
  ): Promise<Answer<'evaluate'>> {
    const trial = await this.#resumed(id, timeoutMs);
    if (trial.kind !== 'answer') return trial;
    const answer = await trial.output.runner.call('evaluate', {}, timeoutMs);
    const held = this.#trials.get(id);
    if (held) held.faulty = answer.kind !== 'answer' || answer.output.status !== 'ok';
    return answer;
  }

  /**
   * From consecutive gradients, two of which stand for two microbatches at the same weights: as many
   * gradients in all as were asked for. The updates that are made for it are part of the training.
   */
  async #measureNoise(
    { trial: id, microbatches, steps }: Input<TrainerContract, 'measureNoise'>,
    timeoutMs: number,
  ): Promise<Answer<'measureNoise'>> {
    const trial = await this.#resumed(id, timeoutMs);
    if (trial.kind !== 'answer') return trial;
    const pairs = Math.max(1, Math.round((microbatches * steps) / 2));
    return trial.output.runner.call('measureNoise', { pairs }, timeoutMs);
  }

  /** A trial that is held, run again to where it was if it is not. */
  async #resumed(
    id: string,
    timeoutMs: number,
  ): Promise<
    | { readonly kind: 'answer'; readonly output: { readonly runner: PythonRunner } }
    | Exclude<Answer<'begin'>, { kind: 'answer' }>
  > {
    const trial = this.#trials.get(id);
    if (!trial) return { kind: 'refused', message: `There is no trial ${id}.` };
    trial.usedAt = ++this.#turn;
    const { runner } = trial;
    if (runner?.alive) return { kind: 'answer', output: { runner } };
    const { iterations } = trial;
    const begun = await this.#run(trial, timeoutMs);
    if (begun.kind !== 'answer') return begun;
    const again = trial.runner;
    if (!begun.output.ok || !again)
      return { kind: 'refused', message: 'It could not be run again.' };
    if (iterations > 0) {
      const made = await again.call('advance', { iterations, maxSeconds: 1e6 }, timeoutMs);
      if (made.kind !== 'answer') return made;
    }
    return { kind: 'answer', output: { runner: again } };
  }

  async #run(trial: Trial, timeoutMs: number): Promise<Answer<'begin'>> {
    await this.#makeRoom(trial);
    const wasForked = this.#processes.forks;
    const answer = await this.#runIn(trial, await this.#processes.start(), timeoutMs);
    if (!wasForked || !this.alive || answer.kind !== 'died') return answer;
    // Perhaps something cannot be forked after all: it is tried as a process of its own.
    await this.#letGo(trial);
    this.#processes.isForkless = true;
    const alone = await this.#runIn(trial, await this.#processes.start(), timeoutMs);
    this.#processes.isForkless = alone.kind === 'answer';
    return alone;
  }

  async #runIn(trial: Trial, runner: PythonRunner, timeoutMs: number): Promise<Answer<'begin'>> {
    const { batchSize, learningRate, seed, limitBytes } = trial.begun;
    const found = this.#found;
    const config = this.#config;
    if (!found || !config) return { kind: 'refused', message: 'There is nothing loaded.' };
    trial.runner = runner;
    trial.usedAt = ++this.#turn;
    const samples = found.samples ?? nominalEpoch;
    const share = Math.round(windowShare * samples);
    const answer = await runner.call(
      'begin',
      {
        ...this.#processes.beginning(seed),
        seedOffset: seed - config.training.seed,
        batchSize,
        learningRate,
        rateFactor: learningRate / rateOf(found, config),
        accumulation: found.accumulation,
        sumsLosses: found.sumsLosses,
        replicas: found.replicas,
        loader: found.loader,
        optimizer: found.optimizerIndex,
        evaluates: found.evaluates,
        schedules: found.schedules,
        limitBytes,
        samples,
        windowSamples: Math.max(window.least, Math.min(window.most, share)),
        startLoss: found.startLoss,
        startLossError: found.startLossError,
      },
      timeoutMs,
    );
    if (answer.kind === 'answer' && answer.output.ok) return { kind: 'answer', output: success };
    trial.faulty = true;
    if (answer.kind !== 'answer') return answer;
    return { kind: 'answer', output: answer.output as Output<TrainerContract, 'begin'> };
  }

  /** Lets go of the trials that were used longest ago. */
  async #makeRoom(wanted: Trial): Promise<void> {
    const held = [...this.#trials.values()]
      .filter((trial) => trial !== wanted && trial.runner?.alive)
      .sort((a, b) => a.usedAt - b.usedAt);
    for (const trial of held.slice(0, Math.max(0, held.length + 1 - this.#held))) {
      await this.#letGo(trial);
    }
  }

  /** One waits in a queue, perhaps for what those hold that are paused. */
  async #giveRoom(): Promise<void> {
    this.#held = 1;
    for (const trial of this.#trials.values()) {
      if (trial.runner && !trial.runner.wait.isQueued) await this.#letGo(trial);
    }
  }

  async #letGo(trial: Trial): Promise<void> {
    const { runner } = trial;
    trial.runner = null;
    if (runner) await this.#processes.end(runner);
  }
}

const ended: WorkerDeath = { exitCode: null, signal: null, stderrTail: '' };
const success = { ok: true as const, value: {} };

function failedLoad({ reason, values }: Problem): Answer<'load'> {
  const told = { reason, values: { ...values }, place: null };
  return { kind: 'answer', output: { ok: false, problem: told } };
}
