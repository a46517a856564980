import { median } from 'simple-statistics';
import { stepTimesInTurns } from '../../../src/planner/measure/interleavedTiming';
import type { TimedBlock } from '../../../src/planner/measure/stepTimeFit';
import type { BenchTrial, TaskTrainer } from './trainer';

/** What a size costs on this machine at this hour. */
export interface SizeNow {
  readonly batchSize: number;
  readonly stepMs: number;
  /** Device bytes at most, an evaluation included. */
  readonly peakBytes: number;
}

export interface Now {
  readonly sizes: readonly SizeNow[];
  /** One evaluation on the validation data. */
  readonly evaluationMs: number;
}

const rounds = 12;
const turnSeconds = 0.15;
/** A size whose steps are so long that this is spent sooner is timed in fewer rounds. */
const mostSeconds = 3 * rounds * turnSeconds;
const fewestTurns = 3;
const mostWarmUpSeconds = 4;
const timedSeed = 7;

/**
 * Times every size of the ladder in turns, a moment each, round after round, by the same clock and
 * the same estimator as sweeps: so that a regret tells sizes apart and not two ways of timing.
 */
export async function measureNow(trainer: TaskTrainer): Promise<Now> {
  const turns: Turn[] = [];
  const evaluationMs: number[] = [];
  for (const batchSize of trainer.ladder) {
    const turn = new Turn(trainer, batchSize);
    turns.push(turn);
    const until = performance.now() + mostWarmUpSeconds * 1000;
    while (turn.rounds.flat().length === 0 && performance.now() < until) await turn.take();
    // The first blocks after the warm-up are left to it.
    turn.forget();
    evaluationMs.push(await turn.evaluate());
  }
  for (let round = 0; round < rounds; round++) {
    for (const turn of turns) {
      if (turn.rounds.length < fewestTurns || turn.seconds < mostSeconds) await turn.take();
    }
  }
  const times = stepTimesInTurns(
    new Map(turns.map(({ batchSize, rounds: own }) => [`${batchSize}`, own])),
  );
  const sizes = turns.map(({ batchSize, peakBytes }) => {
    const time = times.get(`${batchSize}`);
    if (!time) throw new Error(`Nothing was timed at batch size ${batchSize}.`);
    return { batchSize, stepMs: time.ms, peakBytes };
  });
  for (const turn of turns) await turn.end();
  return { sizes, evaluationMs: median(evaluationMs) };
}

/** One size that is timed for a moment at a time. */
class Turn {
  readonly rounds: (readonly TimedBlock[])[] = [];
  peakBytes = 0;
  seconds = 0;
  #trial: BenchTrial | null = null;
  #begun = 0;

  constructor(
    private readonly trainer: TaskTrainer,
    readonly batchSize: number,
  ) {}

  forget(): void {
    this.rounds.length = 0;
    this.seconds = 0;
  }

  /** Trains for a moment; a trial that diverges is replaced by one that learns more slowly. */
  async take(): Promise<void> {
    const trial = await this.#running();
    const { status, blocks, peakBytes, wallMs } = await trial.advance(1e9, turnSeconds);
    this.rounds.push(blocks);
    this.seconds += wallMs / 1000;
    this.peakBytes = Math.max(this.peakBytes, peakBytes ?? 0);
    if (status !== 'ok') await this.end();
  }

  /** Milliseconds of an evaluation. */
  async evaluate(): Promise<number> {
    const trial = await this.#running();
    const { seconds, peakBytes } = await trial.evaluate();
    this.peakBytes = Math.max(this.peakBytes, peakBytes ?? 0);
    return 1000 * seconds;
  }

  async end(): Promise<void> {
    await this.#trial?.end();
    this.#trial = null;
  }

  async #running(): Promise<BenchTrial> {
    if (this.#trial) return this.#trial;
    const { batchSize } = this;
    const learningRate = this.trainer.learningRate / 4 ** this.#begun;
    const seed = timedSeed + this.#begun++;
    const trial = await this.trainer.begin({ batchSize, learningRate, seed });
    if (!trial) throw new Error(`${this.trainer.task.name} does not fit at ${batchSize}.`);
    this.#trial = trial;
    return trial;
  }
}
