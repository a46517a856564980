import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  barOf,
  hasLearned,
  isAhead,
  levelledOffAt,
  targetOfPilot,
  type PilotCurve,
} from '../../../../src/planner/race/pilotPlan';

/** A pilot whose loss falls from 2 to 1, evaluated four times an epoch of eight updates. */
function pilot(count: number, changes: Partial<PilotCurve> = {}): PilotCurve {
  return {
    metric: 'loss',
    start: 2,
    guess: null,
    evaluations: Array.from({ length: count }, (_, i) => ({
      iteration: 2 * (i + 1),
      epoch: (i + 1) / 4,
      value: 1 + Math.exp(-(i + 1) / 8),
      lossError: 0.001,
    })),
    validationSamples: 1_000,
    epochs: 3,
    end: null,
    ...changes,
  };
}

describe('where a pilot levels off', () => {
  it('does not depend on what was trained after that', () => {
    const level = levelledOffAt(pilot(200));
    if (level === null) throw new Error('never level');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (count) => {
        expect(levelledOffAt(pilot(count))).toBe(count < level ? null : level);
      }),
    );
  });

  it('is never before a third of the configured epochs, nor before one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (epochs) => {
        const level = levelledOffAt(pilot(400, { epochs }));
        if (level !== null)
          expect(level / 4).toBeGreaterThanOrEqual(Math.max(1, epochs / 3) - 0.01);
      }),
    );
    expect(levelledOffAt(pilot(100, { epochs: 90 }))).toBeNull();
    expect(levelledOffAt(pilot(120, { epochs: 90 }))).toBe(120);
  });

  it('is nowhere while nothing was learned, or without the metric before training', () => {
    const flat = pilot(50).evaluations.map((each) => ({ ...each, value: 2 }));
    expect(levelledOffAt(pilot(0, { evaluations: flat }))).toBeNull();
    expect(levelledOffAt(pilot(200, { start: null }))).toBeNull();
    // The loss of guessing is as good as what was reached.
    expect(levelledOffAt(pilot(200, { guess: 1 }))).toBeNull();
  });
});

describe('the target of a pilot', () => {
  it('is frozen where the pilot levelled off', () => {
    const level = levelledOffAt(pilot(200)) ?? 0;
    expect(level).toBeGreaterThan(0);
    expect(targetOfPilot(pilot(200))).toBe(targetOfPilot(pilot(level)));
  });

  it('is 90% of the drop from the better of start and guess, with four digits', () => {
    const level = levelledOffAt(pilot(200)) ?? 0;
    const best = pilot(200).evaluations[level - 2]?.value ?? 0;
    expect(targetOfPilot(pilot(200))).toBe(Number((2 + 0.9 * (best - 2)).toPrecision(4)));
    const guessed = pilot(200, { guess: 1.5 });
    const until = levelledOffAt(guessed) ?? 0;
    const reached = guessed.evaluations[until - 2]?.value ?? 0;
    expect(targetOfPilot(guessed)).toBe(Number((1.5 + 0.9 * (reached - 1.5)).toPrecision(4)));
  });

  it('is none where nothing was learned', () => {
    expect(targetOfPilot(pilot(0))).toBeNull();
    expect(targetOfPilot(pilot(200, { start: null }))).toBeNull();
    expect(targetOfPilot(pilot(200, { guess: 1 }))).toBeNull();
  });

  it('takes the error of an accuracy from the validation samples, not from the loss', () => {
    const evaluations = [0.55, 0.58, 0.6].map((value, i) => ({
      iteration: i + 1,
      epoch: i + 1,
      value,
      lossError: 10,
    }));
    const accuracy = { metric: 'accuracy' as const, start: 0.5, evaluations };
    // At 0.6 one standard error is 0.0049 of 10,000 samples, and 0.049 of 100.
    expect(hasLearned(pilot(0, { ...accuracy, validationSamples: 10_000 }))).toBe(true);
    expect(hasLearned(pilot(0, { ...accuracy, validationSamples: 100 }))).toBe(false);
  });
});

