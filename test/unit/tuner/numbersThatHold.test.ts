import { describe, expect, it } from 'vitest';
import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import type { SweepResult, Trial } from '../../../src/core/sweep/result';
import { simulate } from './simulatedSweep';
import type { World } from './simulatedTrainer';
import { configured, randomSurface, worldOf } from './syntheticWorld';

const surface = randomSurface(1003, 0);
const plain: World = { ...worldOf(surface), isSteady: true };
const epochs = surface.epochs;

async function sweep(world: World, tuning: object = {}, onEvent?: (event: SweepEvent) => void) {
  const config = { epochs, ...configured, tuning };
  return (await simulate(world, config, onEvent ? { onEvent } : {})).result;
}

const noteIds = ({ notes = [] }: SweepResult) => notes.map(({ id }) => id);

function stepTimes(trials: readonly Trial[]): Map<number, number> {
  return new Map(trials.flatMap(({ batchSize, stepMs }) => (stepMs ? [[batchSize, stepMs]] : [])));
}

/** The largest factor by which the two differ at any size that both timed. */
function worstRatio(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): number {
  const ratios = [...a].flatMap(([size, ms]) => {
    const other = b.get(size);
    return other === undefined ? [] : [Math.max(ms / other, other / ms)];
  });
  expect(ratios.length).toBeGreaterThan(3);
  return Math.max(...ratios);
}

/** Learns as the plain world, after so many updates at the loss of guessing. */
function flatFor(updates: number, guess = Math.log(4)): World {
  return {
    ...plain,
    classes: { count: 4, guess: { loss: guess, accuracy: 0.25 } },
    begin: (options, pace) => {
      const training = plain.begin(options, pace);
      return {
        ...training,
        lossAt: (iterations) => {
          const learned = training.lossAt(Math.max(0, iterations - updates));
          const loss = guess * Math.min(1, learned.loss);
          return { loss: iterations < updates ? guess : loss, standardError: 0.001 };
        },
      };
    },
  };
}

describe('on a machine that other programs keep busy', () => {
  it('step times are those of the quiet one, the pick as well, and the load is told', async () => {
    const quiet = await sweep({ ...plain, busyShare: () => 0 });
    const busy = await sweep({ ...plain, busyShare: (seconds) => (seconds < 4 ? 0.8 : 0.4) });
    expect(worstRatio(stepTimes(busy.trials), stepTimes(quiet.trials))).toBeLessThan(1.15);
    const { batchSize, confidence } = busy.recommendation ?? {};
    const tied = confidence?.tied.map((each) => each.batchSize) ?? [];
    expect([batchSize, ...tied]).toContain(quiet.recommendation?.batchSize);
    expect(busy.timing).toMatchObject({ clock: 'processor' });
    expect(busy.timing?.waitingShare).toBeGreaterThan(0.3);
    expect(noteIds(busy)).toContain('machineBusy');
    expect(noteIds(quiet)).not.toContain('machineBusy');
  });
});

/** Six times as slow at first, then not at all. */
const until = (seconds: number) => (worked: number) => (worked < seconds ? 6 : 1);

/** Steps that get faster for as long as a sweep takes. */
const inTheLongRun = (worked: number) => 1 + 0.6 * Math.exp(-worked / 6);

describe('in a process whose engine is cold', () => {
  it('sizes are timed once their steps no longer get faster', async () => {
    const warm = await sweep(plain);
    for (const seconds of [0.3, 1, 1.5]) {
      const cold = await sweep({ ...plain, coldness: until(seconds) });
      expect(worstRatio(stepTimes(cold.trials), stepTimes(warm.trials))).toBeLessThan(1.1);
    }
  });
});

describe('the warm-up of a process', () => {
  it('is training of the size that pilots, and of no other', async () => {
    const evaluated: string[] = [];
    let isProbing = true;
    const { trials } = await sweep({ ...plain, coldness: until(1) }, {}, (event) => {
      isProbing &&= event.type !== 'probeFinished';
      if (isProbing && event.type === 'lossPoint') evaluated.push(event.id);
    });
    expect(new Set(evaluated)).toEqual(new Set([`${configured.batchSize}-1`]));
    const smallest = trials.find(({ batchSize }) => batchSize === 8);
    expect((smallest?.iterations ?? Infinity) * plain.stepSeconds(8)).toBeLessThan(0.5);
  });
});

describe('in a process whose steps get faster for many seconds', () => {
  it('sizes that were only probed are timed as warm as those that raced', async () => {
    const { trials } = await sweep({ ...plain, coldness: inTheLongRun });
    const coldness = [...stepTimes(trials)].map(([size, ms]) => ms / plain.stepSeconds(size));
    expect(trials.some(({ purpose }) => purpose === 'probe')).toBe(true);
    expect(Math.max(...coldness) / Math.min(...coldness)).toBeLessThan(1.1);
  });
});

