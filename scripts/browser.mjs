import { chromium } from 'playwright-core';
import { ensureSystemPackages, findBrowser } from './systemPackages.mjs';
import { SetupError } from './command.mjs';

/**
 * Starts the system's Chromium without a window, installing it first where this machine lets us.
 * Close it with `browser.close()`.
 *
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launchBrowser() {
  await ensureSystemPackages(['browser']);
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new SetupError('There is no Chromium browser.');
  return chromium.launch({
    executablePath,
    args: [
      // Containers run tests as root, where Chromium's sandbox cannot start.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * Makes the page's VS Code, and extensions in it, speak this language. Cookies and the browser's
 * locale do not reach the extension host; this variable does.
 *
 * @param {import('playwright-core').Page} page before its first navigation
 * @param {string} language such as `ja`
 */
export async function setWorkbenchLanguage(page, language) {
  await page.addInitScript((value) => {
    Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', { value, writable: false });
  }, language);
}
