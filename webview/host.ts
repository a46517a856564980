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
