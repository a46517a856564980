import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkbench, type Workbench } from './workbench.mjs';

describe('VS Code with the extension', () => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await openWorkbench({ openFile: 'batchwise.json' });
  });

  afterAll(async () => {
    await workbench.close();
  });

  it('shows a batchwise.json as JSON with comments, without a complaint about them', async () => {
    const { page } = workbench;
    await page.locator('.statusbar-item', { hasText: 'JSON with Comments' }).waitFor();
    const file = await workbench.screenshot('config');
    expect(statSync(file).size).toBeGreaterThan(10_000);
  });

  it('offers its commands in the command palette', async () => {
    const titles = await workbench.searchCommands('Batchwise:');
    expect(titles).toContainEqual(expect.stringContaining('Batchwise: Tune Batch Size'));
  });

  it('activates in bounded time, as VS Code itself measures it', async () => {
    await workbench.runCommand('Developer: Show Running Extensions');
    const row = workbench.page.locator('.runtime-extensions-editor .extension', {
      hasText: 'batchwise',
    });
    const times = row.locator('.activation-time');
    await expect
      .poll(() => times.first().innerText(), { timeout: 15_000 })
      .toMatch(/Activation: \d+ms/);
    const text = await times.first().innerText();
    console.log(text);
    expect(Number(/(\d+)ms/.exec(text)?.[1])).toBeLessThan(3000);
  });
});
