import { access, constants, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MemoryMargin } from '../config/memoryMargin';
import { withPosition } from '../config/parseConfig';
import type { CheckedConfig } from '../config/readConfig';
import { htmlReport, markdownReport } from '../core/report/report';
import type { BackendName, Objective, SweepResult } from '../core/sweep/result';
import { causeOf } from '../core/text/errorText';
import { describe, render, type Language } from '../core/text/problem';
import { tune } from '../tuner/sweep';
import type { SweepOutcome } from '../tuner/sweepOptions';
import { conclusion } from './conclusion';
import { exitCode, type ExitCode } from './exitCode';
import { progressDisplay } from './progressDisplay';
import { usableConfig } from './scriptConfig';
import { tell } from './stderr';

export interface TuneFlags {
  readonly json?: boolean;
  readonly budget?: number;
  readonly objective?: Objective;
  readonly backend?: BackendName | 'auto';
  readonly batchSizes?: readonly number[];
  readonly exhaustive?: boolean;
  /** Commander's name for `--no-cache`. */
  readonly cache?: boolean;
  readonly resume?: boolean;
  readonly report?: string;
  readonly memoryMargin?: MemoryMargin;
  /** A script's own arguments, after `--`. */
  readonly args?: readonly string[];
}

/** `batchwise tune FILE`: progress on stderr, the result on stdout. */
export async function tuneCommand(
  file: string,
  flags: TuneFlags,
  language: Language,
  signal: AbortSignal,
): Promise<ExitCode> {
  const read = await usableConfig(file, flags.args ?? [], language);
  if (!read) return exitCode.usage;
  // Before minutes of training, not after them.
  const unwritable = flags.report === undefined ? null : await whyUnwritable(flags.report);
  if (unwritable !== null) {
    tell(language.say('cliReportUnwritable', { cause: unwritable }));
    return exitCode.usage;
  }
  const outcome = await tuneWithProgress(read, flags, language, signal);
  switch (outcome.status) {
    case 'failed': {
      const placed = withPosition(outcome.problem, read.text, read.file);
      tell(describe(placed, language.translate));
      return outcome.cause === 'input' ? exitCode.usage : exitCode.failed;
    }
    case 'cancelled':
      tell(
        outcome.logFile === null
          ? language.say('cliCancelledEarly')
          : language.say('cliCancelled', { command: `batchwise tune ${file} --resume` }),
      );
      return exitCode.cancelled;
    case 'done':
      await showResult(outcome.result, flags, language);
      return exitCode.done;
  }
}

async function tuneWithProgress(
  { config, file, root }: CheckedConfig,
  flags: TuneFlags,
  language: Language,
  signal: AbortSignal,
): Promise<SweepOutcome> {
  const display = progressDisplay(process.stderr, language);
  const onAbort = () => {
    display.note(language.say('cliCancelling'));
  };
  signal.addEventListener('abort', onAbort);
  try {
    return await tune({
      config,
      configFile: file,
      root,
      budgetSeconds: flags.budget,
      objective: flags.objective,
      backend: flags.backend,
      batchSizes: flags.batchSizes,
      exhaustive: flags.exhaustive,
      resume: flags.resume,
      reuse: flags.cache !== false,
      memoryMargin: flags.memoryMargin,
      alreadySpent: performance.now() / 1000,
      // The Node that runs this command is the one the person chose.
      trainer: { nodePath: process.execPath },
      signal,
      onEvent: display.event,
      onNote: (note) => {
        display.note(render(note, language.translate));
      },
      onBusy: (owner) => {
        display.note(language.say('sweepWaiting', { owner }));
        return true;
      },
    });
  } finally {
    display.end();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Writes the report where one is asked for, then the result. */
async function showResult(
  result: SweepResult,
  { report, json }: TuneFlags,
  language: Language,
): Promise<void> {
  if (report !== undefined) {
    const write = report.endsWith('.html') ? htmlReport : markdownReport;
    try {
      await writeFile(report, write(result, language));
      tell(language.say('cliReportWritten', { file: report }));
    } catch (error) {
      // A disk that has filled up costs the report, and not the result.
      tell(language.say('cliReportUnwritable', { cause: causeOf(error) }));
    }
  }
  process.stdout.write(
    json === true ? `${JSON.stringify(result, null, 2)}\n` : conclusion(result, language),
  );
}

/** Why a file can be neither replaced nor made; null where it can. */
async function whyUnwritable(file: string): Promise<string | null> {
  try {
    const handle = await open(file, 'r+');
    try {
      // Writing to a pipe waits for its reader, and for ever where there is none.
      return (await handle.stat()).isFile() ? null : 'causeNoFile';
    } finally {
      await handle.close();
    }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) return causeOf(error);
  }
  return access(path.dirname(path.resolve(file)), constants.W_OK).then(() => null, causeOf);
}