describe('a pilot that can train to the end of its training', () => {
  const end = 30;
  const valueAt = (epoch: number) => 1 + Math.exp(-epoch / 2);

  it('is never over before that, however level it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (count) => {
        expect(levelledOffAt(pilot(count, { end }))).toBe(count < 4 * end ? null : 4 * end);
      }),
    );
  });

  it('sets the loss that it had shortly before, by which most of the drop is long past', () => {
    // A slow rest after a fast beginning, so that most of the drop says little.
    const slow = (epoch: number) => valueAt(epoch) + 0.1 * (1 - epoch / end);
    const evaluations = pilot(4 * end).evaluations.map((each) => ({
      ...each,
      value: slow(each.epoch),
      lossError: 0,
    }));
    const target = targetOfPilot(pilot(0, { evaluations, end })) ?? NaN;
    expect(target).toBeGreaterThan(slow(end));
    expect(target).toBeCloseTo(slow(0.8 * end), 3);
    expect(targetOfPilot(pilot(0, { evaluations }))).toBeGreaterThan(slow(0.5 * end));
  });

  it('allows for the error of an evaluation on a plateau, and for none of its luck', () => {
    const error = 0.005;
    const targetOf = (lucky: number | null) => {
      const evaluations = pilot(4 * end).evaluations.map((each, i) => ({
        ...each,
        value: valueAt(each.epoch) - (i === lucky ? 20 * error : 0),
        lossError: error,
      }));
      return targetOfPilot(pilot(0, { evaluations, end }));
    };
    expect(targetOf(null)).toBeCloseTo(1 + 2 * error, 3);
    expect(targetOf(60)).toBe(targetOf(null));
  });

  it('keeps the best where it overfits', () => {
    const evaluations = pilot(4 * end).evaluations.map((each) => ({
      ...each,
      value: 1 + Math.abs(each.epoch - 10) / 100,
      lossError: 0,
    }));
    expect(targetOfPilot(pilot(0, { evaluations, end }))).toBeCloseTo(1, 2);
  });

  it('sets no target that is easier than that of most of the drop', () => {
    const falling = (rate: number) =>
      pilot(4 * end).evaluations.map((each) => ({
        ...each,
        value: 2 - (each.epoch / end) ** rate,
        lossError: 0.001,
      }));
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 5, noNaN: true }), (rate) => {
        const target = targetOfPilot(pilot(0, { evaluations: falling(rate), end })) ?? NaN;
        // The last value has none after it that confirms it.
        const best = ((4 * end - 1) / (4 * end)) ** rate;
        expect(target).toBeLessThan(2 - 0.9 * best + 0.001);
        expect(target).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('sets none where it learned nothing', () => {
    const evaluations = pilot(4 * end).evaluations.map((each) => ({ ...each, value: 2 }));
    expect(targetOfPilot(pilot(0, { evaluations, end }))).toBeNull();
  });
});

describe('a challenger of a pilot', () => {
  const falling = (speed: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ x: i, value: Math.exp(-speed * i) }));

  it('must beat the time to 90% of the drop so far', () => {
    const bar = barOf('loss', falling(0.2, 40));
    // 90% of the way from 1 to almost 0 is made after ln(10) time constants.
    expect(bar?.target).toBeCloseTo(0.1, 2);
    expect(bar?.seconds).toBeCloseTo(Math.log(10) / 0.2, 0);
  });

  it('has nothing to beat where the leader has not improved', () => {
    expect(barOf('loss', [])).toBeNull();
    expect(barOf('loss', falling(0, 10))).toBeNull();
    expect(barOf('accuracy', falling(0.2, 10))).toBeNull();
  });

  it('is ahead exactly where it falls faster', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        // Up to twice as long as the leader: who has trained for longer is not ahead for that.
        fc.integer({ min: 2, max: 60 }),
        (speed, leaderSpeed, count) => {
          // Speeds that differ by a rounding make curves that differ by none.
          fc.pre(Math.abs(speed / leaderSpeed - 1) > 1e-6);
          const ahead = isAhead('loss', falling(speed, count), falling(leaderSpeed, 30));
          expect(ahead).toBe(speed > leaderSpeed);
        },
      ),
    );
  });

  it('is not ahead before it has trained', () => {
    expect(isAhead('loss', [], falling(0.1, 10))).toBe(false);
    expect(isAhead('loss', falling(0.5, 1), falling(0.1, 10))).toBe(false);
  });
});
