import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextMove, type Racer } from '../../../src/core/racePlan';
import { simulateSweep } from './sweepSimulation';
import { randomSurface } from './syntheticSurface';

function racer(batchSize: number, changes: Partial<Racer> = {}): Racer {
  return { batchSize, stepSeconds: 0.001, state: 'waiting', updates: 0, ...changes };
}

const race = (...racers: Racer[]) => ({ racers, priorNoiseScale: 100, rungAbove: null });

const sweeps = (count: number, runScatter: number) =>
  Array.from({ length: count }, (_, i) => simulateSweep(randomSurface(1000 + i, runScatter)));

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const medianOf = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

describe('the race', () => {
  it('loses at most 5% in the mean, at every scatter of runs', () => {
    for (const scatter of [0, 0.05, 0.1, 0.15]) {
      expect(meanOf(sweeps(150, scatter).map(({ regret }) => regret))).toBeLessThan(1.05);
    }
  });

  it('costs a few times the best size itself, and a fifth of training all', () => {
    const runs = sweeps(150, 0.05);
    expect(medianOf(runs.map(({ cost }) => cost))).toBeLessThan(7);
    expect(medianOf(runs.map(({ checks }) => checks))).toBeLessThan(1.5);
    expect(medianOf(runs.map(({ costOverExhaustive: share }) => share))).toBeLessThan(0.2);
  });

  it('goes outward on both sides until two sizes in a row have lost', () => {
    const saturated = (batchSize: number, changes: Partial<Racer> = {}) =>
      racer(batchSize, { stepSeconds: batchSize / 64_000, ...changes });
    const lost = (batchSize: number) => saturated(batchSize, { state: 'lost', updates: 100 });
    const state = race(
      lost(16),
      lost(32),
      saturated(64, { state: 'reached', updates: 1000 }),
      lost(128),
      saturated(256),
      saturated(512),
    );
    expect(nextMove(state)).toMatchObject({ kind: 'train', batchSize: 256, capSeconds: 1.15 });
    const then = (changes: Partial<Racer>) =>
      nextMove({
        ...state,
        racers: state.racers.map((each) =>
          each.batchSize === 256 ? { ...each, ...changes } : each,
        ),
      });
    expect(then({ state: 'lost', updates: 100 })).toEqual({ kind: 'end' });
    // Beyond a shoulder the valley goes on.
    const won = then({ state: 'reached', updates: 200 });
    expect(won).toMatchObject({ kind: 'train', batchSize: 512 });
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
