import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem, tmpdir } from 'node:os';
import path from 'node:path';
import { graphics } from 'systeminformation';
import { version } from '../../package.json';
import { configSchema } from '../config/schema';
import { formatBytes } from '../core/format';
import { render, type Problem } from '../core/problem';
import { backendNames, type BackendName } from '../core/result';
import { LoadedTrainer } from '../tuner/loadedTrainer';
import { exitCode, type ExitCode } from './exitCode';
import type { Language } from './language';

interface BackendReport {
  readonly name: BackendName;
  readonly usable: boolean;
  readonly device: string | null;
  readonly versions: Readonly<Record<string, string>>;
  /** Why it is not usable. */
  readonly why: string | null;
}

interface DoctorReport {
  readonly batchwise: string;
  readonly node: { readonly version: string; readonly path: string };
  readonly system: string;
  readonly processor: { readonly name: string; readonly cores: number };
  readonly memory: {
    readonly totalBytes: number;
    readonly freeBytes: number;
    /** The limit of a container; null without one. */
    readonly limitBytes: number | null;
  };
  readonly gpus: readonly { readonly name: string; readonly memoryBytes: number | null }[];
  readonly backends: readonly BackendReport[];
}

/** `batchwise doctor`: what this machine can train on. Each backend is really tried. */
export async function doctorCommand(json: boolean, language: Language): Promise<ExitCode> {
  const report: DoctorReport = {
    batchwise: version,
    node: { version: process.versions.node, path: process.execPath },
    system: `${process.platform} ${process.arch}`,
    processor: { name: cpus()[0]?.model.trim() ?? '', cores: availableParallelism() },
    memory: { totalBytes: totalmem(), freeBytes: freemem(), limitBytes: memoryLimit() },
    gpus: await gpus(),
    backends: await tryBackends(language),
  };
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : asText(report, language));
  return report.backends.some(({ usable }) => usable) ? exitCode.done : exitCode.failed;
}

/** Bytes a container may use; what lies above the machine's memory is no limit. */
function memoryLimit(): number | null {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : null;
}

async function gpus(): Promise<DoctorReport['gpus']> {
  try {
    const { controllers } = await graphics();
    return controllers.map(({ vendor, model, vram }) => ({
      name: [vendor, model].filter(Boolean).join(' '),
      memoryBytes: vram === null ? null : vram * 2 ** 20,
    }));
  } catch {
    return [];
  }
}

/** Loads a model of one neuron on each backend, in a training process of its own. */
async function tryBackends({ translate }: Language): Promise<BackendReport[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-doctor-'));
  try {
    const rows = Array.from({ length: 10 }, (_, i) => `${i},${2 * i}`);
    await writeFile(path.join(folder, 'train.csv'), `x,y\n${rows.join('\n')}\n`);
    const config = configSchema.parse({
      model: { layers: [{ className: 'Dense', config: { units: 1, inputShape: [1] } }] },
      data: { train: 'train.csv', label: 'y' },
      training: { loss: 'meanSquaredError', batchSize: 2 },
    });
    const sentence = ({ reason: id, values }: Problem) => render({ id, values }, translate);
    const reports: BackendReport[] = [];
    for (const name of backendNames) {
      const trainer = new LoadedTrainer({
        config,
        configFile: path.join(folder, 'batchwise.json'),
        root: folder,
        backend: name,
        seed: 1,
        trainer: { nodePath: process.execPath },
      });
      const loaded = await trainer.load();
      await trainer.stop();
      reports.push(
        loaded.ok
          ? {
              name,
              usable: true,
              device: loaded.value.backend.device,
              versions: loaded.value.backend.versions,
              why: null,
            }
          : { name, usable: false, device: null, versions: {}, why: sentence(loaded.problem) },
      );
    }
    return reports;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function asText(report: DoctorReport, { say, tag }: Language): string {
  const { processor, memory, node, system } = report;
  const limit = memory.limitBytes === null ? '' : ` (${formatBytes(memory.limitBytes, tag)})`;
  const gpuNames = report.gpus.map(({ name }) => name).join('; ') || say('doctorNoGpu');
  const lines = [
    `Batchwise ${report.batchwise} · ${system}`,
    say('doctorTrainer', { version: node.version, path: node.path }),
    `CPU: ${processor.name} × ${processor.cores}`,
    `RAM: ${formatBytes(memory.freeBytes, tag)} / ${formatBytes(memory.totalBytes, tag)}${limit}`,
    `GPU: ${gpuNames}`,
    `${say('doctorBackends')}:`,
    ...report.backends.map(({ name, device, versions, why }) => {
      const known = Object.entries(versions).map(([of, is]) => `${of} ${is}`);
      const state =
        why === null
          ? `${say('doctorUsable', { device: device ?? '' })} (${known.join(', ')})`
          : say('doctorUnusable', { why });
      return `  ${name}: ${state}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}
