import type { Locator, Page } from 'playwright-core';
import type { ChartName } from '../../webview/store';
import { sweepEvents } from '../unit/webview/sweepFixture';
import { ScriptedModel } from './panelPage';

/** What tests ask of the panel's page. */
export const charts: readonly ChartName[] = ['time', 'loss', 'throughput', 'memory'];
export const tuned = () => new ScriptedModel({ events: sweepEvents() });
export const canvas = (page: Page, chart: ChartName) =>
  page.locator(`canvas[data-chart="${chart}"]`);
export const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** How many different colours a canvas shows: 1 is blank. */
export const coloursIn = (chart: Locator): Promise<number> =>
  chart.evaluate((element) => {
    const surface = element as HTMLCanvasElement;
    const data = surface.getContext('2d')?.getImageData(0, 0, surface.width, surface.height).data;
    const seen = new Set<number>();
    for (let index = 0; data && index < data.length; index += 4) {
      seen.add(((data[index] ?? 0) << 16) | ((data[index + 1] ?? 0) << 8) | (data[index + 2] ?? 0));
    }
    return seen.size;
  });

/** Charts take a step a frame to show a change. */
const framesToDraw = 30;

export const drawnAnew = (page: Page): Promise<void> =>
  page.evaluate(async (frames) => {
    for (let frame = 0; frame < frames; frame++) await new Promise(requestAnimationFrame);
  }, framesToDraw);

export const rows = async (table: Locator): Promise<string[]> => {
  await table.waitFor();
  return table
    .locator('tr')
    .evaluateAll((lines) =>
      lines.map((line) =>
        [...line.querySelectorAll('th, td')]
          .map((cell) => cell.textContent.replace(/\s+/g, ' ').trim())
          .join(' | '),
      ),
    );
};

export const asTable = async (page: Page, chart: ChartName): Promise<string[]> => {
  await page
    .locator(`[data-card="${chart}"]`)
    .getByRole('button', { name: /as a table/ })
    .click();
  const table = page.locator(`table[data-table="${chart}"]`);
  return rows(table);
};
