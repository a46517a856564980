import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyWorkspace } from '../workspaceCopy.mjs';
import { openWorkbench, type Workbench } from './workbench.mjs';

describe('tuning as a person does it', () => {
  let workbench: Workbench;
  let copy: ReturnType<typeof copyWorkspace>;

  beforeAll(async () => {
    copy = copyWorkspace('test/fixtures/workspace');
    const config = path.join(copy.folder, 'batchwise.json');
    const text = await readFile(config, 'utf8');
    // So far from the best sizes that there is a batch size to apply, whatever the machine does.
    const small = text.replace('"batchSize": 32', '"batchSize": 4');
    expect(small).not.toBe(text);
    await writeFile(config, small);
    workbench = await openWorkbench({
      workspace: copy.folder,
      inPlace: true,
      openFile: 'batchwise.json',
    });
  });

  afterAll(async () => {
    await workbench.close();
    copy.remove();
  });

  it('trains from the command palette, draws the charts and applies the recommendation', async () => {
    await workbench.runCommand('Batchwise: Tune Batch Size');
    const panel = workbench.webviewFrame();
    const apply = panel.getByRole('button', { name: /^Apply \d+/ });
    await apply.waitFor({ timeout: 120_000 });

    const canvases = panel.locator('canvas');
    expect(await canvases.count()).toBeGreaterThanOrEqual(4);
    for (const canvas of await canvases.all()) {
      await canvas.scrollIntoViewIfNeeded();
      await expect.poll(() => canvas.evaluate(paintedPixels)).toBeGreaterThan(500);
    }
    await apply.scrollIntoViewIfNeeded();
    await workbench.screenshot('tuned');

    const label = (await apply.textContent()) ?? '';
    const batchSize = /\d+/.exec(label)?.[0] ?? '';
    await apply.click();
    await expect
      .poll(() => workbench.page.locator('.monaco-editor .view-lines').first().innerText(), {
        timeout: 15_000,
      })
      .toMatch(new RegExp(`"batchSize":\\s${batchSize},`));

    const latest = path.join(workbench.workspace, '.batchwise', 'batchwise', 'latest.json');
    const result = JSON.parse(await readFile(latest, 'utf8')) as {
      recommendation: { batchSize: number };
      trials: { status: string; loss: unknown[] }[];
    };
    expect(String(result.recommendation.batchSize)).toBe(batchSize);
    expect(result.trials.filter(({ status }) => status === 'ok').length).toBeGreaterThan(0);
  });

  it.each([
    ['HTML', 'html', '<svg '],
    ['Markdown', 'md', '| --- |'],
    ['CSV', 'csv', 'batchSize,'],
    ['JSON', 'json', '"formatVersion": 1'],
  ])('exports the result as %s', async (label, ending, content) => {
    const { page } = workbench;
    await workbench.runCommand('Batchwise: Export Result…');
    const choices = page.locator('.quick-input-widget .monaco-list-row');
    await choices.filter({ hasText: label }).first().click();
    const name = `batchwise-result.${ending}`;
    const file = page.locator('.quick-input-widget:visible input[type="text"]');
    await expect.poll(() => file.inputValue()).toContain(name);
    await page.keyboard.press('Enter');
    await page.locator('.tab.active', { hasText: name }).waitFor();
    expect(await readFile(path.join(workbench.workspace, name), 'utf8')).toContain(content);
  });
});

/** How many pixels of a canvas are not transparent. Runs in the page. */
function paintedPixels(canvas: HTMLElement | SVGElement): number {
  if (!(canvas instanceof HTMLCanvasElement)) return 0;
  const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
  return (data ?? []).filter((value, index) => index % 4 === 3 && value > 0).length;
}
