import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkbench, type Workbench } from './workbench.mjs';

const source = [
  'from tensorflow import keras',
  'num_train_samples = 1000',
  'model = keras.Sequential([keras.layers.Dense(3)])',
  'model.fit(x, y, batch_size=100, epochs=4)',
  '',
].join('\n');
/** A member that only what is sent to the side view has; its quotes are escaped on the way. */
const subjectMember = 'unknownLayers';

describe('the side view while a person edits', () => {
  let workbench: Workbench;
  let subjectsSent = 0;

  beforeAll(async () => {
    workbench = await openWorkbench({ openFile: 'batchwise.json' });
    const { page, workspace } = workbench;
    // The connection to the extension host is open already: a reloaded page's can be listened to.
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        if (payload.includes(subjectMember)) subjectsSent++;
      });
    });
    await writeFile(path.join(workspace, 'train.py'), source);
    await page.reload();
    await workbench.untilReady();
    await workbench.openFile('train.py');
    await goTo('4:30'); // in the batch size
  });

  afterAll(async () => {
    await workbench.close();
  });

  async function goTo(place: string): Promise<void> {
    const { page } = workbench;
    await page.locator('.monaco-editor .view-lines').first().click();
    await page.keyboard.press('ControlOrMeta+G');
    await page.locator('.quick-input-widget:visible input').fill(`:${place}`);
    await page.keyboard.press('Enter');
  }

  const shown = () => workbench.webviewFrame('view').locator('main');
  const toggle = () => workbench.runCommand('View: Toggle Secondary Side Bar Visibility');

  it('shows the arithmetic of the size under the cursor in the secondary side bar', async () => {
    await toggle();
    await workbench.page.locator('.part.auxiliarybar').waitFor();
    await expect.poll(() => shown().innerText(), { timeout: 30_000 }).toContain('Batch size 100');
    const text = await shown().innerText();
    expect(text).toMatch(/train\.py:4/);
    expect(text).toMatch(/Training samples\s+1,000/);
    expect(text).toMatch(/Iterations per epoch\s+10\b/);
    expect(text).toMatch(/Updates in 4 epochs\s+40\b/);
    await workbench.screenshot('side-view');
  });

  it('follows an edit', async () => {
    const before = subjectsSent;
    await goTo('4:28');
    const changed = shown().evaluate(
      (main) =>
        new Promise<number>((resolve) => {
          new MutationObserver((_, observer) => {
            if (!main.textContent.includes('Batch size 2,100')) return;
            observer.disconnect();
            resolve(Date.now());
          }).observe(main, { subtree: true, childList: true, characterData: true });
        }),
    );
    const pressed = workbench.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const tell = () => {
            resolve(Date.now());
          };
          window.addEventListener('keydown', tell, { capture: true, once: true });
        }),
    );
    // Both listen once their pages have answered what was asked after.
    await shown().evaluate(() => document.readyState);
    await workbench.page.evaluate(() => document.readyState);
    await workbench.page.keyboard.press('2');
    console.log(`from the key to the changed view: ${(await changed) - (await pressed)} ms`);
    const text = await shown().innerText();
    expect(text).toMatch(/Iterations per epoch\s+1\b/);
    expect(text).toMatch(/partial, 1,000 of 2,100/);
    expect(subjectsSent).toBeGreaterThan(before);
  });

  it('is sent nothing while hidden', async () => {
    const { page } = workbench;
    await toggle();
    await page.locator('.part.auxiliarybar').waitFor({ state: 'hidden' });
    await goTo('4:28');
    const before = subjectsSent;
    await page.keyboard.press('Delete');
    // The lens is made anew by the same extension host: it has heard of the edit by then.
    await page.locator('.codelens-decoration', { hasText: '10 iterations/epoch' }).waitFor();
    expect(subjectsSent).toBe(before);
  });
});
