import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { launchBrowser, setWorkbenchLanguage } from '../../scripts/browser.mjs';
import { root } from '../../scripts/project.mjs';
import { startVscodeServer, workbenchAddress } from '../../scripts/vscodeServer.mjs';
import { copyWorkspace } from '../workspaceCopy.mjs';

/** Colour themes by what they are for. */
const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  hc: 'Default High Contrast',
  hcLight: 'Default High Contrast Light',
};

/** Where screenshots go. */
export const outputFolder = path.join(root, 'test', 'output');

/**
 * @typedef {object} WorkbenchOptions
 * @property {string} [workspace] folder to open, a copy of it (default: the fixture workspace);
 *   relative paths are the project's
 * @property {boolean} [inPlace] open the folder itself instead of a copy
 * @property {keyof typeof themes} [theme] default: dark
 * @property {string} [language] display language, such as `ja`
 * @property {Record<string, unknown>} [settings] user settings
 * @property {boolean} [restrictedMode] open the workspace untrusted
 * @property {string} [openFile] a file of the workspace to show first
 * @property {{ width: number, height: number }} [size] of the window
 * @property {NodeJS.ProcessEnv} [env] for the extension host
 */

/**
 * Opens the workbench of a real VS Code in Chromium with the extension loaded. Ends with `close()`.
 *
 * @param {WorkbenchOptions} [options]
 * @returns {Promise<Workbench>}
 */
export async function openWorkbench(options = {}) {
  const given = path.resolve(root, options.workspace ?? 'test/fixtures/workspace');
  const { folder: workspace, remove } = options.inPlace
    ? { folder: given, remove: () => undefined }
    : copyWorkspace(given);
  const browser = await launchBrowser();
  /** @type {import('../../scripts/vscodeServer.mjs').VscodeServer | undefined} */
  let server;
  const close = async () => {
    await browser.close();
    await server?.stop();
    remove();
  };
  try {
    server = await startVscodeServer({
      restrictedMode: options.restrictedMode ?? false,
      settings: {
        'workbench.colorTheme': themes[options.theme ?? 'dark'],
        // An editor or notification that takes the focus must not close the palette of a test.
        'workbench.quickOpen.closeOnFocusLost': false,
        ...options.settings,
      },
      ...(options.env ? { env: options.env } : {}),
    });
    const page = await browser.newPage({ viewport: options.size ?? { width: 1440, height: 900 } });
    if (options.language) await setWorkbenchLanguage(page, options.language);
    await page.goto(
      workbenchAddress(server, {
        workspace,
        ...(options.openFile ? { openFile: path.join(workspace, options.openFile) } : {}),
      }),
    );
    const workbench = new Workbench(page, workspace, close);
    await workbench.untilReady();
    return workbench;
  } catch (error) {
    await close();
    throw error;
  }
}

/** A VS Code window, driven by keyboard and mouse as a person does. */
export class Workbench {
  #close;

  /**
   * @param {import('playwright-core').Page} page
   * @param {string} workspace the folder it shows
   * @param {() => Promise<void>} close
   */
  constructor(page, workspace, close) {
    this.page = page;
    this.workspace = workspace;
    this.#close = close;
  }

  /** Waits until the workbench is drawn and has loaded the extensions. */
  async untilReady() {
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
    // VS Code marks its own start-up: https://github.com/microsoft/vscode/wiki/Performance-Issues
    await this.page.waitForFunction(
      () => performance.getEntriesByName('code/didLoadExtensions').length > 0,
    );
    // What the smoke-test driver waits for, too: context keys such as `isWorkspaceTrusted` come late.
    await this.page.waitForFunction(() => typeof window.driver === 'object');
    await this.page.evaluate(() => window.driver.whenWorkbenchRestored());
  }

  /**
   * Runs a command by its title through the command palette (F1, type, Enter).
   *
   * @param {string} title such as `Batchwise: Tune Batch Size`
   */
  async runCommand(title) {
    await this.page.keyboard.press('F1');
    await this.page.locator('.quick-input-widget:visible input').fill(`>${title}`);
    const choice = this.page.locator('.quick-input-widget .monaco-list-row');
    await choice.filter({ hasText: title }).first().click();
  }

  /**
   * What the command palette finds for a text; the palette is closed again.
   *
   * @param {string} text
   * @returns {Promise<string[]>} the rows' text, best first, as many as are visible
   */
  async searchCommands(text) {
    await this.page.keyboard.press('F1');
    await this.page.locator('.quick-input-widget:visible input').fill(`>${text}`);
    const rows = this.page.locator('.quick-input-widget .monaco-list-row');
    await rows.filter({ hasText: text }).first().waitFor();
    const titles = await rows.allInnerTexts();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /**
   * Opens a file of the workspace by its name (Ctrl+P, type, Enter).
   *
   * @param {string} name path relative to the workspace
   */
  async openFile(name) {
    await this.page.keyboard.press('ControlOrMeta+P');
    await this.page.locator('.quick-input-widget:visible input').fill(name);
    const base = name.split('/').at(-1) ?? name;
    const choice = this.page.locator('.quick-input-widget .monaco-list-row');
    await choice.filter({ hasText: base }).first().click();
    await this.page.locator('.tabs-container .tab.active').filter({ hasText: base }).waitFor();
    await this.page.locator('.monaco-editor .view-line').first().waitFor();
  }

  /**
   * The inside of a webview.
   *
   * @param {'panel' | 'view'} [kind] a webview in the editor area, or one in a side bar
   * @returns {import('playwright-core').FrameLocator}
   */
  webviewFrame(kind = 'panel') {
    const ofView = '[src*="purpose=webviewView"]';
    const outer = kind === 'view' ? `iframe.webview${ofView}` : `iframe.webview:not(${ofView})`;
    return this.page.frameLocator(outer).frameLocator('iframe#active-frame');
  }

  /**
   * Keeps a picture of the window in test/output.
   *
   * @param {string} name without ending
   * @returns {Promise<string>} the file
   */
  async screenshot(name) {
    mkdirSync(outputFolder, { recursive: true });
    const file = path.join(outputFolder, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Ends window, server and extension host, and removes the copy of the workspace. */
  close() {
    return this.#close();
  }
}
