import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { partOfSweep, sweepEvents } from '../unit/webview/sweepFixture';
import { ScriptedModel } from './panelPage';
import { panelStates } from './panelStates';
import { asTable, button, canvas, charts, coloursIn, rows, tuned } from './panelQueries';
import { usePanel } from './usePanel';

const open = usePanel();

describe('a finished sweep', () => {
  it('draws every chart under a policy that nothing violates', async () => {
    const { page, faults } = await open(tuned());
    for (const chart of charts) {
      await expect.poll(() => coloursIn(canvas(page, chart))).toBeGreaterThan(20);
      expect(await canvas(page, chart).getAttribute('aria-label')).toBeTruthy();
    }
    expect(faults).toEqual([]);
  });

  it('lists its trials', async () => {
    const { page } = await open(tuned());
    const table = page.locator('.trials table');
    await expect.poll(async () => (await rows(table)).length).toBe(11);
    expect(await rows(table)).toMatchInlineSnapshot(`
      [
        "Batch size | Outcome | Time to target | Validation loss | Accuracy | Step time | Throughput | Peak memory | Learning rate | Iterations",
        "8 | Stopped early · slower than the best | – | 0.398 | 0.826 | 1.1 ms | 7.06k/s | 47.8 MB | 0.0005 | 6,400",
        "16 | Reached target | 4.6 s | 0.302 | 0.882 | 1.1 ms | 14.7k/s | 47.8 MB | 0.000707 | 4,200",
        "32 | Reached target | 2.8 s | 0.278 | 0.884 | 1.3 ms | 25.1k/s | 47.8 MB | 0.001 | 2,250",
        "64 | Reached target | 2.0 s | 0.296 | 0.883 | 1.6 ms | 38.8k/s | 48.7 MB | 0.00141 | 1,250",
        "128 ★ | Reached target | 1.7 s | 0.301 | 0.882 | 2.4 ms | 54.3k/s | 58.3 MB | 0.002 | 754",
        "256 | Reached target | 1.9 s | 0.320 | 0.870 | 3.6 ms | 71k/s | 77.4 MB | 0.00283 | 480",
        "512 | Reached target | 2.5 s | 0.595 | 0.759 | 6.5 ms | 78.2k/s | 116 MB | 0.004 | 240",
        "1,024 | Reached target | 3.9 s | 0.780 | 0.686 | 12.1 ms | 84.6k/s | 192 MB | 0.00566 | 160",
        "2,048 | Diverged | – | 24.2 | 0.100 | 23.2 ms | 88.2k/s | 345 MB | 0.008 | 6",
        "4,096 | Out of memory | – | – | – | – | – | – | 0.0113 | 0",
      ]
    `);
  });

  it('says the same as its charts in tables', async () => {
    const { page } = await open(tuned());
    expect(await asTable(page, 'time')).toMatchInlineSnapshot(`
      [
        "Batch size | Time to target | 95% interval | Predicted",
        "8 | not reached in 7.0 s | – | 8.8 s",
        "16 | 4.6 s | 4.3 s – 4.9 s | 4.4 s",
        "32 | 2.8 s | 2.6 s – 3.0 s | 2.9 s",
        "64 | 2.0 s | 1.8 s – 2.1 s | 2.0 s",
        "128 | 1.7 s | 1.6 s – 1.9 s | 1.7 s",
        "256 | 1.9 s | 1.7 s – 2.0 s | 1.9 s",
        "512 | 2.5 s | 2.3 s – 2.7 s | 2.4 s",
        "1,024 | 3.9 s | 3.6 s – 4.2 s | 4.1 s",
        "2,048 | Diverged | – | 7.1 s",
        "4,096 | Out of memory | – | –",
      ]
    `);
    expect(await asTable(page, 'throughput')).toMatchInlineSnapshot(`
      [
        "Batch size | Throughput | 95% interval | Time per iteration",
        "8 | 7.06k/s | 6.73k/s – 7.36k/s | 1.1 ms",
        "16 | 14.7k/s | 14k/s – 15.3k/s | 1.1 ms",
        "32 | 25.1k/s | 23.9k/s – 26.2k/s | 1.3 ms",
        "64 | 38.8k/s | 37k/s – 40.4k/s | 1.6 ms",
        "128 | 54.3k/s | 51.7k/s – 56.5k/s | 2.4 ms",
        "256 | 71k/s | 67.6k/s – 74k/s | 3.6 ms",
        "512 | 78.2k/s | 74.5k/s – 81.5k/s | 6.5 ms",
        "1,024 | 84.6k/s | 80.6k/s – 88.1k/s | 12.1 ms",
        "2,048 | 88.2k/s | 84k/s – 91.9k/s | 23.2 ms",
      ]
    `);
    expect((await asTable(page, 'memory')).at(-1)).toMatchInlineSnapshot(
      `"4,096 | Out of memory | 652 MB | – | – | – | – | –"`,
    );
    expect((await asTable(page, 'loss'))[5]).toMatchInlineSnapshot(
      `"128 | 0.287 | 0.301 | 0.301 | 96,512"`,
    );
    await page.getByRole('radio', { name: 'Seconds' }).check({ force: true });
    await page.getByRole('columnheader', { name: 'Best at (Seconds)' }).waitFor();
    expect((await rows(page.locator('table[data-table="loss"]')))[5]).toMatchInlineSnapshot(
      `"128 | 0.287 | 0.301 | 0.301 | 1.7 s"`,
    );
  });

  it('recommends, with reasons, and applies', async () => {
    const model = tuned();
    const { page } = await open(model);
    const card = page.getByRole('region', { name: 'Recommendation' });
    expect(await card.locator('.big').textContent()).toBe('128');
    expect(await card.locator('.reasons li').allTextContents()).toContainEqual(
      expect.stringContaining('faster than batch size 32'),
    );
    await button(page, 'Size only').click();
    await expect.poll(() => model.asked).toEqual([['apply', 128, null]]);
    await expect.poll(() => card.locator('.inUse').textContent()).toContain('uses this batch size');
    await button(page, 'Apply learning rate 0.002').click();
    await expect.poll(() => model.asked.at(-1)).toEqual(['apply', 128, 0.002]);
    await expect.poll(() => card.getByRole('button', { name: /^Apply/ }).count()).toBe(0);
  });

  it('applies size and rate together with its one primary button', async () => {
    const model = tuned();
    const { page } = await open(model);
    const primary = page.locator('.button.primary');
    expect(await primary.count()).toBe(1);
    await primary.click();
    await expect.poll(() => model.asked).toEqual([['apply', 128, 0.002]]);
  });

  it('says how sure it is with the size, once, and what that rests on when asked', async () => {
    const model = panelStates['done']?.();
    if (!model) throw new Error('There is no such state.');
    const { page } = await open(model);
    const told = page.locator('.confidence');
    expect(await told.locator('> p').textContent()).toContain('cannot be told apart from 256');
    expect(await page.locator('.reasons').allTextContents()).not.toContainEqual(
      expect.stringContaining('told apart'),
    );
    await told.locator('summary').click();
    expect(await rows(told.locator('table'))).toEqual([
      'Batch size | Time to target, times as long | Measured with',
      '8 | not compared | only its speed and memory',
      '32 | at least 1.8 | one seed',
      '64 | 1.55 (1.1–2.2) | one seed',
      '256 | 1.04 (0.95–1.14) | 2 seeds',
      '512 | 1.8 (1.1–2.2) | one seed',
    ]);
  });

  it('copies and saves a chart as a picture', async () => {
    const model = tuned();
    const { page, faults } = await open(model);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button(page, 'Copy Time to target as a picture').click();
    await expect
      .poll(() =>
        page.evaluate(async () =>
          (await navigator.clipboard.read()).flatMap(({ types }) => [...types]),
        ),
      )
      .toEqual(['image/png']);
    await button(page, 'Save Time to target as a picture').click();
    await expect.poll(() => model.asked).toEqual([['saveChart', 'time', true]]);
    expect(faults).toEqual([]);
  });

  it('says what has changed since the sweep', async () => {
    const model = tuned();
    const { page } = await open(model);
    expect(await page.locator('.notice').count()).toBe(0);
    model.become({ changedFiles: ['train.csv', 'model.json'] });
    await page.locator('.notice', { hasText: 'train.csv, model.json' }).waitFor();
  });

  it('says what is the earlier sweep that is laid over it', async () => {
    const { page } = await open(panelStates['compared']?.() ?? tuned());
    const legends = (chart: string) =>
      page.locator(`[data-card="${chart}"] .legend .key`).allInnerTexts();
    expect(await legends('time')).toContain('earlier sweep');
    expect(await legends('loss')).toEqual(['this sweep', 'earlier sweep']);
  });

  it('hides a batch size in the loss chart and brings it back', async () => {
    const panel = await open(tuned());
    const { page } = panel;
    const chip = page.locator('.chip', { hasText: /^\s*64\s*$/ });
    await chip.click();
    await expect.poll(() => chip.getAttribute('aria-pressed')).toBe('false');
    await expect.poll(() => panel.saved()).toMatchObject({ ui: { hidden: [64] } });
    await chip.click();
    await expect.poll(() => chip.getAttribute('aria-pressed')).toBe('true');
  });

  it('comes back as it was left', async () => {
    const ui = {
      lossAxis: 'seconds',
      hidden: [],
      hiddenParts: [],
      selected: 256,
      asTable: ['memory'],
    };
    const { page } = await open(tuned(), { saved: { configUri: 'file:///x', ui } });
    expect(await page.locator('tr.chosen th').textContent()).toContain('256');
    expect(await page.getByRole('radio', { name: 'Seconds' }).isChecked()).toBe(true);
    expect(await page.locator('table[data-table="memory"]').count()).toBe(1);
  });
});

