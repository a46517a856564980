import { median, quantile } from 'simple-statistics';
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

const rounds = 8;
const turnSeconds = 0.15;
const mostWarmUpSeconds = 4;
/** Other work on the machine only ever makes a block slower. */
const undisturbed = 0.25;
const timedSeed = 7;

/**
 * Times every size of the ladder in turns, a moment each, round after round, so that the machine's
 * drift meets all of them alike; the lower quartile of their blocks leaves out what others disturbed.
 */
export async function measureNow(trainer: TaskTrainer): Promise<Now> {
  const turns: { trial: BenchTrial; stepMs: number[]; peakBytes: number }[] = [];
  const evaluationMs: number[] = [];
  for (const batchSize of trainer.ladder) {
    const trial = await trainer.begin({
      batchSize,
      learningRate: trainer.learningRate,
      seed: timedSeed,
    });
    if (!trial) throw new Error(`${trainer.task.name} does not fit at batch size ${batchSize}.`);
    const turn = { trial, stepMs: [] as number[], peakBytes: 0 };
    turns.push(turn);
    const until = performance.now() + mostWarmUpSeconds * 1000;
    for (let isWarm = false; !isWarm && performance.now() < until;) {
      const { blocks, peakBytes } = await trial.advance(1e9, turnSeconds);
      isWarm = blocks.length > 0;
      turn.peakBytes = Math.max(turn.peakBytes, peakBytes ?? 0);
    }
    const { seconds, peakBytes } = await trial.evaluate();
    turn.peakBytes = Math.max(turn.peakBytes, peakBytes ?? 0);
    evaluationMs.push(1000 * seconds);
  }
  for (let round = 0; round < rounds; round++) {
    for (const { trial, stepMs } of turns) {
      const { blocks } = await trial.advance(1e9, turnSeconds);
      stepMs.push(...blocks.map(({ ms, iterations }) => ms / iterations));
    }
  }
  const sizes = turns.map(({ trial: { batchSize }, stepMs, peakBytes }) => {
    if (stepMs.length === 0) throw new Error(`Nothing was timed at batch size ${batchSize}.`);
    return { batchSize, stepMs: quantile(stepMs, undisturbed), peakBytes };
  });
  for (const { trial } of turns) await trial.end();
  return { sizes, evaluationMs: median(evaluationMs) };
}
