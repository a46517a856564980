import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSamples } from '../../../../src/trainer/data/split';

const classLists = fc.array(fc.nat(4), { minLength: 2, maxLength: 200 });
const fraction = fc.double({ min: 0.01, max: 0.99, noNaN: true });

describe('splitting off validation samples', () => {
  it('takes every sample once, at least one on each side, the same for the same seed', () => {
    fc.assert(
      fc.property(
        classLists,
        fraction,
        fc.integer(),
        fc.boolean(),
        (classes, share, seed, stratify) => {
          const classOf = stratify ? (sample: number) => classes[sample] ?? 0 : null;
          const split = splitSamples(classes.length, share, seed, classOf);
          const all = [...split.train, ...split.validation].sort((one, other) => one - other);
          expect(all).toEqual(classes.map((_, sample) => sample));
          expect(split.train.length).toBeGreaterThan(0);
          expect(split.validation.length).toBeGreaterThan(0);
          expect(splitSamples(classes.length, share, seed, classOf)).toEqual(split);
        },
      ),
    );
  });

  it('keeps the share of every class, and one of each to train on', () => {
    fc.assert(
      fc.property(classLists, fraction, fc.integer(), (classes, share, seed) => {
        const count = (samples: Iterable<number>, own: number) =>
          [...samples].filter((sample) => classes[sample] === own).length;
        const { train, validation } = splitSamples(
          classes.length,
          share,
          seed,
          (s) => classes[s] ?? 0,
        );
        const wanted = Math.min(
          classes.length - 1,
          Math.max(1, Math.round(classes.length * share)),
        );
        const distinct = new Set(classes);
        const spare = classes.length - distinct.size;
        if (spare >= 1) expect(validation.length).toBe(Math.min(wanted, spare));
        for (const own of distinct) {
          if (spare >= 1) expect(count(train, own)).toBeGreaterThan(0);
          const size = classes.filter((each) => each === own).length;
          const exact = (size * wanted) / classes.length;
          if (wanted <= spare / 2 && exact <= size - 1) {
            expect(count(validation, own)).toBeGreaterThanOrEqual(Math.floor(exact));
          }
        }
      }),
    );
  });

  it('draws other samples for other seeds', () => {
    const drawn = Array.from({ length: 20 }, (_, seed) =>
      splitSamples(100, 0.2, seed, null).validation.join(),
    );
    expect(new Set(drawn).size).toBe(20);
  });
});
