import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepTimesInTurns } from '../../../../src/planner/measure/interleavedTiming';

/** Turns of trials with these true step times; `disturb` says by what a turn was slowed. */
function turns(
  truth: Record<string, number>,
  rounds: number,
  disturb: (id: string, round: number) => number,
) {
  return new Map(
    Object.entries(truth).map(([id, ms]) => [
      id,
      Array.from({ length: rounds }, (_, round) => [
        { iterations: 10, ms: 10 * ms * disturb(id, round) },
      ]),
    ]),
  );
}

const truth = { small: 1, middle: 1.6, large: 4 };

describe('step times measured in turns', () => {
  it('are not changed by spikes of load that hit one trial', () => {
    const times = stepTimesInTurns(
      turns(truth, 5, (id, round) => (id === 'middle' && round < 2 ? 6 : 1)),
    );
    expect(times.get('middle')?.ms).toBeCloseTo(1.6, 3);
    expect(times.get('small')?.ms).toBeCloseTo(1, 3);
  });

  it('keep their ratios while the whole machine drifts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.5, max: 4, noNaN: true }), { minLength: 4, maxLength: 8 }),
        (drift) => {
          const times = stepTimesInTurns(
            turns(truth, drift.length, (_, round) => drift[round] ?? 1),
          );
          const ratio = (times.get('large')?.ms ?? 0) / (times.get('small')?.ms ?? 1);
          expect(ratio).toBeCloseTo(4, 3);
        },
      ),
    );
  });

  it('hold though some trials joined late', () => {
    const some = turns(truth, 6, (_, round) => (round < 3 ? 1 : 2));
    some.set('late', [[], [], [], ...[1, 2, 3].map(() => [{ iterations: 1, ms: 4 }])]);
    const times = stepTimesInTurns(some);
    const ratio = (times.get('late')?.ms ?? 0) / (times.get('small')?.ms ?? 1);
    expect(ratio).toBeCloseTo(2, 2);
  });

  it('are those of whole turns: a short block that chance made fast does not stand for its turn', () => {
    const blocks = [
      { iterations: 50, ms: 50 },
      { iterations: 1, ms: 0.5 },
    ];
    const times = stepTimesInTurns(new Map([['only', Array.from({ length: 4 }, () => blocks)]]));
    expect(times.get('only')?.ms).toBeCloseTo(50.5 / 51, 6);
  });

  it('say nothing of trials that were never timed', () => {
    expect(stepTimesInTurns(new Map([['none', [[], []]]])).size).toBe(0);
    expect(stepTimesInTurns(new Map()).size).toBe(0);
  });
});
