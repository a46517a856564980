import { readFile, writeFile } from 'node:fs/promises';
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
    const rest = Array.from({ length: 496 }, (_, index) => `value_${index} = ${index} * len(x)\n`);
    await writeFile(path.join(workspace, 'long.py'), source + rest.join(''));
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

  /** Presses a digit; resolves once the view says so, with when what happened. */
  async function typeDigit(key: string, said: string) {
    const { page } = workbench;
    const changed = shown().evaluate(
      (main, text) =>
        new Promise<{ message: number; painted: number }>((resolve) => {
          let message = 0;
          // The page may have drawn by the time this is called: the event knows when it came.
          const listen = ({ timeStamp }: MessageEvent) => {
            message = performance.timeOrigin + timeStamp;
          };
          window.addEventListener('message', listen, { capture: true });
          new MutationObserver((_, observer) => {
            if (!main.querySelector('h1')?.textContent.includes(text)) return;
            observer.disconnect();
            // The text is painted with the next frame, which the task after its callbacks follows.
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => {
              window.removeEventListener('message', listen, { capture: true });
              resolve({ message, painted: Date.now() });
            };
            requestAnimationFrame(() => {
              port2.postMessage(null);
            });
          }).observe(main, { subtree: true, childList: true, characterData: true });
        }),
      said,
    );
    const pressed = page.evaluate(
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
    await page.evaluate(() => document.readyState);
    await page.keyboard.press(key);
    const { message, painted } = await changed;
    return { message: message - (await pressed), paint: painted - message };
  }

  /** Types a digit and takes it back, some times; medians in milliseconds. */
  async function typeDigits(name: string, typed: string, before: string) {
    const found: { message: number; paint: number }[] = [];
    for (let round = 0; round < 5; round++) {
      found.push(await typeDigit('2', typed));
      found.push(await typeDigit('Backspace', before));
    }
    const median = (values: number[]) => values.sort((a, b) => a - b)[values.length / 2] ?? 0;
    expect(found, name).toHaveLength(10);
    return {
      messages: median(found.map(({ message }) => message)),
      paints: median(found.map(({ paint }) => paint)),
    };
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
    await typeDigit('2', 'Batch size 2,100');
    const text = await shown().innerText();
    expect(text).toMatch(/Iterations per epoch\s+1\b/);
    expect(text).toMatch(/Last batch\s+1,000 of 2,100/);
    expect(subjectsSent).toBeGreaterThan(before);
  });

  it('follows edits in a file of 500 lines, with charts in a config, and prints how fast', async () => {
    await workbench.openFile('long.py');
    await goTo('4:28');
    const long = await typeDigits('Python, 500 lines', 'Batch size 2,100', 'Batch size 100');
    await workbench.openFile('batchwise.json');
    const line = (await readFile(path.join(workbench.workspace, 'batchwise.json'), 'utf8'))
      .split('\n')
      .findIndex((each) => each.includes('"batchSize":'));
    await goTo(`${line + 1}:1`);
    await workbench.page.keyboard.press('End');
    await workbench.page.keyboard.press('ArrowLeft');
    await expect.poll(() => shown().locator('canvas[data-chart=memory]').count()).toBe(1);
    const canvas = await shown().locator('canvas[data-chart=memory]').elementHandle();
    const size = /Batch size ([\d,]+)/.exec(await shown().innerText())?.[1] ?? '';
    const typed = (Number(size.replace(',', '')) * 10 + 2).toLocaleString('en');
    const config = await typeDigits('config', `Batch size ${typed}`, `Batch size ${size}`);
    // The chart is the same one, its data new.
    expect(await canvas.evaluate((element) => element.isConnected)).toBe(true);
    for (const [name, { messages, paints }] of Object.entries({ long, config })) {
      console.log(
        `${name}: key to message ${messages.toFixed()} ms, message to paint ${paints.toFixed()} ms (median)`,
      );
    }
    await workbench.openFile('train.py');
    await goTo('4:30');
    await expect.poll(() => shown().innerText()).toContain('Batch size 2,100');
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

  it('shows the present text when it is shown again, and follows it', async () => {
    await toggle();
    await workbench.page.locator('.part.auxiliarybar').waitFor();
    // VS Code leaves the purpose out of the address when it makes the page of a view again.
    const main = () =>
      workbench.page
        .frameLocator('iframe.webview')
        .frameLocator('iframe#active-frame')
        .locator('main');
    await expect
      .poll(() => main().innerText(), { timeout: 30_000 })
      .toMatch(/Batch size 100\b[\s\S]*Iterations per epoch\s+10\b/);
    await goTo('4:28');
    await workbench.page.keyboard.press('5');
    await expect.poll(() => main().innerText()).toContain('Batch size 5,100');
  });
});
