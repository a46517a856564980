import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patienceOf, sizesToTime, sizesToRaceAgain } from '../../../../src/planner/race/finals';
import { pickWinner, possibleWinners, type Contender } from '../../../../src/planner/race/winner';

const contender = (batchSize: number, ...seconds: (number | null)[]): Contender => ({
  batchSize,
  seconds,
});
const sizes = (contenders: readonly Contender[]) => contenders.map(({ batchSize }) => batchSize);

describe('contenders raced with several seeds', () => {
  it('stay while their seeds scatter by more than they differ, and fall out when they do not', () => {
    expect(
      sizes(possibleWinners([contender(64, 1.15), contender(32, 1), contender(16, 1.3)])),
    ).toEqual([32, 64]);
    const steady = [contender(32, 1, 1.1, 0.9), contender(64, 1.12, 1.24, 1.01)];
    expect(sizes(possibleWinners(steady))).toEqual([32]);
    const restless = [contender(32, 1, 1.1, 0.9), contender(64, 0.9, 1.5, 1.1)];
    expect(sizes(possibleWinners(restless))).toEqual([32, 64]);
  });

  it('count a run that was stopped as somewhat slower than its seed’s fastest', () => {
    const stopped = [contender(32, 1, 1), contender(64, 0.99, null)];
    expect(pickWinner(stopped)?.fastest.batchSize).toBe(32);
    // A seed with which nobody got there compares nothing.
    const none = [contender(32, 1, null), contender(64, 0.9, null)];
    expect(pickWinner(none)?.fastest.batchSize).toBe(64);
  });

  it('are not the fastest for one lucky seed, but for several that agree', () => {
    const pick = (...all: Contender[]) => pickWinner(all)?.winner.batchSize;
    expect(pick(contender(512, 1), contender(1024, 0.96))).toBe(512);
    expect(pick(contender(512, 1), contender(1024, 0.9))).toBe(1024);
    const [steady, faster] = [
      [1, 1.1, 0.9, 1.05],
      [0.95, 1.04, 0.86, 1],
    ];
    expect(pick(contender(512, ...steady), contender(1024, ...faster))).toBe(1024);
    expect(pick(contender(512, ...steady), contender(1024, 1, 0.9, 1.2, 0.8))).toBe(512);
  });

  it('have lost where others were raced again, unless only one was before the time was up', () => {
    expect(
      pickWinner([contender(16, 0.9), contender(32, 1, 1), contender(64, 1.1, 1.1)])?.winner,
    ).toEqual(contender(32, 1, 1));
    expect(pickWinner([contender(16, 0.9), contender(32, 1, 1)])?.winner.batchSize).toBe(16);
  });

  it('are timed again where they may only have looked slow, up to four of them', () => {
    const several = [contender(8, 1.51), contender(16, 1.5), contender(32, 1), contender(64, 1.2)];
    expect(sizes(sizesToTime(several))).toEqual([32, 64, 16]);
    const many = [8, 16, 32, 64, 128].map((size) => contender(size, 1 + size / 1000));
    expect(sizes(sizesToTime(many))).toEqual([8, 16, 32, 64]);
    expect(sizesToTime([])).toEqual([]);
  });

  it('are raced again only while there is time: after the second seed less', () => {
    const close = [contender(32, 1), contender(64, 1.04), contender(128, 1.15)];
    const patience = (secondSeed: number, furtherSeeds = 0) => ({ secondSeed, furtherSeeds });
    expect(sizes(sizesToRaceAgain(close, patience(4.2)))).toEqual([32, 64, 128]);
    expect(sizes(sizesToRaceAgain(close, patience(3)))).toEqual([32, 64]);
    expect(sizesToRaceAgain(close, patience(2))).toEqual([]);
    const twice = [contender(32, 1, 1), contender(64, 1.04, 1)];
    expect(sizesToRaceAgain(twice, patience(3, 2.3))).toEqual([]);
    expect(sizes(sizesToRaceAgain(twice, patience(0, 2.6)))).toEqual([32, 64]);
    expect(sizesToRaceAgain([contender(32, 1), contender(64, 1.5)], patience(100))).toEqual([]);
  });

  it('settle on the fastest or a smaller one within 5% of it, whatever they are', () => {
    const seconds = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 }),
        fc.array(seconds, { minLength: 18, maxLength: 18 }),
        fc.integer({ min: 1, max: 3 }),
        (batchSizes, drawn, seeds) => {
          const all = batchSizes.map((batchSize, i) =>
            contender(batchSize, ...drawn.slice(3 * i, 3 * i + seeds)),
          );
          const settled = pickWinner(all);
          if (!settled) throw new Error('somebody wins');
          const { winner, fastest } = settled;
          const mean = (of: Contender) =>
            Math.exp(of.seconds.reduce<number>((sum, s) => sum + Math.log(s ?? 1), 0) / seeds);
          const least = Math.min(...all.map(mean));
          expect(mean(fastest)).toBeCloseTo(least, 6);
          expect(mean(winner)).toBeLessThanOrEqual(1.05 * least + 1e-9);
          expect(winner.batchSize).toBeLessThanOrEqual(fastest.batchSize);
          expect(possibleWinners(all)).toContain(fastest);
        },
      ),
    );
  });
});

describe('the patience of finals', () => {
  const part = fc.double({ min: 0.01, max: 10, noNaN: true });
  const clocks = fc
    .tuple(part, part, part, part)
    .map(([pilotBegan, raced, trainingSeconds, left]) => {
      const spent = pilotBegan + raced;
      return { budgetSeconds: spent + 3 * left, spent, pilotBegan, trainingSeconds };
    });

  it('has no scale of its own: as much longer as all else takes, as much longer it is', () => {
    fc.assert(
      fc.property(clocks, fc.double({ min: 0.01, max: 1000, noNaN: true }), (clock, factor) => {
        const longer = patienceOf({
          budgetSeconds: factor * clock.budgetSeconds,
          spent: factor * clock.spent,
          pilotBegan: factor * clock.pilotBegan,
          trainingSeconds: factor * clock.trainingSeconds,
        });
        const patience = patienceOf(clock);
        for (const race of ['secondSeed', 'furtherSeeds'] as const) {
          expect(longer[race] / factor).toBeCloseTo(patience[race], 6);
        }
      }),
    );
  });

  it('ends with the budget, with ten trainings, or with twice the probe', () => {
    fc.assert(
      fc.property(clocks, (clock) => {
        const { budgetSeconds, spent, pilotBegan, trainingSeconds } = clock;
        const { secondSeed, furtherSeeds } = patienceOf(clock);
        const most = pilotBegan + Math.max(10 * trainingSeconds, 2 * pilotBegan);
        expect(spent + secondSeed).toBeLessThanOrEqual(Math.min(budgetSeconds, most) + 1e-9);
        expect(furtherSeeds).toBeLessThanOrEqual(secondSeed + 1e-9);
      }),
    );
  });

  it('leaves many races to sizes whose training takes no time beside the probe', () => {
    const clock = { budgetSeconds: 120, spent: 6, pilotBegan: 5, trainingSeconds: 0.02 };
    expect(patienceOf(clock).furtherSeeds).toBeGreaterThan(8 * 3 * 0.02);
  });
});