describe('a running sweep', () => {
  it('fills in place as events arrive', async () => {
    const events = sweepEvents();
    const model = new ScriptedModel();
    const { page, faults } = await open(model);
    await button(page, 'Tune Batch Size').click();
    await expect.poll(() => model.asked).toEqual(['tune']);
    model.become({ starting: 'preparing' });
    await page.waitForSelector('main[data-phase="running"]');
    expect(await button(page, /Tune/).count()).toBe(0);

    const started = partOfSweep(0.4).length;
    model.happen(events.slice(0, started));
    await page.waitForSelector('main[data-phase="running"]');
    await expect.poll(() => coloursIn(canvas(page, 'loss'))).toBeGreaterThan(20);
    const before = await canvas(page, 'loss').elementHandle();
    expect(await page.locator('.progress').textContent()).toMatch(
      /Training with batch size .* left/s,
    );
    await button(page, 'Cancel').click();
    await expect.poll(() => model.asked).toEqual(['tune', 'cancel']);

    for (const event of events.slice(started)) model.happen([event]);
    await page.waitForSelector('main[data-phase="done"]');
    expect(await canvas(page, 'loss').evaluate((now, then) => now === then, before)).toBe(true);
    // Rows come some a frame.
    await expect.poll(async () => (await rows(page.locator('.trials table'))).length).toBe(11);
    expect(faults).toEqual([]);
  });
});

