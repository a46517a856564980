import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema';
import { endsOutOfMemory, saysOutOfMemory } from '../../src/protocol/outOfMemorySigns';
import { buildWorker } from './buildWorker';
import { limitData, noPrlimit } from './limitData';
import { begin, denseLayers, endTrainers, load, makeWorkspace, startTrainer } from './trainer';

/** Rarer ways to run out of memory than those of memoryLimits.test.ts, each really caused. */

afterAll(endTrainers);

const title = noPrlimit === null ? 'a limit' : `a limit (not run: ${noPrlimit})`;

describe.skipIf(noPrlimit !== null)(title, () => {
  let worker: string;
  beforeAll(async () => {
    worker = await buildWorker();
  });

  /** Lets a process have so many more bytes of addresses than it has now. */
  function limitAddresses(pid: number | undefined, moreBytes: number): void {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    const used = Number(/^VmSize:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
    execFileSync('prlimit', ['--pid', String(pid), `--as=${used + moreBytes}`]);
  }

  // Newer ones do without the addresses that Node 20 sets aside for a heap.
  it.skipIf(Number(process.versions.node.split('.')[0]) > 20)(
    'of addresses refuses WASM its heap, which says that it is memory',
    async () => {
      const { config, configFile, root } = await makeWorkspace({ layers: denseLayers });
      const trainer = await startTrainer(worker);
      limitAddresses(trainer.child.pid, 2e9);
      const loaded = await trainer.client.call('load', {
        config: configSchema.parse(config),
        configFile,
        root,
        backend: 'wasm',
        seed: 1,
      });
      expect(loaded).toMatchObject({ ok: false, problem: { reason: 'backendFailed' } });
      const cause = loaded.ok ? '' : String(loaded.problem.values['cause']);
      expect(cause).toContain('WebAssembly.instantiate(): Out of memory');
      expect(saysOutOfMemory(cause)).toBe(true);
    },
  );

  it('ends a process whose C++ code finds no memory', async () => {
    const workspace = await makeWorkspace({ layers: denseLayers, samples: 80 });
    await writeFile(
      path.join(workspace.root, 'model.mjs'),
      `import { readFileSync } from 'node:fs';
       export function createModel(tf) {
         class Hungry extends tf.layers.Layer {
           call(inputs) {
             const [input] = Array.isArray(inputs) ? inputs : [inputs];
             // Node gathers the file in a std::string.
             if (input.shape[0] === 40) readFileSync('/dev/zero', 'utf8');
             return input;
           }
           computeOutputShape(shape) { return shape; }
           static className = 'Hungry';
         }
         return tf.sequential({ layers: [
           tf.layers.dense({ inputShape: [4], units: 8 }),
           new Hungry({}),
           tf.layers.dense({ units: 2, activation: 'softmax' }),
         ] });
       }`,
    );
    const trainer = await startTrainer(worker);
    let stderr = '';
    trainer.child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await load(
      trainer,
      { ...workspace, config: { ...workspace.config, model: { module: 'model.mjs' } } },
      'cpu',
    );
    await begin(trainer, { batchSize: 40 });
    limitData(trainer, 100e6);
    trainer.client
      .call('advance', { trial: 'a', iterations: 1, maxSeconds: 60 })
      .catch(() => undefined);
    const end = await trainer.ended;
    expect(end).toBe('SIGABRT');
    expect(stderr).toContain('std::bad_alloc');
    expect(saysOutOfMemory(stderr)).toBe(true);
    expect(endsOutOfMemory(null, 'SIGABRT')).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('a shell', () => {
  it.each([
    [
      'an abort for memory',
      '--max-old-space-size=30',
      'for (const a = []; ; ) a.push(Array(1e5).fill({}))',
      134,
    ],
    ['a kill', '--no-warnings', "process.kill(process.pid, 'SIGKILL')", 137],
  ])('reports %s as an exit code', (_, option, code, expected) => {
    const script = '"$0" "$1" -e "$2"; exit $?';
    const { status } = spawnSync('sh', ['-c', script, process.execPath, option, code]);
    expect(status).toBe(expected);
    expect(endsOutOfMemory(status, null)).toBe(true);
  });
});
