import path from 'node:path';
import type { MemoryMargin } from '../../config/memoryMargin';
import type { AnyConfig } from '../../config/schema';
import type { WorkspaceFolder } from '../../config/workspaceEngine';
import { fail, ok, problem, type Problem, type Result } from '../../core/text/problem';
import type { BackendName } from '../../core/sweep/result';
import type { Input } from '../../protocol/channel';
import { receivedProblem } from '../../protocol/problemSchema';
import type { Prepared, Running, TrainerContract } from '../../protocol/trainer';
import { DataFolder } from './dataFolder';
import { PythonTrainer } from './pythonTrainer';
import type { Answer, CallName, Trainer } from './trainer';
import { TrainerProcess, type TrainerOptions } from './trainerProcess';
import { causeOfDeath, looksLikeOutOfMemory, type WorkerDeath } from './workerDeath';

export interface LoadOptions {
  readonly config: AnyConfig;
  /** Absolute path of the config. */
  readonly configFile: string;
  /** Absolute folder that paths may not leave. */
  readonly root: string;
  readonly backend: BackendName | 'auto';
  readonly seed: number;
  /** What stays free on the device; the device's own default without it. */
  readonly memoryMargin?: MemoryMargin | null | undefined;
  /** Whose engine is asked for where that is not the config's own workspace. */
  readonly workspace?: WorkspaceFolder | null | undefined;
  readonly trainer: TrainerOptions;
  /** Milliseconds that loading may take in silence, five seconds at least; default: ten minutes. */
  readonly loadTimeoutMs?: (() => number) | undefined;
  /** Called when a process that had ended for no known reason was started again. */
  readonly onRestart?: ((cause: string) => void) | undefined;
  /** Default: forks a training process. */
  readonly startTrainer?: (() => Promise<Result<Trainer>>) | undefined;
}

/** How long loading may take without progress; while reading reports progress, it may go on. */
const [leastLoadMs, mostLoadMs] = [5000, 10 * 60_000];

/**
 * What is trained on is no longer what the sweep began with, or cannot be read any more: nothing that
 * is measured from here on could be compared with what was. It is thrown through the steps of a sweep.
 */
export class InputsChanged extends Error {
  override readonly name = 'InputsChanged';

  constructor(readonly problem: Problem) {
    super(problem.reason);
  }
}

/** Reasons of a failure that are no fault of the person's files. */
const trainerFaults: ReadonlySet<string> = new Set([
  'workerDied',
  'workerNotStarted',
  'workerSilent',
  'rehearsalSilent',
  'workerMissing',
  'trainerProblem',
  'nodeTooOld',
  'nodeSettingMissing',
  'trainerOutOfMemoryAtStart',
  'launcherFailed',
  'rayNone',
  'rayUnreachable',
  'rayRefused',
  'trainerDataTooLarge',
  'everyTrialFailed',
]);

/** Whether the person's files are at fault for a failure, or the tune itself. */
export function failureCause({ reason }: Problem): 'input' | 'sweep' {
  return trainerFaults.has(reason) ? 'sweep' : 'input';
}

/**
 * A training process that has loaded a config, replaced by a fresh one after a fault. Trials of an
 * earlier process are lost with it; `generation` identifies the process that a trial belongs to.
 */
