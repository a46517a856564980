import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { SweepResult } from '../../src/core/sweep/result';
import {
  connect,
  serve,
  type Contract,
  type Handlers,
  type Port,
} from '../../src/protocol/channel';
import { panelContract } from '../../src/protocol/panel';
import { runnerContract } from '../../src/protocol/runner';
import { sideContract } from '../../src/protocol/side';
import { toldEvents } from '../../src/protocol/toldEvents';
import { trainerContract } from '../../src/protocol/trainer';
import { seededRandom } from '../../src/trainer/random/seededRandom';
import { agentTools, checkedInput, type AgentHost } from '../../src/tuner/agents/tools';
import { messageLines } from '../../src/tuner/process/messageLines';
import { runFolder } from '../../src/tuner/history/runLog';
import { sweepEvents } from '../unit/webview/sweepFixture';
import { mutated, mutatedValue } from './mutate';
import type { Fuzzed } from './targets';

/** Doors that other processes, webviews and agents knock at. */

interface Ends {
  readonly port: Port;
  /** Gives the port's owner a message. */
  readonly receive: (message: unknown) => void;
}

function ends(): Ends {
  const listeners = new Set<(message: unknown) => void>();
  return {
    port: {
      post: (message) => {
        // As a process or a webview would send it.
        JSON.stringify(message);
      },
      listen: (receive) => {
        listeners.add(receive);
        return () => listeners.delete(receive);
      },
    },
    receive: (message) => {
      for (const listener of listeners) listener(message);
    },
  };
}

/** Both sides of a contract are sent messages that are nearly right. */
function channelTarget(
  contracts: readonly Contract[],
  seeds: readonly unknown[],
  text: boolean,
): Fuzzed<never> {
  const receivers = contracts.flatMap((contract) => {
    const [server, client] = [ends(), ends()];
    const names = Object.keys(contract.calls);
    const handlers = Object.fromEntries(names.map((name) => [name, () => ({})]));
    serve(server.port, contract, handlers as unknown as Handlers<Contract>);
    const connected = connect(client.port, contract);
    for (const name of Object.keys(contract.events)) connected.on(name, () => undefined);
    let calls = 0;
    return [
      server.receive,
      (message: unknown) => {
        // Keeps calls open for answers to meet.
        for (; calls < 50; calls++)
          connected
            .call(names[calls % names.length] ?? '', {})
            .catch(() => undefined)
            .finally(() => calls--);
        client.receive(message);
      },
    ];
  });
  const lines = messageLines(
    (message) => {
      for (const receive of receivers) receive(message);
    },
    () => undefined,
  );
  const texts = seeds.map((seed) => Buffer.from(`${JSON.stringify(seed)}\n`));
  return {
    seeds: [],
    run: async (random, _seeds, shown) => {
      if (text && random() < 0.5) {
        const input = mutated(random, texts);
        shown(input);
        lines(input.toString());
        lines('\n');
      } else {
        const message = mutatedValue(random, seeds);
        shown(shortened(message));
        for (const receive of receivers) receive(message);
      }
      await Promise.resolve();
    },
  };
}

function shortened(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    return String(error);
  }
}

const calls = (contract: Contract, inputs: Readonly<Record<string, unknown>>) =>
  Object.keys(contract.calls).map((name, id) => ({
    ...{ kind: 'call', id, name, input: inputs[name] ?? {} },
  }));
const loss = { iteration: 8, epoch: 1, seconds: 0.1, train: 0.5, validation: 0.6 };
const answers = [
  { kind: 'answer', id: 3, output: {} },
  { kind: 'answer', id: 4, output: { status: 'ok', iterations: 8, stepMs: [1, 2], loss: [loss] } },
  {
    ...{ kind: 'refusal', id: 5, message: 'no' },
    problem: { reason: 'dataEmpty', values: { path: 'x' }, place: { file: '/x', line: 1 } },
  },
];

export function trainerTarget(): Fuzzed<never> {
  const begin = { trial: 'a', batchSize: 8, learningRate: 0.1, seed: 1, limitBytes: null };
  const inputs = { begin, advance: { trial: 'a', iterations: 5, maxSeconds: 1 } };
  const seeds = [
    ...calls(trainerContract, inputs),
    ...answers,
    { kind: 'event', name: 'ready', payload: { node: '24.0.0', pid: 3 } },
    { kind: 'event', name: 'log', payload: { level: 'warn', message: 'text' } },
    { kind: 'event', name: 'reading', payload: { step: 'reading', fraction: 0.5 } },
    { kind: 'event', name: 'running', payload: { kind: 'module', file: '/m.mjs', call: 'load()' } },
  ];
  return channelTarget([trainerContract], seeds, false);
}

export function pythonTarget(): Fuzzed<never> {
  const program = { kind: 'script', target: '/train.py', args: ['--epochs', '3'] };
  const discovery = { framework: 'torch', samples: 64, updates: 3, startLoss: 1, batchSize: 8 };
  const seeds = [
    ...calls(runnerContract, { begin: { program, root: '/', seed: 1 } }),
    ...answers,
    { kind: 'answer', id: 1, output: { status: 'ok', ...discovery, startLossError: null } },
    { kind: 'event', name: 'ready', payload: { python: '3.12', pid: 4 } },
  ];
  return channelTarget([runnerContract], seeds, true);
}

