import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { ensureSystemPackages } from '../../scripts/systemPackages.mjs';
import { PanelBench } from '../e2e/panelPage';
import { drawnAnew } from '../e2e/panelQueries';
import { panelStates } from '../e2e/panelStates';
import { themes, type ThemeName } from '../e2e/themes';

/**
 * Pictures of the panel in every state, theme, language and width, in test/output/panel. The
 * environment can narrow it down: STATES=done,racing THEMES=dark LANGUAGES=en WIDTHS=1200,280,2000.
 * A zoom of 200% is half the width.
 */
const folder = path.join('test', 'output', 'panel');
const chosen = (name: string, all: readonly string[]): string[] => {
  const wanted = process.env[name]?.split(',');
  return all.filter((each) => wanted?.includes(each) ?? true);
};
const states = chosen('STATES', Object.keys(panelStates));
const languages = chosen('LANGUAGES', ['en', 'ja']);
const widths = (process.env['WIDTHS'] ?? '300,600,1200').split(',').map(Number);

let bench: PanelBench;
beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  if (languages.includes('ja')) await ensureSystemPackages(['browser', 'japaneseFont']);
  bench = await PanelBench.start();
});
afterAll(async () => {
  await bench.end();
});

const height = 900;

it.each(states)('%s', async (state) => {
  const japanese: unknown = JSON.parse(await readFile('l10n/bundle.l10n.ja.json', 'utf8'));
  for (const language of languages) {
    const strings = language === 'ja' ? (japanese as Record<string, unknown>) : null;
    const model = panelStates[state]?.();
    if (!model) throw new Error(`There is no state ${state}.`);
    const panel = await bench.open(model, { language: { tag: language, strings } });
    for (const width of widths) {
      await panel.page.setViewportSize({ width, height });
      const whole = await panel.page.evaluate(() => document.documentElement.scrollHeight);
      // Charts out of sight are drawn again only when they are scrolled to.
      await panel.page.setViewportSize({ width, height: whole });
      for (const theme of chosen('THEMES', Object.keys(themes))) {
        await panel.theme(theme as ThemeName);
        await drawnAnew(panel.page);
        const name = `${state}-${theme}-${language}-${width}.png`;
        await panel.page.screenshot({ path: path.join(folder, name), fullPage: true });
      }
    }
    await panel.close();
  }
});
