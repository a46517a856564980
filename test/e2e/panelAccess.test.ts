import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ScriptedModel, type PanelPage } from './panelPage';
import { panelStates } from './panelStates';
import { button, canvas, coloursIn, rows, tuned } from './panelQueries';
import type { ThemeName } from './themes';
import { usePanel } from './usePanel';

const open = usePanel();

/** Some controls of a state: all of them are found on its page. */
const controls: Readonly<Record<string, readonly string[]>> = {
  done: [
    'Export Result',
    'Tune Again',
    'Apply 128 with learning rate 0.002',
    'Batch size to apply',
    'Zoom in',
    '512',
  ],
  racing: ['Cancel', 'Zoom in', 'Optimizer'],
  compared: ['Stop Comparing'],
  invalid: ['batchwise.json:12:15', 'Change to "species"', 'Open Config'],
};

describe('for everyone', () => {
  it.each(Object.entries(controls))(
    'reaches every control by keyboard, in the order of the page, with a visible focus: %s',
    async (state, expected) => {
      const model = panelStates[state]?.();
      if (!model) throw new Error(`There is no state ${state}.`);
      const { page } = await open(model);
      const seen: string[] = [];
      for (let step = 0; step < 80; step++) {
        await page.keyboard.press('Tab');
        const focused = await page.evaluate(() => {
          const element = document.activeElement as HTMLElement | null;
          if (!element || element === document.body) return null;
          const ring = (node: Element | null) =>
            node !== null && getComputedStyle(node).outlineStyle !== 'none';
          const visible =
            ring(element) || ring(element.nextElementSibling) || ring(element.closest('.plot'));
          const name = element.getAttribute('aria-label') ?? element.textContent;
          return { name: name.replace(/\s+/g, ' ').trim(), visible };
        });
        if (focused === null) break;
        expect(focused).toMatchObject({ visible: true });
        seen.push(focused.name);
      }
      const inOrder = await page
        .locator(
          'button:not(:disabled), summary, input:not([type=radio]), :checked, [tabindex="0"]',
        )
        .evaluateAll((elements) =>
          elements
            .filter((element) => element.checkVisibility())
            .map((element) =>
              (element.getAttribute('aria-label') ?? element.textContent)
                .replace(/\s+/g, ' ')
                .trim(),
            ),
        );
      expect(seen).toEqual(inOrder);
      expect(seen).toEqual(expect.arrayContaining([...expected]));
    },
  );

  it.each<ThemeName>(['dark', 'light', 'highContrast', 'highContrastLight'])(
    'keeps the colours of batch sizes apart from the background: %s',
    async (theme) => {
      const { page } = await open(tuned(), { theme });
      const ratios = await page.locator('.chip .dot circle').evaluateAll((circles) => {
        const surface = document.createElement('canvas');
        const context = surface.getContext('2d');
        const luminance = (colour: string) => {
          if (!context) return 0;
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
          const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data].map(
            (byte) => {
              const value = byte / 255;
              return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
            },
          );
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const background = luminance(getComputedStyle(document.body).backgroundColor);
        return circles.map((circle) => {
          const colour = luminance(circle.getAttribute('fill') ?? '');
          return (Math.max(colour, background) + 0.05) / (Math.min(colour, background) + 0.05);
        });
      });
      expect(ratios.length).toBe(9);
      for (const ratio of ratios) expect(ratio).toBeGreaterThanOrEqual(3);
    },
  );

  it.each(['loss', 'memory'] as const)('redraws %s when the theme changes', async (chart) => {
    const drawnIn = async ({ page }: PanelPage) => {
      await canvas(page, chart).scrollIntoViewIfNeeded();
      return canvas(page, chart).evaluate((element) => (element as HTMLCanvasElement).toDataURL());
    };
    const panel = await open(tuned());
    await canvas(panel.page, chart).scrollIntoViewIfNeeded();
    await expect.poll(() => coloursIn(canvas(panel.page, chart))).toBeGreaterThan(20);
    const dark = await drawnIn(panel);
    await panel.theme('light');
    await expect.poll(() => drawnIn(panel)).not.toBe(dark);
    const light = await drawnIn(panel);
    await panel.theme('dark');
    await expect.poll(() => drawnIn(panel)).toBe(dark);
    await panel.close();
    const fresh = await open(tuned(), { theme: 'light' });
    await expect.poll(() => drawnIn(fresh)).toBe(light);
  });

  it.each([300, 640, 1600])('fits %i pixels without scrolling sideways', async (width) => {
    const { page } = await open(tuned(), { width });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    const columns = await page
      .locator('.charts')
      .evaluate((grid) => getComputedStyle(grid).gridTemplateColumns.split(' ').length);
    expect(columns).toBe(width >= 1000 ? 2 : 1);
  });

  it('keeps still where motion is unwanted', async () => {
    const animations = (page: Page) =>
      page.evaluate(() =>
        document.getAnimations().map((each) => (each as CSSAnimation).animationName),
      );
    for (const [state, name] of [
      ['racing', 'pulse'],
      ['preparing', 'run'],
    ] as const) {
      const model = () => panelStates[state]?.() ?? new ScriptedModel();
      const moving = await open(model());
      await expect.poll(() => animations(moving.page)).toContain(name);
      await moving.close();
      const still = await open(model(), { reducedMotion: true });
      expect(await animations(still.page)).toEqual([]);
      await still.close();
    }
  });

  it('speaks the language of the editor', async () => {
    const strings = {
      'Recommended batch size': '推奨バッチサイズ',
      'Apply {size} with learning rate {rate}': '{size} を {rate} で適用',
      'Found in {time} by training on {samples} samples.': '{samples} サンプル、{time}',
    };
    const { page } = await open(tuned(), { language: { tag: 'ja', strings } });
    expect(await page.locator('html').getAttribute('lang')).toBe('ja');
    expect((await page.locator('.answer h2').textContent())?.trim()).toBe('推奨バッチサイズ');
    expect(await button(page, '128 を 0.002 で適用').count()).toBe(1);
    expect(await page.locator('.cost').textContent()).toContain('1,204,000 サンプル');
  });
});

describe('the policy of the page', () => {
  it('runs no script that is not ours', async () => {
    const { page, faults } = await open(tuned());
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.intruded = true';
      document.body.append(script);
      const handler = document.createElement('div');
      handler.setAttribute('onclick', 'globalThis.intruded = true');
      document.body.append(handler);
      handler.click();
    });
    expect(await page.evaluate(() => 'intruded' in globalThis)).toBe(false);
    await expect.poll(() => faults.some((fault) => fault.startsWith('script-src'))).toBe(true);
  });

  it('survives messages that are not of its contract', async () => {
    const { page } = await open(tuned());
    await page.evaluate(() => {
      for (const data of [
        null,
        7,
        { kind: 'event', name: 'sweepEvents', payload: { events: [{ type: 'x' }] } },
        { kind: 'event', name: '__proto__', payload: {} },
      ]) {
        window.postMessage(data, '*');
      }
    });
    await page.getByRole('radio', { name: 'Iterations' }).check({ force: true });
    expect(await page.locator('main').getAttribute('data-phase')).toBe('done');
    // Rows come some a frame.
    await expect.poll(async () => (await rows(page.locator('.trials table'))).length).toBe(11);
  });
});
