import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema';
import { buildWorker } from './buildWorker';
import { begin, denseLayers, endTrainers, load, makeWorkspace, startTrainer } from './trainer';

let worker: string;
let workspace: Awaited<ReturnType<typeof makeWorkspace>>;

beforeAll(async () => {
  worker = await buildWorker();
  workspace = await makeWorkspace({ layers: denseLayers });
});
afterAll(endTrainers);

describe('the training process', () => {
  it('ends when its host lets go of it, also while it trains', async () => {
    const idle = await startTrainer(worker);
    idle.child.disconnect();
    expect(await idle.ended).toBe(0);

    const busy = await startTrainer(worker);
    await load(busy, workspace);
    await begin(busy);
    const advance = busy.client.call('advance', { trial: 'a', iterations: 1e9, maxSeconds: 1e6 });
    advance.catch(() => undefined);
    busy.child.disconnect();
    expect(await busy.ended).toBe(0);
  });

  it('ends when it is asked to, and when it is killed', async () => {
    const asked = await startTrainer(worker);
    asked.child.kill('SIGTERM');
    expect(await asked.ended).toBe(0);
    const killed = await startTrainer(worker);
    const call = load(killed, workspace);
    killed.child.kill('SIGKILL');
    await expect(call).rejects.toThrow('ended');
    expect(await killed.ended).toBe('SIGKILL');
  });

  it('ends when the process that forked it is killed', async () => {
    const host = fork(
      '-e',
      [
        `const { fork } = require('node:child_process');
         const child = fork(${JSON.stringify(worker)}, { serialization: 'advanced', execArgv: [] });
         child.once('message', () => process.send(child.pid));`,
      ],
      { execArgv: [] },
    );
    const [pid] = (await once(host, 'message')) as [number];
    host.kill('SIGKILL');
    await expect
      .poll(
        () => {
          try {
            process.kill(pid, 0);
            return 'alive';
          } catch {
            return 'gone';
          }
        },
        { timeout: 10_000 },
      )
      .toBe('gone');
  });

  it('survives messages that mean nothing', async () => {
    const trainer = await startTrainer(worker);
    const raw = (message: unknown) => trainer.child.send(message as object);
    for (const garbage of [null, 7, 'hello', [], {}, { kind: 'call' }, { kind: 'answer', id: 1 }]) {
      raw(garbage);
    }
    await expect(trainer.client.call('nonsense' as 'end', { trial: 'a' })).rejects.toThrow(
      'nonsense',
    );
    await expect(trainer.client.call('end', { trial: 'a' })).rejects.toThrow('There is no trial a');
    await expect(
      trainer.client.call('begin', { trial: 'a', batchSize: -1 } as never),
    ).rejects.toThrow('batchSize');
    expect((await load(trainer, workspace)).backend.name).toBe('wasm');
    await begin(trainer);
    await expect(begin(trainer)).rejects.toThrow('already');
  });

  it('tells problems of the config as values', async () => {
    const trainer = await startTrainer(worker);
    const loaded = await trainer.client.call('load', {
      config: configSchema.parse({
        ...workspace.config,
        data: { train: 'missing.csv', label: 'kind' },
      }),
      configFile: workspace.configFile,
      root: workspace.root,
      backend: 'auto',
      seed: 1,
    });
    expect(loaded).toMatchObject({ ok: false, problem: { values: { path: 'missing.csv' } } });
    // Nothing was loaded: a corrected config may follow.
    expect((await load(trainer, workspace)).parameterCount).toBe(114);
  });

  it('tells which backend it cannot have', async () => {
    const trainer = await startTrainer(worker);
    const { root, configFile } = workspace;
    const config = configSchema.parse(workspace.config);
    const loaded = await trainer.client.call('load', {
      config,
      configFile,
      root,
      backend: 'webgpu',
      seed: 1,
    });
    // Nothing of Dawn lies beside this worker.
    expect(loaded).toMatchObject({ ok: false, problem: { reason: 'dawnMissing' } });
  });

  it('prints what it is when it is started by hand', () => {
    let status = 0;
    try {
      execFileSync(process.execPath, [worker], { stdio: 'pipe' });
    } catch (error) {
      status = (error as { status: number }).status;
    }
    expect(status).toBe(2);
  });
});