describe('the other states', () => {
  it.each<[string, ScriptedModel, string, string, string]>([
    [
      'no config',
      new ScriptedModel({ config: null, configUri: null }),
      'noConfig',
      'Create Config',
      'createConfig',
    ],
    [
      'a sweep that waits for another one',
      new ScriptedModel({ starting: 'waiting' }),
      'waiting',
      'Cancel',
      'cancel',
    ],
    [
      'a sweep that starts',
      new ScriptedModel({ starting: 'preparing' }),
      'running',
      'Cancel',
      'cancel',
    ],
    ['no sweep', new ScriptedModel(), 'noSweep', 'Open Config', 'openConfig'],
    [
      'Restricted Mode',
      new ScriptedModel({ trusted: false, events: sweepEvents() }),
      'done',
      'Manage Trust',
      'manageTrust',
    ],
    [
      'an interrupted sweep',
      new ScriptedModel({ events: partOfSweep(0.5), interrupted: true }),
      'interrupted',
      'Resume',
      'resume',
    ],
    [
      'a cancelled sweep',
      new ScriptedModel({ events: [...partOfSweep(0.5), { type: 'cancelled' }] }),
      'cancelled',
      'Tune Again',
      'tune',
    ],
    [
      'a cancelled sweep that goes on',
      new ScriptedModel({ events: [...partOfSweep(0.5), { type: 'cancelled' }] }),
      'cancelled',
      'Resume',
      'resume',
    ],
    [
      'a failed sweep',
      new ScriptedModel({
        events: [
          ...partOfSweep(0.1),
          {
            type: 'failed',
            error: { id: 'workerDied', values: { cause: 'SIGKILL' }, text: 'It died.' },
          },
        ],
      }),
      'failed',
      'Show Log',
      'showLog',
    ],
  ])('%s', async (_name, model, phase, label, action) => {
    const { page, faults } = await open(model);
    await page.waitForSelector(`main[data-phase="${phase}"]`);
    await button(page, label).first().click();
    await expect.poll(() => model.asked).toEqual([action]);
    expect(faults).toEqual([]);
  });

  it('offers no tuning in Restricted Mode', async () => {
    const { page } = await open(new ScriptedModel({ trusted: false, events: sweepEvents() }));
    expect(await button(page, /Tune/).count()).toBe(0);
  });

  it('tells why no batch size is recommended', async () => {
    const values = { batchSize: 8, limit: '2 MB' };
    const notes = [{ id: 'nothingFits', values, text: '' }];
    const events = sweepEvents().map((event) =>
      event.type === 'finished'
        ? { ...event, result: { ...event.result, recommendation: null, notes } }
        : event,
    );
    const { page } = await open(new ScriptedModel({ events }));
    await page.getByRole('heading', { name: 'No batch size is recommended' }).waitFor();
    // A number and its unit stay on one line.
    expect(await page.locator('.recommendation .reasons').textContent()).toContain('2\u00a0MB');
  });

  it('tells beside a recommendation what the sweep noted', async () => {
    const notes = [{ id: 'settledFast', values: {}, text: 'The labels are in the last column.' }];
    const events = sweepEvents().map((event) =>
      event.type === 'finished' ? { ...event, result: { ...event.result, notes } } : event,
    );
    const { page } = await open(new ScriptedModel({ events }));
    await page.getByRole('heading', { name: 'Notes' }).waitFor();
    expect(await page.locator('.why').textContent()).toContain(
      'The labels are in the last column.',
    );
  });

  it('tells why a sweep failed', async () => {
    const error = { id: 'workerDied', values: { cause: 'SIGKILL' }, text: 'It died.' };
    const { page } = await open(
      new ScriptedModel({ events: [...partOfSweep(0.1), { type: 'failed', error }] }),
    );
    expect(await page.getByRole('alert').textContent()).toContain('SIGKILL');
  });

  it('shows why the host refused, until dismissed', async () => {
    const model = tuned();
    const { page } = await open(model);
    model.refusal = 'The config changed under the panel.';
    await button(page, 'Tune Again').click();
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toContain('The config changed under the panel.');
    await button(page, 'Dismiss').click();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });
});

