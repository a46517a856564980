import { stepTimesInTurns } from '../../planner/measure/interleavedTiming';
import type { StepTime, TimedBlock } from '../../planner/measure/stepTimeFit';

/** What one update computes: trials of equal work have equal step times, whatever their seed. */
export function workOf(batchSize: number, gradientAccumulation: number): string {
  return gradientAccumulation === 1 ? `${batchSize}` : `${batchSize}/${gradientAccumulation}`;
}

/**
 * The step times of a sweep, by the work of one update. Those that were measured in turns count for
 * all trials of that work, so that trials are compared by updates alone and not by the moment they
 * happened to run in.
 */
export class StepTimes {
  readonly #turns = new Map<string, TimedBlock[][]>();
  #rounds = 0;
  #times = new Map<string, StepTime>();

  of(work: string): StepTime | null {
    return this.#times.get(work) ?? null;
  }

  /** Rounds in which this work was timed. */
  roundsOf(work: string): number {
    return (this.#turns.get(work) ?? []).filter(({ length }) => length > 0).length;
  }

  /** Adds one round: blocks by work. Works that were not timed in it are left out. */
  addRound(round: ReadonlyMap<string, readonly TimedBlock[]>): void {
    for (const [work, blocks] of round) {
      const turns = this.#turns.get(work) ?? [];
      while (turns.length < this.#rounds) turns.push([]);
      turns.push([...blocks]);
      this.#turns.set(work, turns);
    }
    this.#rounds++;
    this.#times = stepTimesInTurns(this.#turns);
  }
}
