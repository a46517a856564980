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
});