describe('in a process that was cold for a moment only', () => {
  it('sizes that were timed warm are not timed again', async () => {
    const { trials } = await sweep({ ...plain, coldness: until(0.8) });
    const probed = trials.filter(({ purpose }) => purpose === 'probe');
    expect(probed.length).toBeGreaterThan(2);
    // A size is timed for 0.3 s at most, and for a moment more in turns at the end.
    for (const { batchSize, iterations } of probed) {
      expect(iterations * plain.stepSeconds(batchSize)).toBeLessThan(0.5);
    }
  });
});

describe('from a flat start', () => {
  it('the pilot goes on until something is learned', async () => {
    const { target, recommendation } = await sweep(flatFor(300));
    expect(target?.value).toBeLessThan(0.8 * Math.log(4));
    expect(recommendation).not.toBeNull();
  });

  it('nothing is recommended by time where the budget ends first, and one that would do is named', async () => {
    const result = await sweep(flatFor(1e9), { budget: '3s' });
    expect(result.target).toBeNull();
    expect(result.recommendation).toBeNull();
    expect(result.notes?.[0]?.text).toMatch(/has not begun to learn.*tuning\.budget to about/);
  });

  it('an accuracy of guessing the larger class is no target, and the loss is offered instead', async () => {
    const world: World = {
      ...plain,
      classes: { count: 2, guess: { loss: 0.056, accuracy: 0.99 } },
      begin: (options, pace) => ({
        ...plain.begin(options, pace),
        accuracyAt: (iterations) => (iterations === 0 ? 0.4 : 0.99),
      }),
    };
    const result = await sweep(world, { targetMetric: 'accuracy', budget: '3s' });
    expect(result.target).toBeNull();
    expect(result.recommendation).toBeNull();
    expect(result.notes?.[0]?.id).toBe('notBetterThanGuessing');
    expect(result.notes?.[0]?.text).toContain('tuning.targetMetric');
  });
});

describe('a target from the config', () => {
  it('that the start already meets is told while the sweep runs, and a pilot sets another', async () => {
    const result = await sweep(plain, { targetLoss: 2 });
    expect(noteIds(result)).toContain('targetMet');
    expect(result.target?.source).toBe('pilot');
    expect(result.target?.value).toBeLessThan(1);
  });

  it('that no trial comes near is told', async () => {
    const result = await sweep(flatFor(1e9), { targetLoss: 0.01, budget: '3s' });
    expect(noteIds(result)).toContain('targetFar');
  });
});

describe('a race of one', () => {
  it('beats nobody: sizes that were stopped by the budget are named as not compared, or as tied', async () => {
    const times = (size: number) => (size === configured.batchSize ? 10 : 20);
    const slow: World = {
      ...plain,
      evaluationSeconds: 3 * plain.evaluationSeconds,
      stepSeconds: (size) => times(size) * plain.stepSeconds(size),
    };
    const { recommendation, trials } = await sweep(slow, { budget: '8s' });
    expect(trials.filter((trial) => trial.timeToTargetSeconds !== null)).toHaveLength(1);
    expect(recommendation?.batchSize).toBe(configured.batchSize);
    const { isSure, beat, tied = [], notCompared = [] } = recommendation?.confidence ?? {};
    expect({ isSure, beat }).toEqual({ isSure: false, beat: [] });
    const named = [
      ...tied.map(({ batchSize }) => batchSize),
      ...notCompared.flatMap(({ batchSize, why }) => (why === 'budget' ? [batchSize] : [])),
    ];
    const raced = trials.filter(({ phase, batchSize }) => phase === 'race' && batchSize !== 32);
    expect(named.toSorted()).toEqual(raced.map(({ batchSize }) => batchSize).toSorted());
    expect(named.length).toBeGreaterThan(0);
  });
});

describe('an early answer', () => {
  it('comes marked as soon as two sizes were compared, and the last one is not', async () => {
    const answers: { isProvisional: boolean; isAfterEnd: boolean; compared: number }[] = [];
    let isOver = false;
    const result = await sweep(plain, {}, (event) => {
      if (event.type === 'finished') isOver = true;
      if (event.type !== 'recommended') return;
      const { beat = [], tied = [] } = event.recommendation?.confidence ?? {};
      answers.push({
        isProvisional: event.isProvisional ?? false,
        isAfterEnd: isOver,
        compared: beat.length + tied.length,
      });
    });
    expect(answers.length).toBeGreaterThan(1);
    for (const { isProvisional, isAfterEnd, compared } of answers.slice(0, -1)) {
      expect({ isProvisional, isAfterEnd }).toEqual({ isProvisional: true, isAfterEnd: false });
      expect(compared).toBeGreaterThan(0);
    }
    expect(answers.at(-1)?.isProvisional).toBe(false);
    expect(result.recommendation?.reasons[1]?.id).toMatch(/^confidence|^onlyOne/);
  });
});
