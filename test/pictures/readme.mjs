#!/usr/bin/env node
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { run } from '../../scripts/command.mjs';
import { ensureBuild, root } from '../../scripts/project.mjs';
import { ensureSystemPackages } from '../../scripts/systemPackages.mjs';
import { openWorkbench } from '../e2e/workbench.mjs';
import { copyWorkspace } from '../workspaceCopy.mjs';

/**
 * The pictures of README and walkthrough, taken in a real VS Code that tunes examples/glyphs for
 * real: `npm run pictures:readme`. In English and Japanese; `LANGUAGES=en` takes one of them.
 */
const size = { width: 1180, height: 740 };
const msBetweenFrames = 400;
/** Frames of the sweep in the moving picture: a longer one is shown faster. */
const mostSweepFrames = 44;
const msPerFrame = 180;
const msAtTheEnd = 3500;
const sweepTimeoutMs = 180_000;
const configuredSize = 4;

const settings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  'chat.disableAIFeatures': true,
  'breadcrumbs.enabled': false,
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
  'editor.fontSize': 11,
  // Beside the panel there is no room for whole lines.
  'editor.wordWrap': 'on',
};

await ensureSystemPackages(['browser', 'japaneseFont', 'animatedPictures']);
await ensureBuild();
for (const language of process.env.LANGUAGES?.split(',') ?? ['en', 'ja']) await story(language);

/** @param {string} language */
async function story(language) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'batchwise-pictures-'));
  const ending = language === 'en' ? '' : `.${language}`;
  const titles = JSON.parse(await readFile(path.join(root, `package.nls${ending}.json`), 'utf8'));
  const { folder: workspace, remove } = copyWorkspace(path.join(root, 'examples', 'glyphs'));
  await startSmall(path.join(workspace, 'batchwise.json'));
  const workbench = await openWorkbench({
    workspace,
    inPlace: true,
    openFile: 'batchwise.json',
    size,
    settings,
    ...(language === 'en' ? {} : { language }),
  });
  const { page } = workbench;
  /** @type {{ file: string, ms: number }[]} */
  const frames = [];
  const frame = async (ms = msPerFrame) => {
    const file = path.join(folder, `${String(frames.length).padStart(4, '0')}.png`);
    await writeFile(file, await page.screenshot());
    frames.push({ file, ms });
  };
  /**
   * @param {string} name
   * @param {import('playwright-core').Locator} part of the window
   */
  const picture = async (name, part) => {
    const to = path.join(root, 'media', 'walkthrough', `${name}${ending}.png`);
    await mkdir(path.dirname(to), { recursive: true });
    await writeFile(to, await part.screenshot());
  };
  try {
    await page.keyboard.press('ControlOrMeta+B');
    const config = page.locator('.editor-group-container').first();
    const result = page.locator('.editor-group-container').last();
    await page.locator('.codelens-decoration a').first().waitFor();
    const batchSize = page.locator('.view-line', { hasText: '"batchSize"' });
    await batchSize
      .locator('span span', { hasText: String(configuredSize) })
      .last()
      .hover();
    await page.locator('.monaco-hover .hover-contents').first().waitFor();
    await picture('config', config);
    await page.mouse.move(size.width - 5, size.height - 60);
    await page.keyboard.press('Escape');
    await frame(1200);

    await workbench.runCommand(`Batchwise: ${titles['command.tune.title']}`);
    const panel = workbench.webviewFrame();
    const main = panel.locator('main');
    await main.waitFor();
    // Away from the border between the two, which lights up.
    await page.mouse.move(size.width / 4, 4);
    const begun = frames.length;
    let isTuneTaken = false;
    for (const deadline = Date.now() + sweepTimeoutMs; ;) {
      await frame();
      const phase = await main.getAttribute('data-phase');
      if (phase === 'done') break;
      if (Date.now() > deadline) throw new Error(`The sweep is still ${phase}.`);
      if (!isTuneTaken && (await panel.locator('canvas[data-chart="loss"]').count()) > 0) {
        isTuneTaken = true;
        await drawn(main);
        await picture('tune', result);
      }
      await page.waitForTimeout(msBetweenFrames);
    }
    thinOut(frames, begun, mostSweepFrames);
    await dismissNotifications(page);
    await drawn(main);
    await frame(1800);
    await picture('read', result);
    await panel.locator('.answer button[data-action="apply"]').first().click();
    const before = page.locator('.view-line', {
      hasText: new RegExp(`"batchSize":\\s${configuredSize},`),
    });
    await before.waitFor({ state: 'detached' });
    // Until it is answered, all buttons are dimmed.
    await panel.locator('main:not(:has(button:disabled)) .inUse').first().waitFor();
    await dismissNotifications(page);
    await frame(msAtTheEnd);
    await picture('apply', config);
    const moving = path.join(root, 'media', 'readme', `tune${ending}.webp`);
    await mkdir(path.dirname(moving), { recursive: true });
    await animate(frames, moving);
    console.log(`${moving}: ${frames.length} frames, ${(await stat(moving)).size} bytes`);
  } finally {
    await workbench.close();
    remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * With a small batch size and the learning rate that suits it, so that there is something to gain.
 *
 * @param {string} config
 */
async function startSmall(config) {
  const text = await readFile(config, 'utf8');
  const small = text
    .replace('"batchSize": 32', `"batchSize": ${configuredSize}`)
    .replace('"learningRate": 0.003', '"learningRate": 0.001');
  await writeFile(config, small);
}

/**
 * Takes frames away evenly from one on, until so many are left.
 *
 * @param {{ file: string, ms: number }[]} frames
 * @param {number} from
 * @param {number} most
 */
function thinOut(frames, from, most) {
  const all = frames.splice(from);
  const step = Math.max(1, all.length / most);
  for (let index = 0; index < all.length; index += step) {
    const kept = all[Math.floor(index)];
    if (kept) frames.push(kept);
  }
}

/**
 * Resolves once every chart in sight shows something: they are drawn in the frames after their place
 * is there, and those out of sight not before they are scrolled to.
 *
 * @param {import('playwright-core').Locator} page
 */
async function drawn(page) {
  await page.evaluate(
    (main) =>
      new Promise((resolve) => {
        const window = main.ownerDocument.defaultView;
        const isDrawn = (/** @type {HTMLCanvasElement} */ canvas) => {
          const { width, height } = canvas;
          const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
          return data.some((value) => value > 0);
        };
        const look = () => {
          const inSight = [...main.querySelectorAll('canvas')].filter(
            (canvas) => canvas.getBoundingClientRect().top < window.innerHeight,
          );
          if (inSight.every(isDrawn)) resolve(null);
          else window.requestAnimationFrame(look);
        };
        look();
      }),
  );
}

/** @param {import('playwright-core').Page} page */
async function dismissNotifications(page) {
  const toasts = page.locator('.notifications-toasts .codicon-notifications-clear');
  while ((await toasts.count()) > 0) await toasts.first().click();
  await page
    .locator('.notifications-toasts .notification-toast')
    .first()
    .waitFor({ state: 'detached' });
}

/**
 * @param {readonly { file: string, ms: number }[]} frames
 * @param {string} to
 */
async function animate(frames, to) {
  const parts = frames.flatMap(({ file, ms }) => ['-d', String(ms), '-lossy', '-q', '55', file]);
  const { code } = await run(
    'img2webp',
    ['-loop', '0', '-mixed', '-kmax', '12', ...parts, '-o', to],
    {
      capture: true,
    },
  );
  if (code !== 0) throw new Error('img2webp failed.');
}
