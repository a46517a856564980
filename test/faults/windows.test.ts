import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuild } from '../../scripts/project.mjs';
import { openWorkbench, type Workbench } from '../e2e/workbench.mjs';
import { copyWorkspace } from '../workspaceCopy.mjs';

/** Two windows of VS Code, each with an extension host of its own, on one workspace. */

const open: Workbench[] = [];
let copy: ReturnType<typeof copyWorkspace>;

beforeAll(async () => {
  await ensureBuild();
  copy = copyWorkspace('test/fixtures/workspace');
  const config = path.join(copy.folder, 'batchwise.json');
  const long = (await readFile(config, 'utf8'))
    .replace(/"epochs": \d+/, '"epochs": 100000')
    .replace(/"budget": "[^"]*"/, '"budget": "5 min", "objective": "quality"');
  await writeFile(config, long);
}, 600_000);

afterAll(async () => {
  for (const workbench of open) await workbench.close();
  copy.remove();
});

async function openWindow() {
  const options = { workspace: copy.folder, inPlace: true, openFile: 'batchwise.json' };
  const workbench = await openWorkbench(options);
  open.push(workbench);
  const panel = workbench.webviewFrame();
  return {
    tune: () => workbench.runCommand('Batchwise: Tune Batch Size'),
    phase: () => panel.locator('main').getAttribute('data-phase'),
    trials: () => panel.locator('.trials tbody tr').count(),
    cancel: () => panel.getByRole('button', { name: 'Cancel' }).click(),
  };
}

it('two windows on one config tune one after the other, and keep a whole log each', async () => {
  const soon = { timeout: 120_000 };
  const first = await openWindow();
  await first.tune();
  await expect.poll(first.phase, soon).toBe('running');
  await expect.poll(first.trials, soon).toBeGreaterThan(1);

  const second = await openWindow();
  await second.tune();
  await expect.poll(second.phase, soon).toBe('waiting');
  expect(await first.phase()).toBe('running');

  await first.cancel();
  await expect.poll(second.phase, soon).toBe('running');
  await expect.poll(second.trials, soon).toBeGreaterThan(1);
  // The first follows what the second writes.
  await expect.poll(first.phase, soon).toBe('running');
  await second.cancel();
  await expect.poll(second.phase, soon).toBe('cancelled');
  await expect.poll(first.phase, soon).toBe('cancelled');

  const kept = path.join(copy.folder, '.batchwise', 'batchwise');
  const logs = (await readdir(kept)).filter((name) => name.endsWith('.jsonl'));
  expect(logs).toHaveLength(2);
  for (const name of logs) {
    const lines = (await readFile(path.join(kept, name), 'utf8')).trim().split('\n');
    const types = lines.map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types[0]).toBe('started');
    expect(types.filter((type) => type === 'started')).toHaveLength(1);
  }
}, 600_000);
