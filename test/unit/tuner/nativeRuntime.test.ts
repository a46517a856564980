import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import { version_core } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  nativeRuntimeFolder,
  tfjsVersion,
  userDataFolder,
} from '../../../src/config/nativeRuntime';
import { installNativeRuntime } from '../../../src/tuner/nativeRuntime/install';
import { reach } from '../../../src/tuner/nativeRuntime/reach';
import { runProgram, tellingLine } from '../../../src/tuner/nativeRuntime/runProgram';
import {
  archiveUrl,
  configuredMirror,
  openSources,
  wheelFor,
  wheelObstacle,
  type Findings,
} from '../../../src/tuner/nativeRuntime/sources';
import { stagingFolder } from '../../../src/tuner/nativeRuntime/staging';

const linux = { platform: 'linux', arch: 'x64' } as const;
const windows = { platform: 'win32', arch: 'x64' } as const;
const intelMac = { platform: 'darwin', arch: 'x64' } as const;

describe('the folder of the native runtime', () => {
  const at = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv) =>
    userDataFolder({ platform, env, arch: 'x64', home: '/home/me' });

  it('is where each system keeps data of a user', () => {
    expect(at('linux', {})).toBe('/home/me/.local/share/batchwise');
    expect(at('linux', { XDG_DATA_HOME: '/data' })).toBe('/data/batchwise');
    expect(at('linux', { XDG_DATA_HOME: 'relative' })).toBe('/home/me/.local/share/batchwise');
    expect(at('darwin', {})).toBe('/home/me/Library/Application Support/Batchwise');
    expect(at('win32', { LOCALAPPDATA: '/local' })).toBe(path.join('/local', 'Batchwise'));
    expect(at('linux', { BATCHWISE_DATA_FOLDER: '/own' })).toBe('/own');
  });

  it('names the release that this build trains with, and the machine', () => {
    expect(tfjsVersion).toBe(version_core);
    const env = { BATCHWISE_DATA_FOLDER: '/own' };
    expect(nativeRuntimeFolder({ ...linux, env, home: '/' })).toBe(
      `/own/native/tfjs-${version_core}-linux-x64`,
    );
  });
});

describe('the sources of libtensorflow', () => {
  const all: Findings = {
    npm: true,
    archive: { reachable: true, bytes: 1 },
    wheel: wheelFor(linux),
    python: true,
    compiler: 'g++',
  };
  const closed = { reachable: false, cause: 'closed' } as const;

  it('are taken in order, as far as this machine has what they need', () => {
    expect(openSources(all)).toEqual(['package', 'wheel']);
    expect(openSources({ ...all, archive: closed })).toEqual(['wheel']);
    expect(openSources({ ...all, compiler: null })).toEqual(['package']);
    expect(openSources({ ...all, archive: closed, python: false })).toEqual([]);
    expect(openSources({ ...all, npm: false })).toEqual([]);
  });

  it('say what stands in the way of the wheel', () => {
    expect(wheelObstacle(all)).toBeNull();
    expect(wheelObstacle({ ...all, wheel: wheelFor(windows) })).toBe('nativeNoWheel');
    expect(wheelObstacle({ ...all, wheel: wheelFor(intelMac) })).toBe('nativeNoWheel');
    expect(wheelObstacle({ ...all, python: false })).toBe('nativeNoPython');
    expect(wheelObstacle({ ...all, compiler: null })).toBe('nativeNoCompiler');
  });

  it('follow the mirror of the settings, then of the environment', () => {
    const file = 'tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz';
    expect(archiveUrl(linux, {}, null)).toBe(`https://storage.googleapis.com/${file}`);
    expect(archiveUrl(linux, {}, 'https://mirror.test/tf')).toBe(`https://mirror.test/tf/${file}`);
    const storage = { TFJS_NODE_CDN_STORAGE: 'https://env.test/' };
    expect(archiveUrl(linux, storage, null)).toBe(`https://env.test/${file}`);
    expect(archiveUrl(linux, storage, 'https://mirror.test')).toBe(`https://mirror.test/${file}`);
    const base = { TFJS_NODE_BASE_URI: 'https://base.test/libtensorflow-' };
    expect(archiveUrl(linux, base, null)).toBe(
      'https://base.test/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
    );
    expect(archiveUrl(windows, {}, null)).toMatch(/cpu-windows-x86_64-2\.9\.1\.zip$/);
    expect(archiveUrl({ platform: 'win32', arch: 'arm64' }, {}, null)).toBeNull();
    expect(configuredMirror(base, null)).toBe('https://base.test/libtensorflow-');
    expect(configuredMirror({}, ' ')).toBeNull();
  });
});

