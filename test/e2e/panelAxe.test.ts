import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { panelStates } from './panelStates';
import { usePanel } from './usePanel';

const open = usePanel();

describe('axe-core finds nothing serious', () => {
  it.each(Object.keys(panelStates))('%s', async (state) => {
    const model = panelStates[state]?.();
    if (!model) throw new Error(`There is no state ${state}.`);
    const { page } = await open(model);
    // Past the page's policy, as a browser's tools are.
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: axe.source });
    const violations = await page.evaluate(async () => {
      const { axe: tool } = globalThis as unknown as { axe: typeof axe };
      const found = await tool.run(document, { resultTypes: ['violations'] });
      return found.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
        );
    });
    expect(violations).toEqual([]);
  });
});
