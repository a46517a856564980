import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { panelStates } from './panelStates';
import { themes, type ThemeName } from './themes';
import { usePanel } from './usePanel';

const open = usePanel();

/** What axe-core finds serious; only by these rules, where any are named. */
async function violations(page: Page, rules: readonly string[] = []): Promise<string[]> {
  return page.evaluate(
    async (values) => {
      const { axe: tool } = globalThis as unknown as { axe: typeof axe };
      const found = await tool.run(document, {
        resultTypes: ['violations'],
        ...(values.length && { runOnly: { type: 'rule', values } }),
      });
      return found.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
        );
    },
    [...rules],
  );
}

/** Pixels by which the page is wider than the window, and the parts that stick out. */
async function overflow(page: Page): Promise<{ pixels: number; parts: string[] }> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const parts = [...document.querySelectorAll('main *')].filter(
      (part) => part.getBoundingClientRect().right > clientWidth && !part.closest('.scroll'),
    );
    return {
      pixels: scrollWidth - clientWidth,
      parts: parts.map(({ outerHTML }) => outerHTML.slice(0, 120)),
    };
  });
}

/** A narrow side, and half of a window: a zoom of 200%. */
const widths = [280, 600];

describe('in every state, axe-core finds nothing serious in any theme and nothing sticks out', () => {
  it.each(Object.keys(panelStates))('%s', async (state) => {
    const model = panelStates[state]?.();
    if (!model) throw new Error(`There is no state ${state}.`);
    const panel = await open(model);
    const { page } = panel;
    // Past the page's policy, as a browser's tools are.
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: axe.source });
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await violations(page)).toEqual([]);
    for (const name of Object.keys(themes) as ThemeName[]) {
      await panel.theme(name);
      expect(await violations(page, ['color-contrast']), name).toEqual([]);
    }
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      expect(await overflow(page), `${width} px`).toEqual({ pixels: 0, parts: [] });
    }
  });
});