describe('the marker', () => {
  it('moves by the arrow keys and offers to apply where it stands', async () => {
    const model = tuned();
    const { page } = await open(model);
    const slider = page.getByRole('slider', { name: 'Batch size to apply' });
    await slider.focus();
    expect(await slider.getAttribute('aria-valuetext')).toContain('128');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toContain('256');
    expect(await page.locator('.selection').textContent()).toContain('256, compared with 128');
    await button(page, 'Apply 256 with learning rate 0.00283').click();
    await expect.poll(() => model.asked).toEqual([['apply', 256, 0.001 * Math.sqrt(8)]]);
    await button(page, 'Back to 128').click();
    await expect.poll(() => page.locator('tr.chosen th').textContent()).toContain('128');
  });

  it('is dragged to another measured size', async () => {
    const { page } = await open(tuned());
    await expect.poll(() => coloursIn(canvas(page, 'time'))).toBeGreaterThan(20);
    const ring = await findRing(page);
    await page.mouse.move(ring.x, ring.y);
    await page.mouse.down();
    await page.mouse.move(ring.x - 60, ring.y - 10, { steps: 6 });
    await page.mouse.move(ring.x - 120, ring.y - 40, { steps: 6 });
    await page.mouse.up();
    await expect
      .poll(() => page.locator('.selection').textContent())
      .toMatch(/^\s*(8|16|32|64), compared with 128/);
    // A pixel off a size is still that size: nothing in between can be picked.
    expect(await page.locator('tr.chosen').count()).toBe(1);
  });

  /** Walks down the chart until the pointer would grab. */
  async function findRing(page: Page): Promise<{ x: number; y: number }> {
    const box = await canvas(page, 'time').boundingBox();
    if (!box) throw new Error('The chart is not shown.');
    const cursor = () => canvas(page, 'time').evaluate((element) => element.style.cursor);
    for (let x = box.x + box.width * 0.35; x < box.x + box.width * 0.75; x += 10) {
      for (let y = box.y + 40; y < box.y + box.height - 40; y += 10) {
        await page.mouse.move(x, y);
        if ((await cursor()) === 'grab') return { x, y };
      }
    }
    throw new Error('There is no marker to grab.');
  }
});
