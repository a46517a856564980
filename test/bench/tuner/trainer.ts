import { EvaluationGrid, evaluationPart } from '../../../src/planner/race/evaluationGrid';
import { batchSizeLadder } from '../../../src/core/batches/ladder';
import { scaledLearningRate } from '../../../src/core/batches/learningRate';
import type { OptimizerNumbers } from '../../../src/protocol/trainer';
import { crossing, type Evaluation } from '../../../src/core/sweep/curve';
import type { Input, Output } from '../../../src/protocol/channel';
import type { Prepared, TrainerContract } from '../../../src/protocol/trainer';
import { TrainerProcess, type TrainerOptions } from '../../../src/tuner/process/trainerProcess';
import {
  causeOfDeath,
  looksLikeOutOfMemory,
  type WorkerDeath,
} from '../../../src/tuner/process/workerDeath';
import { baseBatchSize, smallestBatchSize, type TaskDefinition } from './tasks';
import type { Workspace } from './workspace';

type CallName = keyof TrainerContract['calls'];

/** The process ended while it worked; out of memory, where its death looks like that. */
export class TrainerDied extends Error {
  override readonly name = 'TrainerDied';
  readonly outOfMemory: boolean;

  constructor(death: WorkerDeath) {
    super(causeOfDeath(death));
    this.outOfMemory = looksLikeOutOfMemory(death);
  }
}

/** A training process that has loaded a workspace on WASM. */
export async function startTrainer(
  { config, configFile, folder: root }: Workspace,
  options?: TrainerOptions,
): Promise<{ process: TrainerProcess; prepared: Prepared }> {
  const started = await TrainerProcess.start(options);
  if (!started.ok) throw new Error(`No training process: ${started.problem.reason}`);
  const { seed } = config.training;
  const load = { config, configFile, root, backend: 'wasm', seed } as const;
  const answer = await started.value.call('load', load);
  if (answer.kind === 'answer' && answer.output.ok) {
    return { process: started.value, prepared: answer.output.value };
  }
  await started.value.stop();
  throw new Error(`${configFile} cannot be loaded: ${JSON.stringify(answer)}`);
}

/** A training process that holds one task; everything that fails is an error here. */
export class TaskTrainer {
  #trials = 0;

  private constructor(
    private readonly process: TrainerProcess,
    readonly task: TaskDefinition,
    readonly prepared: Prepared,
    readonly learningRate: number,
    readonly ladder: readonly number[],
    readonly grid: EvaluationGrid,
  ) {}

  /** `largest`, where memory ends the ladder: the size that it ends at. */
  static async load(
    task: TaskDefinition,
    workspace: Workspace,
    {
      largest = null,
      options,
    }: { largest?: number | null; options?: TrainerOptions | undefined } = {},
  ): Promise<TaskTrainer> {
    const { process, prepared } = await startTrainer(workspace, options);
    const { samples } = prepared.dataset;
    const range = { min: smallestBatchSize, max: task.maxBatchSize ?? undefined };
    const ladder = batchSizeLadder(range, samples);
    if (!ladder.ok) throw new Error(ladder.problem.reason);
    // Evaluations fall where the tuner's do, whose grid is that of the configured sizes.
    const grid = new EvaluationGrid(samples, evaluationPart(ladder.value, samples));
    const { learningRate } = prepared;
    const fitting =
      largest === null ? ladder.value : [...ladder.value.filter((size) => size < largest), largest];
    return new TaskTrainer(process, task, prepared, learningRate, fitting, grid);
  }

  /** The learning rate that the task's rule gives a size, or the configured one. */
  learningRateOf(batchSize: number, isScaled = true): number {
    const { learningRateScaling: rule, optimizer } = this.task;
    const name = typeof optimizer === 'string' ? optimizer : optimizer.name;
    const { learningRate } = this;
    if (!isScaled) return learningRate;
    return scaledLearningRate(
      { rule, optimizer: name, batchSize: baseBatchSize, learningRate, noiseScale: null },
      batchSize,
    );
  }

  /** A trial that has begun; false when it did not fit. */
  async begin(options: {
    batchSize: number;
    learningRate: number;
    seed: number;
    limitBytes?: number | null;
    optimizerNumbers?: OptimizerNumbers;
  }): Promise<BenchTrial | null> {
    const trial = `bench-${++this.#trials}`;
    const begun = await this.call('begin', { limitBytes: null, ...options, trial });
    return begun.ok ? new BenchTrial(this, trial, options.batchSize) : null;
  }

  async call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
  ): Promise<Output<TrainerContract, N>> {
    const answer = await this.process.call(name, input);
    if (answer.kind === 'answer') return answer.output;
    if (answer.kind === 'died') throw new TrainerDied(answer.death);
    throw new Error(`The training process: ${name}: ${JSON.stringify(answer)}`);
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}

export interface Curve {
  readonly status: 'ok' | 'diverged' | 'out-of-memory';
  /** Validation loss over iterations, from before the first update. */
  readonly points: readonly Evaluation[];
  readonly iterations: number;
  readonly evaluations: number;
}

/** One trial, driven by hand. */
export class BenchTrial {
  constructor(
    private readonly trainer: TaskTrainer,
    readonly id: string,
    readonly batchSize: number,
  ) {}

  advance(iterations: number, maxSeconds = 1e6) {
    return this.trainer.call('advance', { trial: this.id, iterations, maxSeconds });
  }

  evaluate() {
    return this.trainer.call('evaluate', { trial: this.id });
  }

  measureNoise(steps: number) {
    return this.trainer.call('measureNoise', {
      trial: this.id,
      microbatchSize: baseBatchSize,
      microbatches: 8,
      steps,
    });
  }

  /** Trains, evaluating where every size is evaluated, until the curve is long enough. */
  async train(isOver: (curve: readonly Evaluation[], epoch: number) => boolean): Promise<Curve> {
    const { grid } = this.trainer;
    const points: Evaluation[] = [];
    let iterations = 0;
    let epoch = 0;
    for (;;) {
      const evaluated = await this.evaluate();
      if (evaluated.status !== 'ok' || evaluated.loss === null) {
        const status = evaluated.status === 'ok' ? 'diverged' : evaluated.status;
        return { status, points, iterations, evaluations: points.length + 1 };
      }
      points.push({ x: iterations, value: evaluated.loss });
      if (isOver(points, epoch)) break;
      const next = grid.nextIteration(this.batchSize, iterations);
      const advanced = await this.advance(next - iterations);
      if (advanced.status !== 'ok') {
        const { status } = advanced;
        return { status, points, iterations: advanced.iterations, evaluations: points.length };
      }
      ({ iterations, epoch } = advanced);
    }
    return { status: 'ok', points, iterations, evaluations: points.length };
  }

  async end(): Promise<void> {
    await this.trainer.call('end', { trial: this.id });
  }
}

/** Updates to a target loss, as the tuner counts them; null where it was not reached. */
export function updatesToTarget(points: readonly Evaluation[], target: number): number | null {
  return crossing(points, 'loss', target);
}
