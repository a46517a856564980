import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidenceIn } from '../../../../src/planner/advice/confidence';
import type { Trial } from '../../../../src/core/sweep/result';
import { madeTrial } from './madeTrial';

/** A size with its seconds to the target, one for each seed; null where it was stopped. */
interface Size {
  readonly batchSize: number;
  readonly seconds: readonly (number | null)[];
}

function trialsOf({ batchSize, seconds }: Size): Trial[] {
  return seconds.map((timeToTargetSeconds, seed) =>
    madeTrial(batchSize, {
      id: `${batchSize}-${seed + 1}`,
      seed,
      timeToTargetSeconds,
      stopReason: timeToTargetSeconds === null ? 'slower than the best' : 'reached target',
    }),
  );
}

function confidenceOf(winner: Size, others: readonly (Size | Trial)[]) {
  const own = trialsOf(winner);
  const trials = [...own, ...others.flatMap((each) => ('id' in each ? [each] : trialsOf(each)))];
  const [first] = own;
  if (!first) throw new Error('no winner');
  const confidence = confidenceIn({ winner: first, trials, metric: 'loss', start: 2 });
  if (!confidence) throw new Error('no confidence');
  return confidence;
}

const times = fc.double({ min: 0.5, max: 3, noNaN: true });
const sizes = fc.uniqueArray(fc.constantFrom(8, 16, 64, 128, 256, 512), { maxLength: 6 });
const other = (batchSize: number) =>
  fc.oneof(
    fc
      .array(times, { minLength: 1, maxLength: 5 })
      .map((seconds): Size => ({ batchSize, seconds })),
    fc
      .constantFrom<Partial<Trial>>(
        { phase: 'probe', stopReason: 'probed' },
        { stopReason: 'budget' },
        { stopReason: 'behind the best' },
        { status: 'out-of-memory' },
        { status: 'diverged' },
        { status: 'failed' },
        { status: 'skipped', stopReason: 'budget' },
      )
      .map((changes) => madeTrial(batchSize, changes)),
  );
const field = sizes.chain((all) => fc.tuple(...all.map(other)));

describe('how sure a recommendation is', () => {
  it('names only sizes that ran, each once, and beats only those that were compared', () => {
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 5 }), field, (seconds, others) => {
        const { beat, tied, notCompared } = confidenceOf({ batchSize: 32, seconds }, others);
        const named = [...beat, ...tied, ...notCompared].map(({ batchSize }) => batchSize);
        expect(named.toSorted()).toEqual(others.map(({ batchSize }) => batchSize).toSorted());
        const trained = others.filter(
          (each) => !('id' in each) || (each.status === 'ok' && each.phase === 'race'),
        );
        for (const { batchSize, interval } of beat) {
          expect(trained.map((each) => each.batchSize)).toContain(batchSize);
          expect(interval[0]).toBeGreaterThan(1);
        }
      }),
    );
  });

  it('is no less with each seed that repeats what is known', () => {
    fc.assert(
      fc.property(
        fc.array(times, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        (ratios, more) => {
          const mean = Math.exp(
            ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length,
          );
          const intervalOf = (all: readonly number[]) => {
            const seconds = all.map(() => 1);
            const own = { batchSize: 32, seconds };
            const { beat, tied } = confidenceOf(own, [{ batchSize: 64, seconds: all }]);
            const [low = NaN, high] = [...beat, ...tied][0]?.interval ?? [];
            return { low, high: high ?? NaN };
          };
          const few = intervalOf(ratios);
          const many = intervalOf([...ratios, ...Array<number>(more).fill(mean)]);
          expect(many.low).toBeGreaterThan(few.low);
          expect(many.high).toBeLessThan(few.high);
        },
      ),
    );
  });

  it('is not given by a race of one: sizes whose budget ended were not compared', () => {
    const stopped = [16, 64].map((batchSize) => madeTrial(batchSize, { stopReason: 'budget' }));
    expect(confidenceOf({ batchSize: 32, seconds: [4.1] }, stopped)).toEqual({
      isSure: false,
      beat: [],
      tied: [],
      notCompared: [
        { batchSize: 16, why: 'budget' },
        { batchSize: 64, why: 'budget' },
      ],
    });
  });

  it('counts a size that trained for longer than the winner needed, though its budget ended', () => {
    const loss = madeTrial(64).loss.map((point) => ({ ...point, seconds: 6 * point.seconds }));
    const { beat } = confidenceOf({ batchSize: 32, seconds: [2] }, [
      madeTrial(64, { stopReason: 'budget', loss }),
    ]);
    expect(beat).toMatchObject([{ batchSize: 64, interval: [expect.any(Number), null] }]);
  });

  it('is a claim once seeds agree, and none while they do not', () => {
    const winner = { batchSize: 32, seconds: [1, 1, 1, 1] };
    const agreeing = { batchSize: 64, seconds: [1.3, 1.32, 1.28, 1.31] };
    const scattered = { batchSize: 64, seconds: [1.9, 0.8, 1.7, 1.1] };
    expect(confidenceOf(winner, [agreeing])).toMatchObject({ isSure: true, beat: [{ seeds: 4 }] });
    expect(confidenceOf(winner, [scattered])).toMatchObject({
      isSure: false,
      tied: [{ seeds: 4 }],
    });
  });

  it('is null for a size that did not reach the target', () => {
    const winner = madeTrial(32);
    expect(confidenceIn({ winner, trials: [winner], metric: 'loss', start: 2 })).toBeNull();
  });
});
