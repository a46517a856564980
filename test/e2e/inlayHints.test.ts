import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkbench, type Workbench } from './workbench.mjs';

const source = [
  'from tensorflow import keras',
  'num_train_samples = 1000',
  'model.fit(x, y, batch_size=100, epochs=4)',
  '',
].join('\n');

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ settings: { 'batchwise.inlayHints.enabled': true } });
});
afterAll(async () => {
  await workbench.close();
});

it('inlay hints follow the config that comes to list their file', async () => {
  const { page, workspace } = workbench;
  await writeFile(path.join(workspace, 'train.py'), source);
  await workbench.openFile('train.py');
  const line = page.locator('.view-line', { hasText: 'model.fit' });
  const shown = async () => (await line.innerText()).replaceAll('\u00a0', ' ');
  await expect.poll(shown, { timeout: 30_000 }).toMatch(/batch_size=100\s*→ 10 iterations\/epoch/);
  const config = path.join(workspace, 'batchwise.json');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace('{', '{ "sources": ["train.py"],'));
  // 192 samples are left to train with in the config's data.
  await expect.poll(shown, { timeout: 30_000 }).toMatch(/batch_size=100\s*→ 2 iterations\/epoch/);
});