export function panelTarget(): Fuzzed<never> {
  const events = sweepEvents();
  const snapshot = {
    ...{ config: 'batchwise.json', interrupted: false, trusted: true },
    ...{ events: toldEvents(events), compared: toldEvents([]) },
    ...{ batchSize: 32, learningRate: 0.001, strings: null, language: 'en' },
  };
  const inputs = {
    apply: { batchSize: 64, learningRate: 0.1 },
    saveChart: { name: 'loss', png: 'data:image/png;base64,AAAA' },
    openProblem: { index: 0 },
    fixProblem: { index: 1 },
  };
  const seeds = [
    ...calls(panelContract, inputs),
    ...calls(sideContract, {}),
    ...answers,
    { kind: 'event', name: 'snapshot', payload: snapshot },
    { kind: 'event', name: 'sweepEvents', payload: { events } },
    { kind: 'event', name: 'subject', payload: { subject: null } },
  ];
  return channelTarget([panelContract, sideContract], seeds, false);
}

function tunedWorkspace(folder: string): SweepResult {
  const finished = sweepEvents().find((event) => event.type === 'finished');
  if (!finished) throw new Error('The fixture has no result.');
  cpSync('test/fixtures/workspace', folder, { recursive: true });
  const runs = runFolder(path.join(folder, 'batchwise.json'));
  mkdirSync(runs, { recursive: true });
  writeFileSync(path.join(runs, 'latest.json'), JSON.stringify(finished.result));
  return finished.result;
}

const outside = /passwd|root:/;

/** The tools that agents call, with a host that trains nothing. */
export function agentsTarget(given: string): Fuzzed<never> {
  // Tools tell real paths.
  const folder = realpathSync(given);
  const result = tunedWorkspace(folder);
  const confined = (file: string) => {
    if (!file.startsWith(folder)) throw new Error(`${file} is outside the workspace`);
  };
  const host: AgentHost = {
    folders: [folder],
    isTrusted: true,
    explain: ({ file }) => {
      confined(file);
      return Promise.resolve({ ok: false, message: 'not here' });
    },
    tune: ({ file }) => {
      confined(file);
      return Promise.resolve({ ok: true, value: result });
    },
    apply: ({ file }) => {
      confined(file);
      return Promise.resolve({ ok: true, value: 'It is saved.' });
    },
  };
  const call = { signal: new AbortController().signal, progress: () => undefined };
  const seeds: readonly unknown[] = [
    { config: 'batchwise.json' },
    { config: './sub/../batchwise.json', sizeOnly: true },
    { config: '/etc/passwd' },
    { config: '../../../../etc/passwd' },
    { config: path.join(folder, 'batchwise.json') },
  ];
  return {
    seeds: [],
    run: async (random, _seeds, shown) => {
      const tool = agentTools[Math.floor(random() * agentTools.length)];
      const input = mutatedValue(random, seeds);
      shown(`${tool?.name ?? ''} ${shortened(input)}`);
      const checked = tool && checkedInput(tool, input);
      if (!tool || !checked?.ok) return;
      const outcome = await tool.run(checked.value, host, call);
      if (outside.test(JSON.stringify(outcome).replaceAll(/[^"]*is outside the workspace/g, '')))
        throw new Error('It tells of a file outside the workspace.');
    },
  };
}

/** The command itself, with lines on its standard input; after each it has to answer a ping. */
export function mcpTarget(folder: string): Fuzzed<never> {
  tunedWorkspace(folder);
  const child = spawn(process.execPath, ['dist/cli.js', 'mcp', '--folder', folder], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let waiting: { readonly id: string; done(): void; fail(error: Error): void } | null = null;
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (waiting && lines.some((line) => line.includes(`"${waiting?.id}"`))) waiting.done();
  });
  child.once('exit', (code) => waiting?.fail(new Error(`The command ended with ${code}.`)));
  const rpc = (method: string, params: object, id?: number) => ({
    ...{ jsonrpc: '2.0', method, params },
    ...(id !== undefined && { id }),
  });
  const client = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'f' } };
  const tool = (name: string, config: string) =>
    rpc('tools/call', { name, arguments: { config } }, 3);
  const seeds: readonly unknown[] = [
    rpc('initialize', client, 1),
    rpc('notifications/initialized', {}),
    rpc('tools/list', {}, 2),
    tool('batchwise_recommendation', 'batchwise.json'),
    tool('batchwise_recommendation', '../../etc/passwd'),
    rpc('notifications/cancelled', { requestId: 3, reason: 'x' }),
  ];
  const texts = seeds.map((seed) => Buffer.from(JSON.stringify(seed)));
  let pings = 0;
  return {
    seeds: [],
    run: async (random, _seeds, shown) => {
      const isText = random() < 0.5;
      const input = isText
        ? mutated(random, texts).toString().replaceAll('\n', ' ')
        : shortened(mutatedValue(seededRandom(Math.floor(random() * 2 ** 31)), seeds));
      shown(input);
      const id = `ping ${pings++}`;
      const answered = new Promise<void>((resolve, reject) => {
        waiting = { id, done: resolve, fail: reject };
      });
      child.stdin.write(`${input}\n${JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' })}\n`);
      await answered;
    },
    close: () =>
      new Promise<void>((resolve) => {
        waiting = null;
        child.once('exit', () => {
          resolve();
        });
        child.stdin.end();
      }),
  };
}
