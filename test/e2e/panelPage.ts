import { build } from 'esbuild';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { SweepEvent } from '../../src/core/sweep/sweepEvent';
import type { Port } from '../../src/protocol/channel';
import type { PanelChange, PanelModel } from '../../src/editor/webviews/panelModel';
import { panelHtml } from '../../src/editor/webviews/panelHtml';
import { servePanel } from '../../src/editor/webviews/panelServer';
import { pageLanguage, type PageLanguage } from '../../src/protocol/pageLanguage';
import type { Snapshot } from '../../src/protocol/panel';
import { panelBundles } from '../../scripts/webviewBundles.mjs';
import { themes, themeStyle, type ThemeName } from './themes';

// As in VS Code, a secure context: only there a page may use the clipboard.
const origin = 'https://panel.test';

/** A model that a test writes on; what the page asked of it is kept in `asked`. */
export class ScriptedModel implements PanelModel {
  readonly asked: unknown[] = [];
  /** When set, the next action is refused with it. */
  refusal: string | null = null;
  #state: Snapshot;
  readonly #listeners = new Set<(change: PanelChange) => void>();

  constructor(state: Partial<Snapshot> = {}) {
    this.#state = {
      config: 'glyphs/batchwise.json',
      configUri: 'file:///glyphs/batchwise.json',
      events: [],
      interrupted: false,
      starting: 'no',
      trusted: true,
      problems: [],
      changedFiles: [],
      compared: [],
      batchSize: 32,
      learningRate: 0.001,
      ...state,
    };
    this.#state.events = [...this.#state.events];
  }

  readonly onDidChange = (listener: (change: PanelChange) => void) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  snapshot(): Snapshot {
    return this.#state;
  }

  /** Another situation altogether. */
  become(state: Partial<Snapshot>): void {
    this.#state = { ...this.#state, ...state };
    this.#state.events = [...this.#state.events];
    this.#fire({ type: 'snapshot' });
  }

  /** The sweep goes on. */
  happen(events: readonly SweepEvent[]): void {
    this.#state = { ...this.#state, starting: 'no' };
    // A long sweep's events are too many to copy at each message.
    for (const event of events) this.#state.events.push(event);
    this.#fire({ type: 'sweepEvents', events });
  }

  #fire(change: PanelChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #act(...action: unknown[]): Promise<void> {
    this.asked.push(action.length === 1 ? action[0] : action);
    const { refusal } = this;
    this.refusal = null;
    return refusal === null ? Promise.resolve() : Promise.reject(new Error(refusal));
  }

  selectConfig(): void {
    this.asked.push('selectConfig');
  }
  tune = () => this.#act('tune');
  cancel = () => this.#act('cancel');
  resume = () => this.#act('resume');
  apply = (batchSize: number, learningRate: number | null) => {
    this.#state = {
      ...this.#state,
      batchSize,
      learningRate: learningRate ?? this.#state.learningRate,
    };
    this.#fire({ type: 'configured', batchSize, learningRate: this.#state.learningRate });
    return this.#act('apply', batchSize, learningRate);
  };
  openConfig = () => this.#act('openConfig');
  createConfig = () => this.#act('createConfig');
  manageTrust = () => this.#act('manageTrust');
  showLog = () => this.#act('showLog');
  exportResult = () => this.#act('exportResult');
  compare = () => this.#act('compare');
  stopComparing = () => this.#act('stopComparing');
  saveChart = (name: string, png: Uint8Array) => this.#act('saveChart', name, png.length > 1000);
  openProblem = (index: number) => this.#act('openProblem', index);
  fixProblem = (index: number) => this.#act('fixProblem', index);
}

export interface PanelPage {
  readonly page: Page;
  /** Everything that must not happen: policy violations, exceptions, messages out of contract. */
  readonly faults: string[];
  /** What the page kept with `setState`. */
  saved(): Promise<unknown>;
  theme(name: ThemeName): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  readonly language?: Pick<PageLanguage, 'tag' | 'strings'>;
  readonly saved?: unknown;
  readonly reducedMotion?: boolean;
  /** Called with the blank page. */
  readonly beforeOpening?: (page: Page) => Promise<void>;
}

