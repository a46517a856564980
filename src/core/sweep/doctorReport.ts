import { formatBytes } from '../text/format';
import type { MessageId } from '../text/messages';
import type { Text, Values } from '../text/problem';
import type { BackendInfo, BackendName, DeviceMemory, WorkspaceEngine } from './result';

/** A backend that was really tried. */
export interface TriedBackend {
  readonly name: BackendName;
  /** What it runs on; null where it does not load. */
  readonly info: BackendInfo | null;
  /** Why it does not load, and how to get it. */
  readonly why: Text | null;
}

/** An interpreter with its frameworks by version and its GPUs, or why there is none. */
type PythonReport =
  | {
      readonly path: string;
      readonly version: string;
      readonly frameworks: Readonly<Record<string, string>>;
      readonly devices: readonly string[];
      readonly why: null;
    }
  | { readonly path: null; readonly why: Text };

/** What a machine can train on. */
export interface DoctorReport {
  readonly batchwise: string;
  /** Platform and architecture, as Node names them. */
  readonly system: string;
  /** The Node that trains; null where none could be run. */
  readonly node: { readonly version: string; readonly path: string } | null;
  readonly nodeWhy: Text;
  readonly processor: { readonly name: string; readonly cores: number };
  /** Bytes of the machine, whatever limits there are. */
  readonly machineBytes: number;
  /** What the training process can have of it. */
  readonly memory: DeviceMemory;
  readonly gpus: readonly { readonly name: string; readonly memoryBytes: number | null }[];
  /** Undefined where the workspace was not looked at. */
  readonly workspaceEngine: Pick<WorkspaceEngine, 'package' | 'engine'> | null | undefined;
  /** The Python that would run scripts here, and what it has; undefined where none was asked. */
  readonly python?: PythonReport | undefined;
  readonly backends: readonly TriedBackend[];
  /** What `auto` takes here. */
  readonly chosen: BackendName | null;
}

interface DoctorSection {
  readonly title: string;
  readonly lines: readonly string[];
}

type Say = (id: MessageId, values?: Values) => string;

/** A report in sentences, for the terminal and the editor alike. `tag` is for numbers. */
export function doctorSections(report: DoctorReport, say: Say, tag: string): DoctorSection[] {
  const { processor, node, nodeWhy, gpus } = report;
  const why = say(nodeWhy.id, nodeWhy.values);
  return [
    {
      title: say('doctorMachine'),
      lines: [
        `Batchwise ${report.batchwise}, ${report.system}`,
        `${say('doctorProcessor')}: ${processor.name} × ${processor.cores}`,
        `${say('doctorMemory')}: ${memoryOf(report, say, tag)}`,
        `${say('doctorGpus')}: ${
          gpus.map((gpu) => gpuOf(gpu, say, tag)).join('; ') || say('doctorNoGpu')
        }`,
      ],
    },
    { title: say('doctorNode'), lines: [node ? say('doctorNodeIs', { ...node, why }) : why] },
    { title: say('doctorWorkspace'), lines: [workspaceOf(report, say)] },
    ...(report.python ? [{ title: 'Python', lines: [pythonOf(report.python, say)] }] : []),
    { title: say('doctorBackends'), lines: report.backends.map((each) => backendOf(each, say)) },
    { title: say('doctorChosen'), lines: [chosenOf(report, say)] },
  ];
}

function memoryOf({ memory, machineBytes }: DoctorReport, say: Say, tag: string): string {
  const free = formatBytes(memory.freeBytes, tag);
  const total = formatBytes(memory.totalBytes, tag);
  return memory.totalBytes < machineBytes
    ? say('doctorMemoryLimited', { free, total, machine: formatBytes(machineBytes, tag) })
    : say('doctorMemoryOf', { free, total });
}

function gpuOf({ name, memoryBytes }: DoctorReport['gpus'][number], say: Say, tag: string): string {
  return memoryBytes === null
    ? name
    : say('doctorGpuMemory', { name, memory: formatBytes(memoryBytes, tag) });
}

function workspaceOf({ workspaceEngine }: DoctorReport, say: Say): string {
  if (workspaceEngine === undefined) return say('doctorWorkspaceUntrusted');
  return workspaceEngine
    ? say('doctorWorkspaceEngine', workspaceEngine)
    : say('doctorWorkspaceNone');
}

function pythonOf(python: PythonReport, say: Say): string {
  if (python.path === null) return say(python.why.id, python.why.values);
  const { path, version, frameworks, devices } = python;
  const names = Object.entries(frameworks).map(([name, of]) => `${name} ${of}`);
  const has = names.length > 0 ? names.join(', ') : say('doctorPythonNone');
  return [`${version} (${path}): ${has}`, ...devices].join('; ');
}

function backendOf({ name, info, why }: TriedBackend, say: Say): string {
  if (!info)
    return `${name}: ${say('doctorUnusable', { why: why ? say(why.id, why.values) : '' })}`;
  const versions = Object.entries(info.versions).map(([of, is]) => `${of} ${is}`);
  const software = info.software ? `; ${say('doctorSoftware')}` : '';
  const usable = say('doctorUsable', { device: info.device });
  return `${name}: ${usable} (${versions.join(', ')})${software}`;
}

function chosenOf({ chosen, backends }: DoctorReport, say: Say): string {
  const device = backends.find(({ name }) => name === chosen)?.info?.device;
  return chosen === null || device === undefined
    ? say('doctorChosenNone')
    : say('doctorChosenIs', { name: chosen, device });
}
