import { describe, expect, it } from 'vitest';
import { pageLanguage } from '../../../../src/protocol/pageLanguage';
import { panelContract } from '../../../../src/protocol/panel';
import type { PanelModel } from '../../../../src/editor/webviews/panelModel';
import { servePanel } from '../../../../src/editor/webviews/panelServer';

/** A page that sends what it likes, and what of it reaches the extension. */
function page() {
  const acts: [string, ...unknown[]][] = [];
  const answers: { kind: string; id: number }[] = [];
  let receive: (message: unknown) => void = () => undefined;
  const told = new Proxy(
    {},
    {
      get: (_, name) =>
        name === 'onDidChange'
          ? () => ({ dispose: () => undefined })
          : (...values: unknown[]) => {
              acts.push([String(name), ...values]);
              return Promise.resolve();
            },
    },
  );
  const port = {
    post: (message: unknown) => {
      answers.push(message as { kind: string; id: number });
    },
    listen: (listener: (message: unknown) => void) => {
      receive = listener;
      return () => undefined;
    },
  };
  servePanel(port, told as PanelModel, pageLanguage('en', null));
  let id = 0;
  return {
    acts,
    /** Sends a message as it is. */
    send: (message: unknown) => {
      receive(message);
    },
    /** Sends a call; resolves to how it was answered. */
    call: async (name: unknown, input: unknown) => {
      const own = id++;
      receive({ kind: 'call', id: own, name, input });
      await expect.poll(() => answers.find((each) => each.id === own)).toBeDefined();
      return answers.find((each) => each.id === own)?.kind;
    },
  };
}

describe('a hostile page in the panel', () => {
  it.each([
    ...['executeCommand', 'selectConfig', 'snapshot', 'onDidChange', 'openExternal', 'writeFile'],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''],
  ])('cannot call %s', async (name) => {
    const { acts, call } = page();
    expect(await call(name, { command: 'workbench.action.terminal.new' })).toBe('refusal');
    expect(acts).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['apply', { batchSize: -1, learningRate: null }],
    ['apply', { batchSize: 0.5, learningRate: null }],
    ['apply', { batchSize: '64 } "model": {', learningRate: null }],
    ['apply', { batchSize: 64, learningRate: Infinity }],
    ['apply', { batchSize: 64 }],
    ['saveChart', { name: '../../.bashrc', png: 'data:image/png;base64,AAAA' }],
    ['saveChart', { name: 'loss', png: 'data:text/html;base64,AAAA' }],
    ['saveChart', { name: 'loss', png: 'file:///etc/passwd' }],
    ['openProblem', { index: -1 }],
    ['openProblem', { index: '0', file: '/etc/passwd' }],
    ['fixProblem', { index: 1e308 }],
    ['tune', null],
    ['tune', 'now'],
  ])('cannot call %s with %j', async (name, input) => {
    const { acts, call } = page();
    expect(await call(name, input)).toBe('refusal');
    expect(acts).toEqual([]);
  });

  it('cannot fill the memory with a picture', async () => {
    const { acts, call } = page();
    const png = `data:image/png;base64,${'A'.repeat(2 ** 26)}`;
    expect(await call('saveChart', { name: 'loss', png })).toBe('refusal');
    expect(acts).toEqual([]);
  });

  it('cannot send anything but calls', () => {
    const { acts, send } = page();
    const event = { kind: 'event', name: 'snapshot', payload: {} };
    const answer = { kind: 'answer', id: 1, output: {} };
    for (const message of [null, 7, 'tune', [], {}, event, answer, { kind: 'call', name: 'tune' }])
      send(message);
    expect(acts).toEqual([]);
  });

  it('gives an action no more than its button does', async () => {
    const { acts, call } = page();
    const more = { command: 'x', configUri: 'file:///etc/passwd', config: '/etc/passwd' };
    for (const name of Object.keys(panelContract.calls)) {
      const input = { batchSize: 64, learningRate: 0.1, name: 'loss', index: 0, ...more };
      await call(name, { ...input, png: 'data:image/png;base64,AAAA' });
    }
    const given = acts.flatMap(([, ...values]) => values);
    expect(JSON.stringify(given)).not.toMatch(/passwd|"x"/);
    expect(acts.find(([name]) => name === 'apply')).toEqual(['apply', 64, 0.1]);
  });
});
