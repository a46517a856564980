import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextMove, type Racer } from '../../../src/core/racePlan';
import { seededRandom } from '../../../src/core/random';
import { simulateRace, type Surface } from './raceSimulation';

function racer(batchSize: number, changes: Partial<Racer> = {}): Racer {
  return { batchSize, stepSeconds: 0.001, state: 'waiting', updates: 0, ...changes };
}

const race = (...racers: Racer[]) => ({ racers, priorNoiseScale: 100, rungAbove: null });

/** Random surfaces: where the device saturates, how noisy gradients are, how far the ladder goes. */
function surfaces(count: number, runScatter: number) {
  const random = seededRandom(11);
  return Array.from({ length: count }, () => {
    const noiseScale = 10 ** (1 + 3 * random());
    const knee = 2 ** (3 + 8 * random());
    const surface: Surface = {
      ladder: Array.from({ length: 6 + Math.floor(5 * random()) }, (_, i) => 8 * 2 ** i),
      stepSeconds: (batchSize) => 0.001 * (1 + batchSize / knee),
      updates: (batchSize) => 200 * (1 + noiseScale / batchSize),
      seedScatter: 0.15,
      runScatter,
    };
    const prior = noiseScale * Math.exp(3 * (random() - 0.5));
    return simulateRace(surface, 32, prior, random);
  });
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const medianOf = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

describe('the race', () => {
  it('loses at most 5% in the mean, at every scatter of runs', () => {
    for (const scatter of [0, 0.05, 0.1, 0.15]) {
      const runs = surfaces(600, scatter);
      expect(meanOf(runs.map(({ regret }) => regret))).toBeLessThan(1.05);
    }
  });

  it('costs a few times the best size itself, and less than running all', () => {
    const runs = surfaces(600, 0.05);
    const raced = runs.map(({ cost, pilotCost, repeatCost }) => cost - pilotCost - repeatCost);
    expect(medianOf(raced)).toBeLessThan(4);
    expect(medianOf(runs.map(({ cost, exhaustiveCost }) => cost / exhaustiveCost))).toBeLessThan(
      0.6,
    );
  });

  it('goes outward on both sides until a size on each has lost', () => {
    const state = race(
      racer(8),
      racer(16),
      racer(32, { state: 'reached', updates: 1000 }),
      racer(64, { state: 'lost', updates: 1150 }),
      racer(128),
    );
    expect(nextMove(state)).toMatchObject({ kind: 'train', batchSize: 16, capSeconds: 1.15 });
    const both = state.racers.map((each) =>
      each.batchSize === 16 ? { ...each, state: 'lost' as const, updates: 1150 } : each,
    );
    expect(nextMove({ ...state, racers: both })).toEqual({ kind: 'end' });
  });

  it('asks for a rung above a saturated climb only where the largest is the best', () => {
    const largest = race(
      racer(16, { state: 'lost', updates: 1150 }),
      racer(32, { state: 'reached', updates: 1000 }),
    );
    expect(nextMove({ ...largest, rungAbove: 64 })).toEqual({ kind: 'extend', batchSize: 64 });
    expect(nextMove(largest)).toEqual({ kind: 'end' });
    const inside = race(
      racer(16, { state: 'reached', updates: 1000 }),
      racer(32, { state: 'lost', updates: 1150 }),
    );
    expect(nextMove({ ...inside, rungAbove: 64 })).toEqual({ kind: 'end' });
  });

  it('trains only sizes that wait, each at most once, and ends', () => {
    const anyRacer = fc.record({
      stepSeconds: fc.double({ min: 1e-4, max: 1, noNaN: true }),
      wins: fc.boolean(),
      updates: fc.integer({ min: 1, max: 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(anyRacer, { minLength: 1, maxLength: 10 }), (parts) => {
        const racers = new Map(
          parts.map(({ stepSeconds }, i) => [8 * 2 ** i, racer(8 * 2 ** i, { stepSeconds })]),
        );
        for (let moves = 0; ; moves++) {
          const move = nextMove(race(...racers.values()));
          if (move.kind !== 'train') return;
          expect(moves).toBeLessThan(parts.length);
          const before = racers.get(move.batchSize);
          expect(before?.state).toBe('waiting');
          const part = parts[Math.log2(move.batchSize) - 3];
          if (!before || !part) throw new Error('not a racer');
          const fast = part.wins && part.updates * part.stepSeconds <= move.capSeconds;
          racers.set(move.batchSize, {
            ...before,
            state: fast ? 'reached' : 'lost',
            updates: part.updates,
          });
        }
      }),
    );
  });
});
