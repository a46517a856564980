import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { version } from '../../package.json';
import { configSchema, type Config } from '../config/schema';
import { inOrderOf, workspaceEngine, type WorkspaceFolder } from '../config/workspaceEngine';
import type { DoctorReport, TriedBackend } from '../core/sweep/doctorReport';
import { describe, type Problem, type Text } from '../core/text/problem';
import { backendNames, type BackendName } from '../core/sweep/result';
import { LoadedTrainer } from './process/loadedTrainer';
import { examinePython } from './process/pythonInterpreter';
import { findNode, type NodeBinary } from './process/nodeBinary';
import type { TrainerOptions } from './process/trainerProcess';

interface DoctorOptions {
  readonly trainer: TrainerOptions;
  /** The workspace whose engine counts; null where there is none, or it must not be looked at. */
  readonly workspace: WorkspaceFolder | null;
  /** Aborted when the report is no longer needed: what was found until then is returned. */
  readonly signal?: AbortSignal;
}

/** What this machine can train on. Each backend is really tried, in a process of its own. */
export async function examine({
  trainer,
  workspace,
  signal,
}: DoctorOptions): Promise<DoctorReport> {
  const node = await findNode(trainer.nodePath);
  const [backends, gpus, python] = await Promise.all([
    tryBackends(trainer, workspace, signal),
    listGpus(),
    askPython(trainer, workspace),
  ]);
  const engine = workspace ? workspaceEngine(workspace) : undefined;
  const usable = backends.filter(({ info }) => info !== null && !info.software);
  const memory = backends.find(({ name }) => name === 'cpu')?.info?.memory;
  return {
    batchwise: version,
    system: `${process.platform} ${process.arch}`,
    node: node.ok ? { version: node.value.version, path: node.value.path } : null,
    nodeWhy: node.ok ? whyNode(node.value, trainer) : textOf(node.problem),
    processor: { name: cpus()[0]?.model.trim() ?? '', cores: availableParallelism() },
    machineBytes: totalmem(),
    memory: memory ?? { totalBytes: totalmem(), freeBytes: freemem() },
    gpus,
    workspaceEngine: engine,
    python,
    backends,
    chosen: inOrderOf(usable, engine ?? null)[0]?.name ?? null,
  };
}

/** The command line gives its own executable; a setting that names another is a person's. */
function whyNode(
  { source, isElectron, passedOver }: NodeBinary,
  { nodePath }: TrainerOptions,
): Text {
  if (source === 'path') return { id: 'doctorNodePath', values: {} };
  if (nodePath === process.execPath) return { id: 'doctorNodeOwn', values: {} };
  if (source === 'setting') return { id: 'doctorNodeSetting', values: {} };
  const cause = passedOver ? describe(passedOver) : '';
  return { id: isElectron ? 'doctorNodeElectron' : 'doctorNodeOwnInstead', values: { cause } };
}

function textOf({ reason: id, values }: Problem): Text {
  return { id, values };
}

/** Code of the workspace may run in its interpreter: only where the workspace may be looked at. */
async function askPython(
  { python }: TrainerOptions,
  workspace: WorkspaceFolder | null,
): Promise<DoctorReport['python']> {
  if (!workspace) return undefined;
  const { root } = workspace;
  const found = await examinePython({ folder: root, root, chosen: python?.interpreter });
  return found.ok ? { ...found.value, why: null } : { path: null, why: textOf(found.problem) };
}

async function listGpus(): Promise<DoctorReport['gpus']> {
  try {
    const { graphics } = await import('systeminformation');
    const { controllers } = await graphics();
    return controllers.map(({ vendor, model, vram, memoryTotal }) => {
      const megabytes = memoryTotal ?? vram;
      return {
        name: [vendor, model].filter(Boolean).join(' '),
        memoryBytes: megabytes ? megabytes * 2 ** 20 : null,
      };
    });
  } catch {
    return [];
  }
}

/** Loads a model of one neuron on each backend. */
async function tryBackends(
  trainer: TrainerOptions,
  workspace: WorkspaceFolder | null,
  signal: AbortSignal | undefined,
): Promise<TriedBackend[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-doctor-'));
  try {
    const rows = Array.from({ length: 10 }, (_, i) => `${i},${2 * i}`);
    await writeFile(path.join(folder, 'train.csv'), `x,y\n${rows.join('\n')}\n`);
    const config = configSchema.parse({
      model: { layers: [{ className: 'Dense', config: { units: 1, inputShape: [1] } }] },
      data: { train: 'train.csv', label: 'y' },
      training: { loss: 'meanSquaredError', batchSize: 2 },
    });
    const attempt = (name: BackendName) =>
      tryBackend({ name, config, root: folder, trainer, workspace, signal });
    return await Promise.all(backendNames.map(attempt));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Attempt {
  readonly name: BackendName;
  readonly config: Config;
  readonly root: string;
  readonly trainer: TrainerOptions;
  readonly workspace: WorkspaceFolder | null;
  readonly signal: AbortSignal | undefined;
}

async function tryBackend({ name, signal, ...attempt }: Attempt): Promise<TriedBackend> {
  const configFile = path.join(attempt.root, 'batchwise.json');
  const tried = new LoadedTrainer({ ...attempt, configFile, backend: name, seed: 1 });
  const stop = () => void tried.stop();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  const loaded = await tried.load();
  signal?.removeEventListener('abort', stop);
  await tried.stop();
  return loaded.ok
    ? { name, info: loaded.value.backend, why: null }
    : { name, info: null, why: textOf(loaded.problem) };
}
