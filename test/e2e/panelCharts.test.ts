import { createCanvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import { partOfSweep, sweepEvents } from '../unit/webview/sweepFixture';
import { ScriptedModel } from './panelPage';
import { canvas, charts, coloursIn, drawnAnew, tuned } from './panelQueries';
import { usePanel } from './usePanel';
import type { Locator } from 'playwright-core';

const open = usePanel();
const drawn = (chart: Locator) =>
  chart.evaluate((element) => (element as HTMLCanvasElement).toDataURL());

async function differentPixels(one: string, other: string): Promise<number> {
  const [a, b] = await Promise.all([one, other].map(dataOf));
  let count = 0;
  for (let index = 0; index < Math.max(a?.length ?? 0, b?.length ?? 0); index++) {
    if (Math.abs((a?.[index] ?? 0) - (b?.[index] ?? 0)) > 16) count++;
  }
  return count;
}

async function dataOf(url: string): Promise<Uint8ClampedArray> {
  const image = await loadImage(url);
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height).data;
}

describe('the charts', () => {
  it('tell what is pointed at among the curves', async () => {
    const { page } = await open(tuned());
    const loss = canvas(page, 'loss');
    await expect.poll(() => coloursIn(loss)).toBeGreaterThan(20);
    const before = await drawn(loss);
    await loss.hover();
    await expect.poll(() => drawn(loss)).not.toBe(before);
    await page.mouse.move(0, 0);
    await expect.poll(() => drawn(loss)).toBe(before);
  });

  it('look the same whether they were watched as they grew or not', async () => {
    const whole = sweepEvents();
    const part = partOfSweep(0.5);
    const watched = new ScriptedModel({ events: part });
    const panel = await open(watched);
    const { page } = panel;
    await expect.poll(() => coloursIn(canvas(page, 'throughput'))).toBeGreaterThan(20);
    watched.happen(whole.slice(part.length));
    await page.locator('main[data-phase="done"]').waitFor();
    const pictures = async (from: typeof page) => {
      const urls: string[] = [];
      for (const chart of charts) {
        await canvas(from, chart).scrollIntoViewIfNeeded();
        await expect.poll(() => coloursIn(canvas(from, chart))).toBeGreaterThan(20);
        await drawnAnew(from);
        urls.push(await drawn(canvas(from, chart)));
      }
      return urls;
    };
    await expect.poll(() => coloursIn(canvas(page, 'time'))).toBeGreaterThan(20);
    const grown = await pictures(page);
    await panel.close();
    const fresh = await open(new ScriptedModel({ events: [...part, ...whole.slice(part.length)] }));
    // What lies on a layer of its own is mixed with the rest in another order: by a shade at most.
    await expect
      .poll(async () => {
        const now = await pictures(fresh.page);
        return Promise.all(now.map((url, index) => differentPixels(url, grown[index] ?? '')));
      })
      .toEqual([0, 0, 0, 0]);
  });

  it('are drawn when they come into view, and again with what happened out of sight', async () => {
    const model = new ScriptedModel({ events: partOfSweep(0.5) });
    const { page } = await open(model, { width: 320, height: 300 });
    const loss = canvas(page, 'loss');
    await canvas(page, 'throughput').scrollIntoViewIfNeeded();
    await expect.poll(() => coloursIn(canvas(page, 'throughput'))).toBeGreaterThan(3);
    expect(await coloursIn(loss)).toBe(1);
    await loss.scrollIntoViewIfNeeded();
    await expect.poll(() => coloursIn(loss)).toBeGreaterThan(20);
    await page.evaluate(() => {
      scrollTo(0, 0);
    });
    const before = await drawn(loss);
    model.happen(sweepEvents().slice(partOfSweep(0.5).length));
    await page.locator('main[data-phase="done"]').waitFor();
    await loss.scrollIntoViewIfNeeded();
    await expect.poll(() => drawn(loss)).not.toBe(before);
  });

  it('say in words what they show', async () => {
    const { page } = await open(tuned());
    const said = [];
    for (const chart of charts) said.push(await canvas(page, chart).getAttribute('aria-label'));
    expect(said).toMatchInlineSnapshot(`
      [
        "Time to target. Seconds of training to validation loss 0.3. Least: 1.7 s at 128.",
        "Loss per batch size. Validation solid, training dashed. Lowest: 0.278 at 32.",
        "Throughput. Most: 88.2k/s at 2,048.",
        "Memory per batch size. Largest that fits: 3,148.",
      ]
    `);
    expect(await page.locator('main > [role="status"]').textContent()).toBe('The sweep is done.');
  });
});
