import { bestOf, type Race, type Racer } from '../../planner/race/racePlan';
import type { SweepContext } from '../context/sweepContext';
import type { NoiseMeter } from '../trial/noiseMeter';
import type { TrialFacts } from '../trial/trialRecord';
import type { TrialRun } from '../trial/trialRun';
import type { Probe } from './probe';

/** The sizes that a sweep races, and what became of them. */
export class Candidates {
  readonly noise: NoiseMeter;
  readonly #context: SweepContext;
  readonly #runs: TrialRun[];
  #rungsAbove: readonly number[];

  constructor(
    context: SweepContext,
    { runs, rungsAbove, noise }: Pick<Probe, 'runs' | 'rungsAbove' | 'noise'>,
  ) {
    this.#context = context;
    this.noise = noise;
    this.#runs = [...runs];
    this.#rungsAbove = rungsAbove;
  }

  /** Smallest first. */
  get runs(): readonly TrialRun[] {
    return this.#runs.toSorted((a, b) => a.record.batchSize - b.record.batchSize);
  }

  /** As the plan of the race sees them. */
  get race(): Race {
    const { samples } = this.#context.prepared.dataset;
    // A guess until noise is measured: a tenth of the data set, within what is common.
    const guess = Math.min(2000, Math.max(32, samples / 10));
    return {
      racers: this.#runs.flatMap(({ record }) => racerOf(record) ?? []),
      priorNoiseScale: this.#context.findings.noiseScale ?? guess,
      rungAbove: this.#rungsAbove[0] ?? null,
      samples,
    };
  }

  /** The fastest to the target; null while none has reached it. */
  get best(): TrialRun | null {
    const best = bestOf(this.race.racers);
    return best && this.of(best.batchSize);
  }

  of(batchSize: number): TrialRun | null {
    return this.#runs.find(({ record }) => record.batchSize === batchSize) ?? null;
  }

  /** Lets a rung above the climb race, too. */
  add(run: TrialRun): void {
    this.#runs.push(run);
    this.#rungsAbove = this.#rungsAbove.filter((rung) => rung > run.record.batchSize);
  }
}

function racerOf(record: TrialFacts): Racer | null {
  const { batchSize, status, stepTime, timeToTarget } = record;
  if (status === 'skipped' || (stepTime === null && status === 'ok')) return null;
  const stepSeconds = (stepTime?.ms ?? 1) / 1000;
  if (status === 'ok' && timeToTarget !== null) {
    return { batchSize, stepSeconds, state: 'reached', updates: timeToTarget / stepSeconds };
  }
  const waits = status === 'ok' && !record.finished;
  return {
    batchSize,
    stepSeconds,
    state: waits ? 'waiting' : 'lost',
    // A trial that broke says nothing of the updates it would need.
    updates: status === 'ok' ? Math.max(1, record.iterations) : 1,
  };
}
