import { afterAll, afterEach, beforeAll } from 'vitest';
import { PanelBench, type OpenOptions, type PanelPage, type ScriptedModel } from './panelPage';

/** One browser for a file's tests, and at most one page, which each test opens for itself. */
export function usePanel(): (model: ScriptedModel, options?: OpenOptions) => Promise<PanelPage> {
  let bench: PanelBench;
  let opened: PanelPage | null = null;
  beforeAll(async () => {
    bench = await PanelBench.start();
  });
  afterAll(async () => {
    await bench.end();
  });
  afterEach(async () => {
    await opened?.close();
    opened = null;
  });
  return async (model, options) => (opened = await bench.open(model, options));
}