describe('asking a host', () => {
  let server: Server | null = null;
  const serve = async (status: number | 'silent') => {
    server = createServer((_, response) => {
      if (status !== 'silent') response.writeHead(status, { 'content-length': 123 }).end();
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  };
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  it('tells the size of the file, and what else it answered', async () => {
    expect(await reach(await serve(200), {}, 5000)).toEqual({ reachable: true, bytes: 123 });
    server?.close();
    const refused = await reach(await serve(403), {}, 5000);
    expect(refused).toEqual({ reachable: false, cause: 'it answered 403' });
  });

  it('gives up on one that says nothing, and on an address that is none', async () => {
    const silent = await reach(await serve('silent'), {}, 200);
    expect(silent).toEqual({ reachable: false, cause: 'no answer within 0.2 s' });
    expect(await reach('no address', {}, 200)).toMatchObject({ reachable: false });
  });

  it('goes through the proxy that the install script goes through', async () => {
    const targets: string[] = [];
    server = createServer();
    server.on('connect', ({ url }, socket) => {
      targets.push(url ?? '');
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reached = await reach('https://host.test/file', { HTTPS_PROXY: proxy }, 5000);
    expect(reached).toEqual({ reachable: false, cause: 'the proxy answered 407' });
    expect(targets).toEqual(['host.test:443']);
  });
});

describe('a program', () => {
  const node = process.execPath;

  it('tells its end and the line that says why', async () => {
    const failed = await runProgram(node, ['-e', 'throw new TypeError("no such thing")']);
    expect(failed.code).toBe(1);
    expect(tellingLine(failed)).toBe('TypeError: no such thing');
    const absent = await runProgram('batchwise-no-such-program', []);
    expect(absent.code).toBeNull();
    expect(tellingLine(absent)).toContain('ENOENT');
  });

  it.skipIf(process.platform === 'win32')('ends with what it started', async () => {
    const abort = new AbortController();
    const child =
      "require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])";
    let pid = 0;
    const ended = runProgram(
      node,
      ['-e', `console.log(${child}.pid); setInterval(() => {}, 1e6)`],
      {
        signal: abort.signal,
        onLine: (line) => {
          pid = Number(line);
          abort.abort();
        },
      },
    );
    expect((await ended).code).toBeNull();
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  });
});

/** False also for a process that has ended and that nobody has asked about yet. */
async function isRunning(pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'stat=', '-p', String(pid)], (error, stdout) => {
      resolve(error === null && !stdout.startsWith('Z'));
    });
  });
}

describe('an install', () => {
  const inTemporary = () => mkdtemp(path.join(tmpdir(), 'batchwise-native-'));

  it('removes what a killed one has left, and nothing of one that runs', async () => {
    const parent = await inTemporary();
    const final = path.join(parent, 'tfjs');
    const left = `${final}.staging-999999999-abcd`;
    const living = `${final}.staging-${process.pid}-abcd`;
    await mkdir(left);
    await mkdir(living);
    await mkdir(path.join(parent, 'other.staging-999999999-abcd'));
    const folder = await stagingFolder(final);
    expect(existsSync(left)).toBe(false);
    const kept = [living, folder, path.join(parent, 'other.staging-999999999-abcd')];
    expect((await readdir(parent)).sort()).toEqual(kept.map((each) => path.basename(each)).sort());
  });

  it('asks first, and makes nothing when the answer is no or it is cancelled', async () => {
    const parent = await inTemporary();
    const run = (signal: AbortSignal) =>
      installNativeRuntime({
        folder: path.join(parent, 'native', 'tfjs'),
        nodePath: process.execPath,
        // A port that nobody listens on.
        mirror: 'http://127.0.0.1:9/',
        reachTimeoutMs: 500,
        confirm: () => Promise.resolve(false),
        onProgress: () => undefined,
        signal,
      });
    const declined = await run(new AbortController().signal);
    // Without a compiler or pip there is nothing to ask about.
    expect(['declined', 'failed']).toContain(declined.status);
    expect(await run(AbortSignal.abort())).toEqual({ status: 'cancelled' });
    expect(await readdir(parent)).toEqual([]);
  });
});
