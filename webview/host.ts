import * as z from 'zod';
import type { Port } from '../src/protocol/channel';
import type { SavedPanel } from './savedUi';

/** What VS Code gives a webview. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: SavedPanel): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

// The page's policy forbids eval, which zod would otherwise try for speed.
z.config({ jitless: true });

export const vscode = acquireVsCodeApi();

/** The page's own script, which runs before any other is loaded. */
const ownScript =
  document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;

/** Runs another file of the extension, which lies beside the page's own script. */
export function loadScript(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL(name, ownScript?.src ?? document.baseURI).toString();
    script.nonce = ownScript?.nonce ?? '';
    script.onload = () => {
      resolve();
    };
    script.onerror = () => {
      reject(new Error(`${name} could not be loaded.`));
    };
    document.head.append(script);
  });
}

export const hostPort: Port = {
  post: (message) => {
    vscode.postMessage(message);
  },
  listen: (receive) => {
    const listener = ({ data }: MessageEvent<unknown>) => {
      receive(data);
    };
    window.addEventListener('message', listener);
    return () => {
      window.removeEventListener('message', listener);
    };
  },
};
