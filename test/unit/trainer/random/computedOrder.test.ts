import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ComputedOrder } from '../../../../src/trainer/random/computedOrder';
import { DataOrder, InOrder } from '../../../../src/trainer/training/dataOrder';

const runs = { seed: 11, numRuns: 80 };
const counts = fc.integer({ min: 1, max: 700 });

describe('an order that is computed', () => {
  it('has every number once, and tells where each stands', () => {
    fc.assert(
      fc.property(counts, fc.integer(), (count, seed) => {
        const order = new ComputedOrder(count, seed);
        const all = Array.from({ length: count }, (_, place) => order.at(place));
        expect(all.toSorted((a, b) => a - b)).toEqual([...Array(count).keys()]);
        all.forEach((value, place) => {
          expect(order.placeOf(value)).toBe(place);
        });
      }),
      runs,
    );
  });

  it('does so for more samples than could be listed', () => {
    const order = new ComputedOrder(2 ** 31 - 1, 5);
    for (let place = 0; place < 2 ** 31 - 1; place += 2 ** 22 + 12345) {
      expect(order.placeOf(order.at(place))).toBe(place);
    }
  });

  it('puts every number at every place about equally often, beside any other', () => {
    const [count, orders] = [6, 12_000];
    const seen = Array.from({ length: count * count }, () => 0);
    let neighbours = 0;
    for (let seed = 0; seed < orders; seed++) {
      const order = new ComputedOrder(count, seed);
      for (let place = 0; place < count; place++) {
        const at = place * count + order.at(place);
        seen[at] = (seen[at] ?? 0) + 1;
      }
      if (order.at(1) === (order.at(0) + 1) % count) neighbours++;
    }
    // Standard deviations are 41 and 44.
    for (const times of seen) expect(Math.abs(times - orders / count)).toBeLessThan(170);
    expect(Math.abs(neighbours - orders / (count - 1))).toBeLessThan(180);
  });
});

describe('looking ahead in the order of the data', () => {
  it('tells what next will give, over the ends of epochs, listed or computed', () => {
    const cases = fc.tuple(counts, fc.integer({ min: 1, max: 90 }), fc.integer(), fc.boolean());
    fc.assert(
      fc.property(cases, ([samples, batchSize, seed, computed]) => {
        const order = new DataOrder(samples, seed, 2, computed);
        const ahead = new DataOrder(samples, seed, 2, computed);
        for (let batch = 0; batch < 12; batch++) {
          const foreseen = ahead.ahead(order.taken, batchSize);
          expect([...order.next(batchSize)]).toEqual([...foreseen]);
        }
        expect(ahead.taken).toBe(0);
      }),
      runs,
    );
  });

  it('ends with the last sample of an order that is gone through once', () => {
    const order = new InOrder(5);
    expect([...order.ahead(3, 4)]).toEqual([3, 4]);
    expect([...order.next(4)]).toEqual([0, 1, 2, 3]);
    expect([...order.next(4)]).toEqual([4]);
    expect(order.next(4)).toHaveLength(0);
    expect(order.ahead(5, 1)).toHaveLength(0);
  });
});
