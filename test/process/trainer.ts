import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { configSchema } from '../../src/config/schema';
import type { BackendName } from '../../src/core/sweep/result';
import { connect, type Client } from '../../src/protocol/channel';
import { trainerContract, type Prepared, type TrainerContract } from '../../src/protocol/trainer';

/** A forked training process with a client to it. */
export interface RunningTrainer {
  readonly child: ChildProcess;
  readonly client: Client<TrainerContract>;
  /** Log events so far. */
  readonly logs: string[];
  /** Exit code or signal, once it has ended. */
  readonly ended: Promise<number | string | null>;
}

const running = new Set<ChildProcess>();

/** Forks a worker and waits until it is ready. */
export async function startTrainer(
  worker: string,
  { env = {}, execArgv = [] }: { env?: NodeJS.ProcessEnv; execArgv?: string[] } = {},
): Promise<RunningTrainer> {
  const child = fork(worker, {
    serialization: 'advanced',
    execArgv,
    silent: true,
    env: { ...process.env, ...env },
  });
  running.add(child);
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
    running.delete(child);
    client.close('The worker has ended.');
    return (code ?? signal) as number | string | null;
  });
  const client = connect(
    {
      post: (message) => child.connected && child.send(message as object),
      listen: (receive) => {
        child.on('message', receive);
        return () => child.off('message', receive);
      },
    },
    trainerContract,
  );
  const logs: string[] = [];
  client.on('log', ({ message }) => logs.push(message));
  await new Promise<void>((resolve, reject) => {
    client.on('ready', () => {
      resolve();
    });
    child.once('exit', (code) => {
      reject(new Error(`The worker ended with ${code ?? 'a signal'} before it was ready.`));
    });
  });
  return { child, client, logs, ended };
}

/** Ends every worker still running, by its own id. */
export function endTrainers(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A workspace with a CSV of two noisy classes and this model and training. */
export async function makeWorkspace(parts: {
  readonly layers: readonly object[];
  readonly samples?: number;
  readonly training?: object;
}): Promise<{ root: string; configFile: string; config: object }> {
  const root = await mkdtemp(path.join(tmpdir(), 'batchwise-workspace-'));
  const rows = Array.from({ length: parts.samples ?? 250 }, (_, index) => {
    const kind = index % 2;
    const values = [0, 1, 2, 3].map((column) =>
      (Math.sin(index * (column + 1.3)) + (kind === 0 ? 0.8 : -0.8)).toFixed(4),
    );
    return [...values, kind === 0 ? 'left' : 'right'].join(',');
  });
  await writeFile(path.join(root, 'data.csv'), ['a,b,c,d,kind', ...rows].join('\n'));
  const config = {
    model: { layers: parts.layers },
    data: { train: 'data.csv', label: 'kind', validation: 0.2 },
    training: {
      loss: 'categoricalCrossentropy',
      optimizer: 'adam',
      learningRate: 0.01,
      ...parts.training,
    },
  };
  const configFile = path.join(root, 'batchwise.json');
  await writeFile(configFile, JSON.stringify(config));
  return { root, configFile, config };
}

export const denseLayers = [
  { className: 'Dense', config: { units: 16, activation: 'relu' } },
  { className: 'Dense', config: { units: 2, activation: 'softmax' } },
];

/** Loads a workspace; a problem is an error here. */
export async function load(
  { client }: RunningTrainer,
  workspace: { root: string; configFile: string; config: object },
  backend: BackendName | 'auto' = 'auto',
): Promise<Prepared> {
  const { root, configFile } = workspace;
  const config = configSchema.parse(workspace.config);
  const loaded = await client.call('load', { config, configFile, root, backend, seed: 42 });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problem));
  return loaded.value;
}

export interface BeginOptions {
  readonly trial?: string;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly seed?: number;
  readonly gradientAccumulation?: number;
  readonly limitBytes?: number | null;
  readonly schedule?: { epoch: number; batchSize: number; learningRate: number }[] | null;
}

/** Begins a trial, with defaults for what a test does not care about. */
export async function begin({ client }: RunningTrainer, options: BeginOptions = {}): Promise<void> {
  const begun = await client.call('begin', {
    trial: 'a',
    batchSize: 32,
    learningRate: 0.01,
    seed: 1,
    limitBytes: null,
    ...options,
  });
  if (!begun.ok) throw new Error(JSON.stringify(begun.problem));
}
