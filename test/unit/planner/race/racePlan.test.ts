import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextMove, promisingChallenger, type Racer } from '../../../../src/planner/race/racePlan';

function racer(batchSize: number, changes: Partial<Racer> = {}): Racer {
  return { batchSize, stepSeconds: 0.001, state: 'waiting', updates: 0, ...changes };
}

const race = (...racers: Racer[]) => ({
  racers,
  priorNoiseScale: 100,
  rungAbove: null,
  samples: 100_000,
});

describe('the race', () => {
  it('goes outward on both sides until one has lost', () => {
    const saturated = (batchSize: number, changes: Partial<Racer> = {}) =>
      racer(batchSize, { stepSeconds: batchSize / 64_000, ...changes });
    const state = race(
      saturated(16),
      saturated(32, { state: 'lost', updates: 100 }),
      saturated(64, { state: 'reached', updates: 1000 }),
      saturated(128),
      saturated(256),
    );
    expect(nextMove(state)).toMatchObject({ kind: 'train', batchSize: 128, capSeconds: 1.15 });
    const then = (changes: Partial<Racer>) =>
      nextMove({
        ...state,
        racers: state.racers.map((each) =>
          each.batchSize === 128 ? { ...each, ...changes } : each,
        ),
      });
    expect(then({ state: 'lost', updates: 100 })).toEqual({ kind: 'end' });
    // Reached, but too late.
    expect(then({ state: 'reached', updates: 600 })).toEqual({ kind: 'end' });
    const won = then({ state: 'reached', updates: 400 });
    expect(won).toMatchObject({ kind: 'train', batchSize: 256 });
  });

  it('looks behind a size that reached the target a little too late: it may have been unlucky', () => {
    const at = (batchSize: number, changes: Partial<Racer> = {}) =>
      racer(batchSize, { stepSeconds: batchSize / 64_000, ...changes });
    const then = (seconds: number) =>
      nextMove({
        ...race(
          at(256),
          at(512, { state: 'reached', updates: 125 * seconds }),
          at(1024, { state: 'reached', updates: 62.5 }),
          at(2048, { state: 'lost', updates: 35 }),
        ),
        priorNoiseScale: 10_000,
      });
    expect(then(1.2)).toMatchObject({ kind: 'train', batchSize: 256 });
    expect(then(1.4)).toEqual({ kind: 'end' });
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

  it('tries the whole data set as one batch where it could make enough updates', () => {
    const beyond = (stepSeconds: number) =>
      nextMove({
        ...race(
          racer(16, { state: 'reached', updates: 1000 }),
          racer(32, { state: 'lost', updates: 1150 }),
          racer(64, { state: 'lost', updates: 1150 }),
          racer(128),
          racer(200, { stepSeconds }),
        ),
        samples: 200,
      });
    expect(beyond(0.02)).toMatchObject({ kind: 'train', batchSize: 200, capSeconds: 1.15 });
    expect(beyond(0.021)).toEqual({ kind: 'end' });
  });

  it('asks any other size where the leader of the pilot is stuck, else only one that promises more', () => {
    // Steps so long that no other size is expected to be faster than the leader.
    const racers = [racer(16), racer(32), racer(64, { stepSeconds: 1 })];
    const leader = { batchSize: 32, seconds: 1 };
    const challenger = (isStuck: boolean) =>
      promisingChallenger(race(...racers), { ...leader, isStuck })?.batchSize ?? null;
    expect(challenger(false)).toBeNull();
    expect(challenger(true)).toBe(16);
    const whole = { ...race(...racers, racer(128, { stepSeconds: 0.02 })), samples: 128 };
    const asked = (seconds: number) =>
      promisingChallenger(whole, { ...leader, seconds, isStuck: false })?.batchSize ?? null;
    expect(asked(1)).toBe(128);
    expect(asked(0.9)).toBeNull();
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
