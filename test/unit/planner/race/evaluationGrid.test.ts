import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iterationsPerEpoch } from '../../../../src/core/batches/arithmetic';
import {
  EvaluationGrid,
  evaluationPart,
  fewestEvaluations,
  isEvaluationDue,
} from '../../../../src/planner/race/evaluationGrid';
import { batchSizeLadder } from '../../../../src/core/batches/ladder';

/** Samples seen after so many updates, the last batch of an epoch being partial. */
function samplesAfter(iterations: number, batchSize: number, samples: number): number {
  const perEpoch = iterationsPerEpoch(samples, batchSize);
  const epochs = Math.floor(iterations / perEpoch);
  return epochs * samples + (iterations - epochs * perEpoch) * batchSize;
}

describe('the evaluation grid', () => {
  it('is thinned out so that evaluations take about a fifth of the seconds', () => {
    const seconds = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(seconds, seconds, (stepSeconds, evaluationSeconds) => {
        let [updates, last, evaluations] = [0, 0, 0];
        while (updates < 20_000) {
          updates++;
          if (!isEvaluationDue(updates - last, { evaluationSeconds, stepSeconds })) continue;
          evaluations++;
          last = updates;
        }
        const training = updates * stepSeconds;
        const share = (evaluations * evaluationSeconds) / training;
        expect(share).toBeLessThanOrEqual(Math.SQRT2 / 4 + 1e-9);
        // Seconds that are a little different move no evaluation, but at the edge of a doubling.
        const wanted = Math.log2((4 * evaluationSeconds) / stepSeconds);
        fc.pre(Math.abs((((wanted % 1) + 1) % 1) - 0.5) > 0.1);
        const due = (factor: number) =>
          isEvaluationDue(16, { evaluationSeconds, stepSeconds: factor * stepSeconds });
        expect(due(1.05)).toBe(due(0.95));
      }),
    );
  });

  it('lets a trial that ends soon be compared, however long evaluations take', () => {
    const seconds = fc.double({ min: 0.001, max: 10, noNaN: true });
    fc.assert(
      fc.property(seconds, seconds, seconds, (stepSeconds, evaluationSeconds, wholeSeconds) => {
        fc.pre(wholeSeconds >= fewestEvaluations * stepSeconds);
        const cost = { evaluationSeconds, stepSeconds };
        let [last, evaluations] = [0, 0];
        for (let updates = 1; updates * stepSeconds <= wholeSeconds; updates++) {
          if (!isEvaluationDue(updates - last, { ...cost, wholeSeconds })) continue;
          evaluations++;
          last = updates;
        }
        // The power of two may be larger by half an octave.
        expect(evaluations).toBeGreaterThanOrEqual(fewestEvaluations - 1);
      }),
      { numRuns: 50 },
    );
  });

  it('evaluates every size at the same sample counts, and every epoch at first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 20_000 }), (samples) => {
        const ladder = batchSizeLadder({ min: 8 }, samples);
        if (!ladder.ok) throw new Error('no ladder');
        const part = evaluationPart(ladder.value, samples);
        const countsOf = (batchSize: number) => {
          const grid = new EvaluationGrid(samples, part);
          const counts: number[] = [];
          let iteration = 0;
          while (samplesAfter(iteration, batchSize, samples) < 14 * samples) {
            const next = grid.nextIteration(batchSize, iteration);
            expect(next).toBeGreaterThan(iteration);
            iteration = next;
            counts.push(samplesAfter(iteration, batchSize, samples));
          }
          return counts;
        };
        const smallest = new Set(countsOf(ladder.value[0] ?? 8));
        for (let epoch = 1; epoch <= 5; epoch++) expect(smallest).toContain(epoch * samples);
        for (const batchSize of ladder.value.slice(1)) {
          for (const count of countsOf(batchSize).filter((each) => each < 14 * samples)) {
            expect(smallest).toContain(count);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('thins out, so that long trainings are not all evaluation', () => {
    const grid = new EvaluationGrid(1000, 100);
    let iteration = 0;
    let evaluations = 0;
    while (iteration < 1000 * 10) {
      iteration = grid.nextIteration(100, iteration);
      evaluations++;
    }
    expect(evaluations).toBeLessThan(120);
  });
});
