import { access, constants, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MemoryMargin } from '../config/memoryMargin';
import { readForTerminal } from './scriptConfig';
import { withPosition } from '../config/parseConfig';
import { describe, type Language } from '../core/text/problem';
import type { BackendName, Objective } from '../core/sweep/result';
import { render } from '../core/text/problem';
import { tune } from '../tuner/sweep';
import { htmlReport, markdownReport } from '../core/report/report';
import { conclusion } from './conclusion';
import { exitCode, type ExitCode } from './exitCode';
import { progressDisplay } from './progressDisplay';
import { causeOf } from '../core/text/errorText';

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
  const read = await readForTerminal(file, flags.args ?? []);
  if (!read.ok) {
    for (const each of read.problems) complain(describe(each, language.translate));
    return exitCode.usage;
  }
  if (flags.report !== undefined) {
    // Before minutes of training, and not after them.
    const cause = await whyUnwritable(flags.report);
    if (cause !== null) {
      complain(language.say('cliReportUnwritable', { cause }));
      return exitCode.usage;
    }
  }
  for (const warning of read.warnings) complain(describe(warning, language.translate));
  const display = progressDisplay(process.stderr, language);
  const onAbort = () => {
    display.note(language.say('cliCancelling'));
  };
  signal.addEventListener('abort', onAbort);
  const outcome = await tune({
    config: read.config,
    configFile: read.file,
    root: read.root,
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
  display.end();
  signal.removeEventListener('abort', onAbort);
  switch (outcome.status) {
    case 'failed': {
      const placed = withPosition(outcome.problem, read.text, read.file);
      complain(describe(placed, language.translate));
      return outcome.cause === 'input' ? exitCode.usage : exitCode.failed;
    }
    case 'cancelled':
      complain(
        outcome.logFile === null
          ? language.say('cliCancelledEarly')
          : language.say('cliCancelled', { command: `batchwise tune ${file} --resume` }),
      );
      return exitCode.cancelled;
    case 'done': {
      const { result } = outcome;
      if (flags.report !== undefined) {
        const report = flags.report.endsWith('.html') ? htmlReport : markdownReport;
        try {
          await writeFile(flags.report, report(result, language));
          complain(language.say('cliReportWritten', { file: flags.report }));
        } catch (error) {
          // A disk that is full costs the report, and not the result.
          complain(language.say('cliReportUnwritable', { cause: causeOf(error) }));
        }
      }
      process.stdout.write(
        flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : conclusion(result, language),
      );
      return exitCode.done;
    }
  }
}

/** Null where a file can be written as far as can be told without writing it. */
async function whyUnwritable(file: string): Promise<string | null> {
  try {
    await access(path.dirname(path.resolve(file)), constants.W_OK);
    const found = await stat(file).catch(() => null);
    return found?.isDirectory() ? `${file} is a folder` : null;
  } catch (error) {
    return causeOf(error);
  }
}

function complain(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
