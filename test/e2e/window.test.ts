import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { openWorkbench, type Workbench } from './workbench.mjs';

describe('in a window of its own, Batchwise', () => {
  let workbench: Workbench | null = null;

  afterEach(async () => {
    await workbench?.close();
    workbench = null;
  });

  // It takes up to a minute until VS Code has stored its editors.
  it(
    'has the panel back after a reload in mid-run, and goes on where it was',
    { timeout: 300_000 },
    async () => {
      // Without a file to open: VS Code for the Web brings no editors back where its address names one.
      workbench = await openWorkbench();
      const { page } = workbench;
      const text = await readFile(path.join(workbench.workspace, 'batchwise.json'), 'utf8');
      const long = text
        .replace(/"epochs": \d+/, '"epochs": 100000')
        .replace(/"budget": "[^"]*"/, '"budget": "5 min", "objective": "quality"');
      await writeFile(path.join(workbench.workspace, 'long.batchwise.json'), long);
      await workbench.openFile('long.batchwise.json');
      await workbench.runCommand('Batchwise: Tune Batch Size');
      const panel = workbench.webviewFrame();
      const rows = panel.locator('.trials tbody tr');
      const phase = () => panel.locator('main').getAttribute('data-phase');
      await expect.poll(phase, { timeout: 60_000 }).toBe('running');
      await expect.poll(() => rows.count(), { timeout: 60_000 }).toBeGreaterThan(2);

      await untilEditorsAreStored(page);
      await page.reload();
      await workbench.untilReady();
      await expect.poll(phase, { timeout: 90_000 }).toBe('interrupted');
      // The table comes after the charts.
      await expect.poll(() => rows.count()).toBeGreaterThan(2);
      await page.locator('.statusbar-item', { hasText: 'Batchwise interrupted: Resume' }).waitFor();
      await panel.getByRole('button', { name: 'Resume' }).click();
      await expect.poll(phase, { timeout: 60_000 }).toBe('running');
      await expect.poll(() => rows.count()).toBeGreaterThan(2);

      await panel.getByRole('button', { name: 'Cancel' }).click();
      await expect.poll(phase, { timeout: 60_000 }).toBe('cancelled');
      await panel.getByRole('button', { name: 'Resume' }).waitFor();
    },
  );

  it('is offered to VS Code as an MCP server', async () => {
    // The list is hidden with the AI features, which our windows are opened without.
    workbench = await openWorkbench({ settings: { 'chat.disableAIFeatures': false } });
    await workbench.runCommand('MCP: List Servers');
    const row = workbench.page.locator('.quick-input-widget .monaco-list-row');
    await row.filter({ hasText: 'Batchwise (' }).first().waitFor();
  });
});

/**
 * VS Code for the Web writes down which editors are open once a minute, and not as its page goes:
 * a reload before that brings none of them back.
 */
async function untilEditorsAreStored(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(storedEditors), { timeout: 120_000 })
    .toContain('batchwise.panel');
}

/** The open editors as the window has stored them, as text. Runs in the page. */
async function storedEditors(): Promise<string> {
  const databases = await indexedDB.databases();
  const stored = databases.map(
    ({ name = '' }) =>
      new Promise<unknown>((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onerror = () => {
          reject(opening.error ?? new Error(name));
        };
        opening.onsuccess = () => {
          const database = opening.result;
          if (!database.objectStoreNames.contains('ItemTable')) {
            database.close();
            resolve(null);
            return;
          }
          const items = database.transaction('ItemTable').objectStore('ItemTable');
          const reading = items.get('memento/workbench.parts.editor');
          reading.onerror = () => {
            reject(reading.error ?? new Error(name));
          };
          reading.onsuccess = () => {
            database.close();
            resolve(reading.result);
          };
        };
      }),
  );
  return (await Promise.all(stored)).map(String).join('\n');
}
