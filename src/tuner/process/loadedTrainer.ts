import type { MemoryMargin } from '../../config/memoryMargin';
import type { AnyConfig } from '../../config/schema';
import type { WorkspaceFolder } from '../../config/workspaceEngine';
import { messages, type MessageId } from '../../core/text/messages';
import { problem, fail, ok, type Problem, type Result } from '../../core/text/problem';
import type { BackendName } from '../../core/sweep/result';
import type { Input } from '../../protocol/channel';
import type { Prepared, TrainerContract } from '../../protocol/trainer';
import { DataFolder } from './dataFolder';
import { PythonTrainer } from './pythonTrainer';
import type { Answer, CallName, Trainer } from './trainer';
import { TrainerProcess, type TrainerOptions } from './trainerProcess';
import { causeOfDeath, looksLikeOutOfMemory } from './workerDeath';

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
  /** Default: forks a training process. */
  readonly startTrainer?: (() => Promise<Result<Trainer>>) | undefined;
}

/** A module that never returns must not hang a sweep; while reading tells how far it is, it may go on. */
const loadTimeoutMs = 10 * 60_000;

/**
 * A training process that has loaded a config, replaced by a fresh one after a fault. Trials of an
 * earlier process are lost with it; `generation` tells which process a trial belongs to.
 */
export class LoadedTrainer {
  #process: Trainer | null = null;
  #generation = 0;
  #stopped = false;
  #dataFolder: DataFolder | null = null;

  constructor(private readonly options: LoadOptions) {}

  get generation(): number {
    return this.#generation;
  }

  get process(): Trainer | null {
    return this.#process?.alive === true ? this.#process : null;
  }

  /** Calls the process there is, and starts none; one that ended between two calls has died. */
  async call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
    timeoutMs = Infinity,
  ): Promise<Answer<N>> {
    const { process } = this;
    if (process) return process.call(name, input, timeoutMs);
    const death = this.#process?.death;
    if (death) return { kind: 'died', death };
    return { kind: 'refused', message: 'there is no training process' };
  }

  /** Starts a process if none lives and loads the config into it. */
  async load(): Promise<Result<Prepared>> {
    const { config, configFile, root, backend, seed, trainer } = this.options;
    const { memoryMargin = null, workspace = null, startTrainer } = this.options;
    const started = await (startTrainer?.() ?? this.#start(trainer));
    if (!started.ok) return started;
    const { value } = started;
    this.#process = value;
    this.#generation++;
    // Cancelled while the process was starting: it must not outlive the sweep.
    if (this.#stopped) await value.stop();
    this.#dataFolder ??= this.#stopped ? null : new DataFolder();
    const dataFolder = this.#dataFolder?.path ?? null;
    const answer = await value.call(
      'load',
      { config, configFile, root, backend, seed, memoryMargin, workspace, dataFolder },
      loadTimeoutMs,
    );
    if (answer.kind === 'answer') {
      return answer.output.ok
        ? answer.output
        : { ok: false, problem: known(answer.output.problem) };
    }
    await this.discard();
    if (answer.kind === 'late') return fail('workerSilent', { seconds: loadTimeoutMs / 1000 });
    if (answer.kind === 'refused') return fail('trainerProblem', { cause: answer.message });
    const cause = causeOfDeath(answer.death);
    return looksLikeOutOfMemory(answer.death)
      ? fail('trainerOutOfMemoryAtStart', { cause })
      : fail('workerDied', { cause });
  }

  #start(trainer: TrainerOptions): Promise<Result<Trainer>> {
    const { config, configFile, root } = this.options;
    const settings = config.trainer;
    return settings
      ? PythonTrainer.start({ settings, configFile, root, trainer })
      : TrainerProcess.start(trainer);
  }

  /** A process that is alive and loaded. */
  async ensure(): Promise<Result<Trainer>> {
    if (!this.process) {
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

/** A problem as it came over the channel; one whose sentence is not known here keeps its cause. */
function known(received: {
  reason: string;
  values: Record<string, string | number>;
  place: unknown;
}): Problem {
  const place = received.place as Problem['place'];
  return Object.hasOwn(messages, received.reason)
    ? problem(received.reason as MessageId, received.values, place)
    : problem('trainerProblem', { cause: received.reason }, place);
}