export class LoadedTrainer {
  readonly #options: LoadOptions;
  #process: Trainer | null = null;
  #generation = 0;
  #stopped = false;
  #dataFolder: DataFolder | null = null;
  #contentHash: string | null = null;
  /** Of a process that ended for no known reason and has no successor yet. */
  #death: WorkerDeath | null = null;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get generation(): number {
    return this.#generation;
  }

  get process(): Trainer | null {
    return this.#process?.alive === true ? this.#process : null;
  }

  /**
   * Calls the process there is, and starts none; one that ended between two calls has died.
   * @throws InputsChanged when the data that is read while it trains has changed
   */
  async call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
    timeoutMs = Infinity,
  ): Promise<Answer<N>> {
    const { process } = this;
    if (process) {
      const answer = await process.call(name, input, timeoutMs);
      if (answer.kind === 'refused' && answer.problem) throw new InputsChanged(answer.problem);
      return answer;
    }
    const death = this.#process?.death;
    if (death) return { kind: 'died', death };
    return { kind: 'refused', message: 'there is no training process' };
  }

  /**
   * Starts a process and loads the config into it; once more where it died for no known reason.
   * @throws InputsChanged when model and data are not those that were loaded before
   */
  async load(): Promise<Result<Prepared>> {
    const first = await this.#loadOnce();
    if (first.death) this.#death = first.death;
    const { loaded } = first.death && !this.#stopped ? await this.#loadOnce() : first;
    const before = this.#contentHash;
    if (!loaded.ok) {
      // A process without a config is of no use.
      await this.discard();
      if (before === null || trainerFaults.has(loaded.problem.reason)) return loaded;
      throw new InputsChanged(loaded.problem);
    }
    if (before !== null && before !== loaded.value.contentHash) {
      throw new InputsChanged(problem('inputsChanged'));
    }
    this.#contentHash = loaded.value.contentHash;
    if (this.#death) this.#options.onRestart?.(causeOfDeath(this.#death));
    this.#death = null;
    return loaded;
  }

  async #loadOnce(): Promise<{ loaded: Result<Prepared>; death: WorkerDeath | null }> {
    const { config, configFile, root, backend, seed, trainer } = this.#options;
    const { memoryMargin = null, workspace = null, startTrainer, loadTimeoutMs } = this.#options;
    const started = await (startTrainer?.() ?? this.#start(trainer));
    if (!started.ok) return { loaded: started, death: null };
    const { value } = started;
    this.#process = value;
    this.#generation++;
    // Cancelled while the process was starting: it must not outlive the sweep.
    if (this.#stopped) await value.stop();
    this.#dataFolder ??= this.#stopped ? null : DataFolder.make();
    const dataFolder = this.#dataFolder?.path ?? null;
    const wantedMs = loadTimeoutMs?.() ?? mostLoadMs;
    const timeoutMs = Math.max(leastLoadMs, Math.min(wantedMs, mostLoadMs));
    const answer = await value.call(
      'load',
      { config, configFile, root, backend, seed, memoryMargin, workspace, dataFolder },
      timeoutMs,
    );
    if (answer.kind === 'answer' && answer.output.ok) return { loaded: answer.output, death: null };
    return {
      loaded: { ok: false, problem: failureOf(answer, timeoutMs) },
      death: answer.kind === 'died' && isUnexplained(answer.death) ? answer.death : null,
    };
  }

  #start(trainer: TrainerOptions): Promise<Result<Trainer>> {
    const { config, configFile, root } = this.#options;
    const settings = config.trainer;
    return settings
      ? PythonTrainer.start({ settings, configFile, root, trainer })
      : TrainerProcess.start(trainer);
  }

  /**
   * A process that is alive and loaded.
   * @throws InputsChanged when model and data are not those that were loaded before
   */
  async ensure(): Promise<Result<Trainer>> {
    if (!this.process) {
      await this.discard();
      const loaded = await this.load();
      if (!loaded.ok) return loaded;
    }
    return this.process ? ok(this.process) : fail('workerDied', { cause: 'causeEnded' });
  }

  /** Ends the process; the next use starts a fresh one. Where trials live apart, only the faulty end. */
  async discard(): Promise<void> {
    const process = this.#process;
    if (process?.alive === true && process.giveUpFaulty && !this.#stopped) {
      await process.giveUpFaulty();
      return;
    }
    this.#process = null;
    if (process?.death && isUnexplained(process.death)) this.#death = process.death;
    await process?.stop();
  }

  /** Ends the process for good. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.discard();
    this.#dataFolder?.remove();
    this.#dataFolder = null;
  }
}

function isUnexplained(death: WorkerDeath): boolean {
  return death.ended !== true && !looksLikeOutOfMemory(death);
}

/** A time limit as a sentence says it: whole seconds, of less than one its first digit. */
export function limitSeconds(limitMs: number): number {
  return limitMs < 1000 ? Number((limitMs / 1000).toPrecision(1)) : Math.round(limitMs / 1000);
}

/** No answer in time. */
export function silence(timeoutMs: number, running: Running | undefined): Problem {
  const seconds = limitSeconds(timeoutMs);
  switch (running?.kind) {
    case undefined:
      return problem('workerSilent', { seconds });
    case 'rehearsal':
      return problem('rehearsalSilent', { seconds });
    case 'data':
      return problem(
        'dataReadSilent',
        { path: path.basename(running.file), seconds },
        { file: running.file },
      );
    case 'module': {
      const { file, call } = running;
      return problem('moduleSilent', { path: path.basename(file), call, seconds }, { file });
    }
  }
}

/** Why a config was not loaded; code of the workspace or data that did not come to an end are named. */
function failureOf(answer: Answer<'load'>, timeoutMs: number): Problem {
  switch (answer.kind) {
    case 'answer':
      return answer.output.ok
        ? problem('workerDied', { cause: 'causeEnded' })
        : receivedProblem(answer.output.problem);
    case 'late':
      return silence(timeoutMs, answer.running);
    case 'refused':
      return answer.problem ?? problem('trainerProblem', { cause: answer.message });
    case 'died':
      return deathOf(answer.death);
  }
}

function deathOf(death: WorkerDeath): Problem {
  const { running } = death;
  const cause = causeOfDeath(death);
  const isMemory = looksLikeOutOfMemory(death);
  if (running?.kind === 'data') {
    const { file } = running;
    const values = { path: path.basename(file), cause };
    return problem(isMemory ? 'dataReadMemory' : 'dataReadEnded', values, { file });
  }
  if (isMemory) return problem('trainerOutOfMemoryAtStart', { cause });
  if (running?.kind !== 'module') return problem('workerDied', { cause });
  const { file, call } = running;
  return problem('moduleEndedProcess', { path: path.basename(file), call, cause }, { file });
}
