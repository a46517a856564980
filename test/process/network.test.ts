import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildCommandLine,
  csv,
  denseConfig,
  endCommands,
  folderOf,
  runCommand,
} from './commandLine';

/** Nothing goes to the network unless a person asks for it. */

let cli: string;
beforeAll(async () => {
  cli = await buildCommandLine();
}, 180_000);
afterAll(endCommands);

/** Only a Linux that lets anyone make namespaces can take a process's network away. */
const canIsolate =
  process.platform === 'linux' &&
  spawnSync('unshare', ['--map-root-user', '--net', 'true']).status === 0;

/** Loaded into the command and every process of ours: notes each connection and name that is asked for. */
const recorder = `
const { appendFileSync } = require('node:fs');
const net = require('node:net');
const dns = require('node:dns');
const note = (what) => appendFileSync(process.env.HOME + '/network.txt', what + '\\n');
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (!(options && options.path)) note('connect ' + JSON.stringify(options));
  return connect.apply(this, args);
};
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
  const original = dns[name];
  dns[name] = (...args) => { note(name + ' ' + args[0]); return original.apply(dns, args); };
}
`;

describe.skipIf(!canIsolate)('without a network', () => {
  const start = (args: readonly string[], folder: string) => {
    const preload = path.join(folder, 'recorder.cjs');
    writeFileSync(preload, recorder);
    writeFileSync(path.join(folder, 'network.txt'), '');
    const env = { HOME: folder, NODE_OPTIONS: `--require=${preload}` };
    const isolated = ['unshare', '--map-root-user', '--net'];
    return runCommand(cli, [...args], folder, env, isolated);
  };
  const asked = (folder: string) => readFileSync(path.join(folder, 'network.txt'), 'utf8');

  it.each([
    ['tune', ['tune', 'batchwise.json', '--budget', '5s', '--json']],
    ['explain', ['explain', 'batchwise.json']],
    ['doctor', ['doctor', '--json']],
  ])('%s works as ever, and asks for none', async (_, args) => {
    const folder = folderOf({ 'data.csv': csv(), 'batchwise.json': denseConfig });
    const command = start(args, folder);
    expect(await command.ended, command.stderr()).toBe(0);
    expect(asked(folder)).toBe('');
  });

  it('would be seen where code asks for one', async () => {
    const folder = folderOf({
      'data.mjs': `import net from 'node:net';
        export function load() {
          return new Promise((_, reject) => {
            net.connect(80, '192.0.2.1').once('error', reject);
          });
        }`,
      'batchwise.json': { ...denseConfig, data: { train: 'data.mjs' } },
    });
    const command = start(['tune', 'batchwise.json', '--budget', '20s'], folder);
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toMatch(/ENETUNREACH/);
    expect(asked(folder)).toContain('192.0.2.1');
  });
});
