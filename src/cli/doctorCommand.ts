import path from 'node:path';
import { doctorSections, type DoctorReport } from '../core/sweep/doctorReport';
import { render, type Language } from '../core/text/problem';
import { examine } from '../tuner/doctor';
import { exitCode, type ExitCode } from './exitCode';
import { shownWhile } from './stderr';

/**
 * `batchwise doctor`: what this machine can train on, for the workspace that is the current folder.
 */
export async function doctorCommand(
  json: boolean,
  language: Language,
  signal: AbortSignal,
): Promise<ExitCode> {
  const root = process.cwd();
  const report = await shownWhile(language.say('doctorTrying'), () =>
    examine({
      // The Node that runs this command is the one that trains.
      trainer: { nodePath: process.execPath },
      workspace: { root, configFile: path.join(root, 'batchwise.json') },
      signal,
    }),
  );
  if (signal.aborted) return exitCode.cancelled;
  process.stdout.write(json ? asJson(report, language) : asText(report, language));
  return report.chosen === null ? exitCode.failed : exitCode.done;
}

/** For scripts: flat facts, and sentences where only a sentence explains. */
function asJson(report: DoctorReport, { translate }: Language): string {
  const { node, nodeWhy, memory, machineBytes, workspaceEngine = null, python, ...rest } = report;
  const document = {
    ...rest,
    node: node && { ...node, why: render(nodeWhy, translate) },
    memory: {
      totalBytes: machineBytes,
      freeBytes: memory.freeBytes,
      /** Of a container or on the process; null without one. */
      limitBytes: memory.totalBytes < machineBytes ? memory.totalBytes : null,
    },
    workspaceEngine,
    python: python && { ...python, why: python.why && render(python.why, translate) },
    backends: report.backends.map(({ name, info, why }) => ({
      name,
      usable: info !== null,
      device: info?.device ?? null,
      software: info?.software ?? null,
      memory: info?.memory ?? null,
      limits: info?.limits ?? null,
      versions: info?.versions ?? {},
      why: why && render(why, translate),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function asText(report: DoctorReport, { say, tag }: Language): string {
  return doctorSections(report, say, tag)
    .map(({ title, lines }) => `${title}:\n${lines.map((line) => `  ${line}\n`).join('')}`)
    .join('');
}
