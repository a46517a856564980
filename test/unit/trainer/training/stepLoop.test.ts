import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectBackend } from '../../../../src/trainer/backends/select';
import { fail, ok } from '../../../../src/core/text/problem';
import { DataOrder } from '../../../../src/trainer/training/dataOrder';
import { DivergenceWatch } from '../../../../src/trainer/training/divergence';
import { permutation } from '../../../../src/trainer/random/seededRandom';
import { WarmUp } from '../../../../src/trainer/training/warmUp';
import { Turns } from '../../../../src/trainer/turns';

const runs = { seed: 7, numRuns: 60 };

describe('the order of the data', () => {
  it('has every sample once an epoch, the same at every batch size', () => {
    const cases = fc.tuple(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 70 }),
      fc.integer(),
    );
    fc.assert(
      fc.property(cases, ([samples, batchSize, seed]) => {
        const order = new DataOrder(samples, seed);
        for (let epoch = 1; epoch <= 2; epoch++) {
          const seen: number[] = [];
          for (let batch = 0; batch < Math.ceil(samples / batchSize); batch++) {
            expect(order.left).toBe(samples - seen.length);
            seen.push(...order.next(batchSize));
          }
          expect(order.epochs).toBe(epoch);
          expect(seen.toSorted((a, b) => a - b)).toEqual([...Array(samples).keys()]);
          const single = new DataOrder(samples, seed);
          for (let before = 1; before < epoch; before++) single.next(samples);
          expect(seen).toEqual([...single.next(samples)]);
        }
      }),
      runs,
    );
  });

  it('puts every sample first about equally often', () => {
    const firsts = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 5000; seed++) {
      const first = permutation(5, seed)[0] ?? 0;
      firsts[first] = (firsts[first] ?? 0) + 1;
    }
    // A standard deviation is 28.
    for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});

describe('divergence', () => {
  const start = { loss: 1, standardError: 0.05, samples: 256 };
  const watched = (batchSize = 32) => new DivergenceWatch(start, batchSize);

  it('is a loss that is no number', () => {
    expect(watched().observe(0.1, 1, NaN)?.values['loss']).toBe('NaN');
    expect(watched().observe(0.1, 1, Infinity)?.values['loss']).toBe('Infinity');
  });

  it('is a loss above the start for a whole epoch, not for less', () => {
    const watch = watched();
    // A leap in the first half of an epoch, then lower.
    expect(watch.observe(0.4, 10, 9)).toBeNull();
    expect(watch.observe(1, 10, 0.9)).toBeNull();
    // Within two standard errors.
    expect(watch.observe(1.4, 10, 1.05)).toBeNull();
    expect(watch.observe(2, 10, 1.05)).toBeNull();
    expect(watch.observe(2.4, 10, 1.5)).toBeNull();
    expect(watch.observe(3, 10, 1.5)?.id).toBe('causeLossRose');
  });

  it('is told of one update an epoch too, once there were enough of them', () => {
    const watch = watched();
    for (let epoch = 1; epoch < 20; epoch++) expect(watch.observe(epoch, 1, 1.5)).toBeNull();
    expect(watch.observe(20, 1, 1.5)?.id).toBe('causeLossRose');
  });

  it('is no loss that its first update began at, where outliers make the samples of the start vary', () => {
    const watch = watched(512);
    expect(watch.observe(0.05, 1, 1.4)).toBeNull();
    expect(watch.observe(0.5, 10, 1.35)).toBeNull();
    expect(watch.observe(1, 10, 1.3)).toBeNull();
    // Of a few samples, one outlier says little.
    const few = watched(8);
    expect(few.observe(0.05, 1, 1.4)).toBeNull();
    expect(few.observe(0.5, 10, 1.35)).toBeNull();
    expect(few.observe(1, 10, 1.3)?.id).toBe('causeLossRose');
  });

  it('is not a leap near full batch that comes down again', () => {
    const watch = watched();
    for (let epoch = 1; epoch <= 8; epoch++) expect(watch.observe(epoch, 1, 4)).toBeNull();
    for (let epoch = 9; epoch <= 40; epoch++) expect(watch.observe(epoch, 1, 0.5)).toBeNull();
  });
});

describe('warm-up', () => {
  it('lasts while blocks become faster, and not for ever', () => {
    const falling = new WarmUp();
    for (const ms of [100, 60, 40, 39]) {
      expect(falling.done).toBe(false);
      falling.observe(10, ms);
    }
    expect(falling.done).toBe(true);
    const endless = new WarmUp();
    let blocks = 0;
    for (; !endless.done; blocks++) endless.observe(1, 100 * 0.8 ** blocks);
    expect(blocks).toBeLessThan(10);
  });
});

describe('turns', () => {
  it('are taken one after the other, and an interrupt ends those asked for before it', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const work = (name: string) =>
      turns.take(async (turn) => {
        seen.push(`${name} begins`);
        await new Promise(setImmediate);
        seen.push(`${name} ${turn.interrupted() ? 'interrupted' : 'ends'}`);
      });
    const both = [work('a'), work('b')];
    turns.interrupt();
    await Promise.all(both);
    await work('c');
    expect(seen).toEqual([
      'a begins',
      'a interrupted',
      'b begins',
      'b interrupted',
      'c begins',
      'c ends',
    ]);
  });

  it('go on after one has failed', async () => {
    const turns = new Turns();
    const failed = turns.take(() => Promise.reject(new Error('no')));
    const next = turns.take(() => Promise.resolve(1));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe(1);
  });
});

describe('the choice of a backend', () => {
  const failing = {
    name: 'webgpu' as const,
    load: () => Promise.resolve(fail('backendFailed', { backend: 'webgpu', cause: 'no adapter' })),
  };
  const meter = { liveBytes: () => 0 } as never;
  const working = {
    name: 'cpu' as const,
    load: () =>
      Promise.resolve(
        ok({
          info: { name: 'cpu' as const, device: 'x', software: false, versions: {} },
          meter,
          availableBytes: () => null,
        }),
      ),
  };

  it('takes the first that loads and says why others were passed over', async () => {
    const selected = await selectBackend('auto', [failing, working]);
    expect(selected).toMatchObject({
      ok: true,
      value: { info: { name: 'cpu', skipped: [{ name: 'webgpu' }] } },
    });
    if (selected.ok) expect(selected.value.info.skipped[0]?.why.text).toContain('no adapter');
  });

  it('takes no other than the one asked for', async () => {
    expect(await selectBackend('webgpu', [failing, working])).toMatchObject({
      ok: false,
      problem: { values: { cause: 'no adapter' } },
    });
    expect((await selectBackend('tensorflow', [failing, working])).ok).toBe(false);
  });
});
