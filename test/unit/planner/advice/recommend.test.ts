import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bySpeed, type Evidence } from '../../../../src/planner/advice/choice';
import { recommend } from '../../../../src/planner/advice/recommend';
import { objectives, type Trial } from '../../../../src/core/sweep/result';
import { madeTrial as trial } from './madeTrial';

function evidence(trials: Trial[], changes: Partial<Evidence> = {}): Evidence {
  return {
    objective: 'time',
    trials,
    samples: 1000,
    configured: { batchSize: 32, learningRate: 0.001 },
    metric: 'loss',
    target: { metric: 'loss', value: 0.3, source: 'pilot' },
    limitBytes: null,
    budgetSeconds: 60,
    ...changes,
  };
}

const ids = ({ recommendation }: ReturnType<typeof recommend>) =>
  recommendation?.reasons.map(({ id }) => id);

describe('the recommendation', () => {
  it('is the fastest to the target, told against the configured size', () => {
    const advice = recommend(
      evidence([
        trial(32, { timeToTargetSeconds: 2.4 }),
        trial(64, { timeToTargetSeconds: 1, learningRate: 0.002 }),
        trial(128, { timeToTargetSeconds: 1.5 }),
      ]),
    );
    expect(advice.recommendation).toMatchObject({
      batchSize: 64,
      learningRate: 0.002,
      iterationsPerEpoch: 16,
    });
    expect(advice.recommendation?.reasons[0]?.text).toBe(
      'Batch size 64 reached loss 0.3 in 1 s, 2.4× faster than batch size 32.',
    );
  });

  it('tells seconds beside seconds where the configured size was as fast', () => {
    const advice = recommend(
      evidence([trial(16, { timeToTargetSeconds: 1.02 }), trial(32, { timeToTargetSeconds: 1 })]),
    );
    expect(advice.recommendation?.reasons[0]?.text).toBe(
      'Batch size 16 reached loss 0.3 in 1.02 s, batch size 32 in 1 s.',
    );
  });

  it('is a growth schedule only where that was no slower than the best constant size', () => {
    const schedule = [
      { epoch: 0, batchSize: 32, learningRate: 0.001 },
      { epoch: 2, batchSize: 64, learningRate: 0.001 },
    ];
    const scheduledIn = (seconds: number, faster: Trial[] = []) =>
      recommend(
        evidence([
          trial(64, { timeToTargetSeconds: 1 }),
          trial(64, { id: '64-6', schedule, timeToTargetSeconds: seconds }),
          ...faster,
        ]),
      );
    expect(scheduledIn(0.9).recommendation?.schedule).toEqual(schedule);
    expect(scheduledIn(1.1).recommendation?.schedule).toBeNull();
    expect(ids(scheduledIn(1.1))).toContain('scheduleSlower');
    const faster = [trial(64, { id: '64-4', learningRate: 0.002, timeToTargetSeconds: 0.5 })];
    expect(scheduledIn(0.9, faster).recommendation?.schedule).toBeNull();
  });

  it('gives ties to the smaller size, and no more than ties', () => {
    const times = (small: number) =>
      recommend(
        evidence([
          trial(64, { timeToTargetSeconds: small }),
          trial(128, { timeToTargetSeconds: 1 }),
        ]),
      );
    expect(times(1.029).recommendation?.batchSize).toBe(64);
    expect(ids(times(1.029))).toContain('tieToSmaller');
    expect(times(1.09).recommendation?.batchSize).toBe(128);
  });

  it('gives sizes that noise cannot tell apart to the smaller one, up to 5%', () => {
    const times = (small: number, error: number) =>
      recommend(
        evidence(
          [small, 1].map((seconds, i) =>
            trial(64 * (i + 1), {
              timeToTargetSeconds: seconds,
              stepMsInterval: [1 - error, 1 + error],
            }),
          ),
        ),
      ).recommendation?.batchSize;
    // One seed tells no less apart, and none tells more.
    expect(times(1.04, 0.01)).toBe(64);
    expect(times(1.06, 0.01)).toBe(128);
    expect(times(1.09, 0.5)).toBe(128);
    const seeds = (first: [number, number], second: [number, number]) =>
      recommend(
        evidence(
          [first, second].flatMap((pair, i) =>
            pair.map((seconds, seed) =>
              trial(64 * (i + 1), {
                id: `${64 * (i + 1)}-${seed + 1}`,
                seed,
                timeToTargetSeconds: seconds,
              }),
            ),
          ),
        ),
      ).recommendation?.batchSize;
    expect(seeds([1.04, 1.04], [1, 1])).toBe(64);
    expect(seeds([1.06, 1.06], [1, 1])).toBe(128);
    expect(seeds([1.19, 0.92], [1, 1])).toBe(64);
  });

  it('is no size that did not reach the target again, however early its repeat was stopped', () => {
    const repeat = (batchSize: number, changes: Partial<Trial>) =>
      trial(batchSize, { id: `${batchSize}-2`, seed: 43, ...changes });
    const [first, second] = [64, 128].map((size) => trial(size, { timeToTargetSeconds: 1.1 }));
    if (!first || !second) throw new Error('no trials');
    const { loss } = trial(64, { timeToTargetSeconds: 0.2 });
    const behind = { timeToTargetSeconds: null, stopReason: 'behind the best', loss };
    const best = (...repeats: Trial[]) =>
      recommend(evidence([first, second, ...repeats])).recommendation?.batchSize;
    expect(best(repeat(64, { timeToTargetSeconds: 1.1 }), repeat(128, behind))).toBe(64);
    expect(best(repeat(64, behind), repeat(128, { timeToTargetSeconds: 1.1 }))).toBe(128);
    // Of two that did not, neither has shown more.
    expect(best(repeat(64, behind), repeat(128, behind))).toBe(64);
  });

  it('takes the learning rate of a check that was clearly faster, and only then', () => {
    const advice = (checked: number, repeat: number) =>
      recommend(
        evidence([
          trial(32, { timeToTargetSeconds: 3 }),
          trial(64, { timeToTargetSeconds: 1, learningRate: 0.0014 }),
          trial(64, { id: '64-2', seed: 43, timeToTargetSeconds: repeat, learningRate: 0.0014 }),
          trial(64, { id: '64-4', timeToTargetSeconds: checked, learningRate: 0.0028 }),
        ]),
      );
    expect(advice(0.8, 1).recommendation?.learningRate).toBe(0.0028);
    const told = advice(0.8, 1).recommendation?.reasons.map(({ text }) => text);
    expect(told).toContain(
      'At a learning rate of 0.0028 instead of 0.0014, batch size 64 reached loss 0.3 in 800 ms instead of 1 s, so 0.0028 is recommended with it.',
    );
    expect(told?.join()).toContain('Use a learning rate of 0.0028 instead of 0.001');
    expect(advice(0.9, 1).recommendation?.learningRate).toBe(0.0014);
    expect(ids(advice(0.9, 1))).not.toContain('learningRateFaster');
    // The other seed was that fast at the rule's rate.
    expect(advice(0.8, 0.9).recommendation?.learningRate).toBe(0.0014);
  });

  it('tells how much sooner it came as far as a configured size that was stopped', () => {
    const curve = (times: number, until: number) =>
      Array.from({ length: until }, (_, i) => ({
        iteration: i + 1,
        epoch: i + 1,
        seconds: (i + 1) * 0.1 * times,
        train: 1,
        validation: 0.9 ** (i + 1),
        accuracy: null,
      }));
    const advice = recommend(
      evidence(
        [
          trial(32, { stopReason: 'slower than the best', loss: curve(3, 5) }),
          trial(64, { timeToTargetSeconds: 1.2, loss: curve(1, 14) }),
        ],
        { start: 1 },
      ),
    );
    expect(advice.recommendation?.reasons[2]?.text).toBe(
      'Batch size 64 reached loss 0.59 3× faster than the configured batch size 32, which was stopped at that point.',
    );
  });

  it('names winners at other targets once', () => {
    const curve = (times: number) =>
      Array.from({ length: 30 }, (_, i) => ({
        iteration: i + 1,
        epoch: i + 1,
        seconds: (i + 1) * 0.1 * times,
        train: 1,
        validation: 0.9 ** (i + 1),
        accuracy: null,
      }));
    const advice = (other: number) =>
      recommend(
        evidence(
          [
            trial(32, { timeToTargetSeconds: 1.2 * other, loss: curve(other) }),
            trial(64, { timeToTargetSeconds: 1.2, loss: curve(1) }),
          ],
          { start: 1, target: { metric: 'loss', value: 0.28, source: 'pilot' } },
        ),
      );
    expect(advice(2).recommendation?.reasons.map(({ text }) => text)).toContain(
      'It is also the fastest to 80% and to 95% of the improvement.',
    );
    expect(ids(advice(2))).not.toContain('sameAtOtherTargets');
  });

  it('follows the other objectives', () => {
    const trials = [
      trial(16, { timeToTargetSeconds: 1.08 }),
      trial(64, { timeToTargetSeconds: 1 }),
      trial(512, { timeToTargetSeconds: 3 }),
    ];
    const pick = (objective: Evidence['objective']) =>
      recommend(evidence(trials, { objective })).recommendation?.batchSize;
    expect(pick('time')).toBe(64);
    expect(pick('memory')).toBe(16);
    expect(pick('throughput')).toBe(512);
    expect(pick('quality')).toBe(16);
  });

  it('says why when nothing can be recommended', () => {
    const why = (trials: Trial[], limitBytes: number | null = null) =>
      recommend(evidence(trials, { limitBytes })).why?.id;
    expect(why([trial(8, { status: 'out-of-memory' })])).toBe('nothingFitsUnknownLimit');
    expect(why([trial(8, { status: 'out-of-memory' })], 1000)).toBe('nothingFits');
    expect(why([trial(8, { status: 'diverged' })])).toBe('allDiverged');
    expect(why([trial(8, { status: 'skipped', loss: [] })])).toBe('nothingMeasured');
    expect(why([])).toBe('nothingMeasured');
  });

  it('names a budget that would do where starting took most of it', () => {
    const { why } = recommend(evidence([], { budgetSeconds: 40, startSeconds: 27 }));
    expect(why).toMatchObject({
      id: 'nothingMeasuredAfterStart',
      values: { seconds: 40, start: '27 s', budget: '94 s' },
    });
  });

  it('compares at equal seconds when no size reached the target', () => {
    const advice = recommend(evidence([trial(32), trial(64)]));
    expect(ids(advice)?.[0]).toBe('noneReachedTarget');
  });

  it('is always a size that ran, within data set and limit, or null with a reason', () => {
    const anyTrial = fc
      .record({
        batchSize: fc.integer({ min: 1, max: 2000 }),
        status: fc.constantFrom('ok', 'out-of-memory', 'diverged', 'failed', 'skipped'),
        peakBytes: fc.option(fc.integer({ min: 1, max: 2_000_000 })),
        timeToTargetSeconds: fc.option(fc.double({ min: 0.01, max: 100, noNaN: true })),
        samplesPerSecond: fc.option(fc.double({ min: 1, max: 1e6, noNaN: true })),
        points: fc.integer({ min: 0, max: 2 }),
      })
      .map(({ batchSize, points, status, ...rest }) => {
        const made = trial(batchSize, { ...rest, status: status });
        return { ...made, loss: made.loss.slice(0, points) };
      });
    fc.assert(
      fc.property(
        fc.array(anyTrial, { maxLength: 12 }),
        fc.constantFrom(...objectives),
        fc.integer({ min: 1, max: 2000 }),
        fc.option(fc.integer({ min: 1, max: 2_000_000 })),
        (trials, objective, samples, limitBytes) => {
          const advice = recommend(evidence(trials, { objective, samples, limitBytes }));
          if (!advice.recommendation) {
            expect(advice.why.text).not.toContain('{');
            return;
          }
          const { recommendation } = advice;
          for (const { batchSize } of [recommendation, ...recommendation.alternatives]) {
            const ran = trials.filter(
              (each) =>
                each.batchSize === batchSize && each.status === 'ok' && each.loss.length >= 2,
            );
            expect(ran.length).toBeGreaterThan(0);
            expect(batchSize).toBeLessThanOrEqual(samples);
            if (limitBytes !== null) {
              expect(ran.some(({ peakBytes }) => (peakBytes ?? 0) <= limitBytes)).toBe(true);
            }
          }
          for (const { text } of recommendation.reasons) expect(text).not.toMatch(/[{}]|NaN/);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('tells what, then how sure it is, then the rest; where one alone arrived, the budget that settles it', () => {
    const stopped = [16, 64].map((size) => trial(size, { stopReason: 'budget' }));
    const alone = recommend(
      evidence([trial(32, { timeToTargetSeconds: 4 }), ...stopped], { start: 2 }),
    );
    expect(ids(alone)?.slice(0, 2)).toEqual(['firstToTarget', 'onlyOneReached']);
    expect(alone.recommendation?.reasons[1]?.text).toMatch(/A budget of about 72 s would settle/);
    expect(alone.recommendation?.confidence?.isSure).toBe(false);
    const close = [trial(32, { timeToTargetSeconds: 2 }), trial(64, { timeToTargetSeconds: 1.9 })];
    const compared = recommend(evidence(close, { start: 2 }));
    expect(ids(compared)?.[1]).toBe('confidenceTied');
  });

  it('is none by time where nothing was learned, and names a budget that would do', () => {
    const flat = trial(32, { stopReason: 'budget', iterations: 500 });
    const changes = { target: null, start: 1.001, budgetSeconds: 60 };
    const { recommendation, why } = recommend(evidence([flat], changes));
    expect(recommendation).toBeNull();
    expect(why?.id).toBe('notLearned');
    expect(why?.text).toContain('tuning.budget');
    const throughput = recommend(evidence([flat], { ...changes, objective: 'throughput' }));
    expect(throughput.recommendation?.batchSize).toBe(32);
  });

  it('names what guessing has where a model began worse than that', () => {
    const changes = { target: null, start: 13, guess: 1.01 };
    const within = (stopReason: string) =>
      recommend(evidence([trial(32, { stopReason })], changes));
    expect(within('budget').why).toMatchObject({ id: 'notBelowGuessing', values: { guess: 1.01 } });
    expect(within('epochs').why).toMatchObject({ id: 'notBelowGuessingInEpochs' });
  });

  const tooSlow = { id: 'tooSlowToCompare', values: {} } as const;
  const timedOnly = (sizes: Readonly<Record<number, number>>) =>
    Object.entries(sizes).map(([batchSize, stepMs]) =>
      trial(Number(batchSize), { status: 'skipped', phase: 'probe', loss: [], stepMs }),
    );

  it('is estimated from speed where the budget sufficed for no training, and says how far it may be off', () => {
    const flat = recommend(evidence(timedOnly({ 8: 400, 16: 780, 32: 1560 }), { tooSlow }));
    expect(flat.recommendation).toMatchObject({ batchSize: 8, isEstimate: true });
    expect(ids(flat)?.slice(0, 2)).toEqual(['estimatedFastest', 'estimateOnly']);
    const rising = recommend(evidence(timedOnly({ 8: 400, 16: 440, 32: 600 }), { tooSlow }));
    expect(rising.recommendation).toMatchObject({ batchSize: 16, isEstimate: true });
    expect(rising.recommendation?.reasons[0]).toMatchObject({
      id: 'estimatedFast',
      values: { sizes: '8, 16, 32', times: 1.5 },
    });
  });

  it('estimated from speed is no more than told behind any size, whatever the noise scale', () => {
    const ms = fc.double({ min: 1, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(ms, { minLength: 2, maxLength: 8 }),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        (steps, noiseScale) => {
          const timed = timedOnly(Object.fromEntries(steps.map((step, i) => [8 * 2 ** i, step])));
          const chosen = bySpeed(timed);
          if (!chosen) throw new Error('none chosen');
          const seconds = ({ batchSize, stepMs }: Trial) =>
            (stepMs ?? NaN) * (1 + noiseScale / batchSize);
          const best = Math.min(...timed.map(seconds));
          expect(seconds(chosen.winner) / best).toBeLessThanOrEqual((chosen.at ?? 0) * (1 + 1e-9));
        },
      ),
    );
  });

  it('is not estimated from one size, nor from sizes that do not fit', () => {
    const { recommendation, why } = recommend(evidence(timedOnly({ 8: 400 }), { tooSlow }));
    expect(recommendation).toBeNull();
    expect(why?.id).toBe('tooSlowToCompare');
    const broken = timedOnly({ 16: 410 }).map((each) => ({
      ...each,
      status: 'out-of-memory' as const,
    }));
    const both = [...timedOnly({ 8: 400 }), ...broken];
    expect(recommend(evidence(both, { tooSlow })).recommendation).toBeNull();
  });

  it('says where its target is still worse than guessing', () => {
    const reached = [trial(32, { timeToTargetSeconds: 2 }), trial(64, { timeToTargetSeconds: 1 })];
    const target = { metric: 'loss', value: 7.4, source: 'pilot' } as const;
    const above = recommend(evidence(reached, { target, start: 14.5, guess: 2.3 }));
    expect(ids(above)).toContain('targetAboveGuessing');
    const below = recommend(evidence(reached, { target, start: 14.5, guess: 9 }));
    expect(ids(below)).not.toContain('targetAboveGuessing');
    const wished = { ...target, source: 'config' } as const;
    const config = recommend(evidence(reached, { target: wished, start: 14.5, guess: 2.3 }));
    expect(ids(config)).not.toContain('targetAboveGuessing');
  });

  it('names the size whose updates did not end where nothing else was measured', () => {
    const error = { id: 'trialSilent', values: { batchSize: 8, seconds: 20 }, text: '' };
    const silent = trial(8, { status: 'failed', loss: [], error });
    const late = trial(16, { status: 'skipped', loss: [] });
    const { why } = recommend(evidence([silent, late]));
    expect(why).toMatchObject({ id: 'trialSilent', values: { batchSize: 8, seconds: 20 } });
  });
});