/** The panel's real page and host side in a real browser; only `acquireVsCodeApi` is ours. */
export class PanelBench {
  /**
   * @param built a folder with a page that is built already; the sources' own otherwise
   * @param minify false keeps the names of functions
   */
  static async start(built?: string, minify = true): Promise<PanelBench> {
    const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-panel-'));
    if (built !== undefined) await cp(built, folder, { recursive: true });
    else
      for (const options of panelBundles)
        await build({ ...options, minify, outdir: folder, logLevel: 'error' });
    const browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    return new PanelBench(folder, browser);
  }

  private constructor(
    private readonly folder: string,
    private readonly browser: Browser,
  ) {}

  async open(model: PanelModel, options: OpenOptions = {}): Promise<PanelPage> {
    const { theme = 'dark', width = 1200, height = 900, saved = null } = options;
    const page = await this.browser.newPage({
      viewport: { width, height },
      reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
    });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.exposeFunction('fault', (text: string) => faults.push(text));

    let receive: (message: unknown) => void = () => undefined;
    await page.exposeFunction('toHost', (message: unknown) => {
      receive(message);
    });
    const port: Port = {
      post: (message) => {
        // A page may close while an answer is on its way.
        page
          .evaluate((data) => {
            window.postMessage(data, '*');
          }, message)
          .catch((error: unknown) => {
            if (!page.isClosed()) faults.push(String(error));
          });
      },
      listen: (listener) => {
        receive = listener;
        return () => undefined;
      },
    };
    const { tag, strings } = options.language ?? { tag: 'en', strings: null };
    const server = servePanel(port, model, pageLanguage(tag, strings));

    const html = panelHtml({
      title: 'Batch Size',
      language: tag,
      script: `${origin}/webview.js`,
      style: `${origin}/webview.css`,
      cspSource: origin,
    });
    await page.route(`${origin}/**`, async (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      if (name === '') await route.fulfill({ contentType: 'text/html', body: html });
      else if (['webview.js', 'webview.css', 'charts.js'].includes(name)) {
        const contentType = name.endsWith('.js') ? 'text/javascript' : 'text/css';
        await route.fulfill({ contentType, body: await readFile(path.join(this.folder, name)) });
      } else await route.fulfill({ status: name === 'favicon.ico' ? 204 : 404 });
    });
    await page.addInitScript(
      ({ className, style, state }) => {
        addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
          (globalThis as unknown as { fault(text: string): void }).fault(
            `${violatedDirective} ${blockedURI}`,
          );
        });
        const kept: { state: unknown } = { state };
        Object.assign(globalThis, {
          kept,
          acquireVsCodeApi: () => ({
            postMessage: (message: unknown) => {
              (globalThis as unknown as { toHost(message: unknown): void }).toHost(message);
            },
            getState: () => kept.state,
            setState: (next: unknown) => {
              kept.state = next;
            },
          }),
        });
        // VS Code sets these by script too, which the page's policy allows.
        const dress = () => {
          document.documentElement.style.cssText = style;
          document.body.className = className;
        };
        new MutationObserver((_changes, observer) => {
          if (document.querySelector('body') === null) return;
          observer.disconnect();
          dress();
        }).observe(document, { childList: true, subtree: true });
      },
      { className: themes[theme].className, style: themeStyle(theme), state: saved },
    );
    await options.beforeOpening?.(page);
    await page.goto(`${origin}/`);
    await page.waitForSelector('main:not([data-phase="loading"])', { timeout: 20_000 });
    // What is mostly out of sight comes after the first paint.
    await page.waitForSelector('main:not(:has(canvas)), main:has(.trials tbody tr)', {
      timeout: 20_000,
    });
    return {
      page,
      faults,
      saved: () =>
        page.evaluate(() => (globalThis as unknown as { kept: { state: unknown } }).kept.state),
      theme: (name) =>
        page.evaluate(
          ({ className, style }) => {
            document.documentElement.style.cssText = style;
            document.body.className = className;
          },
          { className: themes[name].className, style: themeStyle(name) },
        ),
      close: async () => {
        server.dispose();
        await page.close();
      },
    };
  }

  async end(): Promise<void> {
    await this.browser.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
