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

  it('tells VS Code what activating cost, mostly waiting for its turn to load', async () => {
    const { page } = workbench;
    const size = page.viewportSize() ?? { width: 1440, height: 900 };
    // The report is long, and an editor renders only what is in sight.
    await page.setViewportSize({ width: 1600, height: 5000 });
    await workbench.runCommand('Developer: Startup Performance');
    const row = page.locator('.view-line', { hasText: /batchwise\.batchwise\s+\|/ });
    await row.first().waitFor({ timeout: 30_000 });
    // Extension | Eager | Load Code | Call Activate | Finish Activate | Event | By
    const cells = (await row.first().innerText()).split('|').map((cell) => cell.trim());
    const [load, call, finish] = cells.slice(3, 6).map(Number);
    await page.setViewportSize(size);
    // Load Code is counted from when VS Code means to load, with every other extension of the same
    // event loading in between: the loading alone is measured in test/integration/activation.test.ts.
    console.log(`load code ${load} ms, call activate ${call} ms, finish activate ${finish} ms`);
    // Registering is all that activating does: far less than loading's wait.
    expect(call).toBeLessThan(Math.max(load ?? 0, 1));
  });
});
