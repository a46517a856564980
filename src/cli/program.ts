import { CommanderError, InvalidArgumentError, Option, type Command } from 'commander';
import { version } from '../../package.json';
import { memoryMarginVariable, parseMemoryMargin, type MemoryMargin } from '../config/memoryMargin';
import { parseDuration } from '../config/units';
import { formatList } from '../core/text/format';
import { backendNames, objectives } from '../core/sweep/result';
import type { Language } from '../core/text/problem';
import { doctorCommand } from './doctorCommand';
import { exitCode, type ExitCode } from './exitCode';
import { explainCommand } from './explainCommand';
import { installCommand } from './installCommand';
import { LocalCommand } from './localCommand';
import { mcpCommand } from './mcpCommand';
import { tuneCommand, type TuneFlags } from './tuneCommand';

interface DoctorFlags {
  readonly json?: boolean;
  readonly installNative?: boolean;
  readonly yes?: boolean;
}

/** Runs the command line and says what the process shall end with. */
export async function runCommandLine(
  args: readonly string[],
  language: Language,
  /** Aborted when the command shall end early. */
  signal = new AbortController().signal,
): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = commandLine(language, signal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version were asked for, and are written.
    return error.exitCode === 0 ? exitCode.done : exitCode.usage;
  }
}

function commandLine(
  language: Language,
  signal: AbortSignal,
  end: (code: ExitCode) => void,
): Command {
  const { say } = language;
  const program = new LocalCommand('batchwise', language)
    .description(say('cliAbout'))
    .version(version, '-V, --version', say('cliVersionOption'))
    .helpCommand('help [command]', say('cliHelpOption'))
    .exitOverride()
    .showHelpAfterError(say('cliHint', { command: '' }).replace('  ', ' '));
  const context = { program, language, signal, end };
  addTune(context);
  addExplain(context);
  addMcp(context);
  addDoctor(context);
  return program;
}

/** What a command is added to, and what its action needs. */
interface Context {
  readonly program: Command;
  readonly language: Language;
  readonly signal: AbortSignal;
  readonly end: (code: ExitCode) => void;
}

function addTune({ program, language, signal, end }: Context): void {
  const { say } = language;
  program
    .command('tune')
    .description(say('cliTuneAbout'))
    .argument('<file>', say('cliTuneArgument'))
    .argument('[args...]', say('cliScriptArguments'))
    .option('--json', say('cliJson'))
    .option('--budget <duration>', say('cliBudget'), (value) => budgetOf(value, language))
    .addOption(choice('--objective <objective>', 'cliObjective', objectives, language))
    .addOption(choice('--backend <backend>', 'cliBackend', ['auto', ...backendNames], language))
    .option('--batch-sizes <list>', say('cliBatchSizes'), (value) => sizesOf(value, language))
    .option('--exhaustive', say('cliExhaustive'))
    .option('--no-cache', say('cliNoCache'))
    .option('--resume', say('cliResume'))
    .addOption(
      new Option('--memory-margin <amount>', say('cliMemoryMargin'))
        .env(memoryMarginVariable)
        .argParser((value) => marginOf(value, language)),
    )
    .option('--report <file>', say('cliReport'), (value) => reportOf(value, language))
    .showHelpAfterError(say('cliHint', { command: 'tune' }))
    .action(async (file: string, args: string[], flags: TuneFlags) => {
      end(await tuneCommand(file, { ...flags, args }, language, signal));
    });
}

function addExplain({ program, language, signal, end }: Context): void {
  const { say } = language;
  program
    .command('explain')
    .description(say('cliExplainAbout'))
    .argument('<file>', say('cliTuneArgument'))
    .argument('[args...]', say('cliScriptArguments'))
    .option('--json', say('cliJson'))
    .showHelpAfterError(say('cliHint', { command: 'explain' }))
    .action(async (file: string, args: string[], { json = false }: { readonly json?: boolean }) => {
      end(await explainCommand(file, { args, json }, language, signal));
    });
}

function addMcp({ program, language: { say }, end }: Context): void {
  program
    .command('mcp')
    .description(say('cliMcpAbout'))
    .option('--folder <folder>', say('cliMcpFolder'))
    .showHelpAfterError(say('cliHint', { command: 'mcp' }))
    .action(async ({ folder = '.' }: { readonly folder?: string }) => {
      end(await mcpCommand(folder, version));
    });
}

function addDoctor({ program, language, signal, end }: Context): void {
  const { say } = language;
  program
    .command('doctor')
    .description(say('cliDoctorAbout'))
    .option('--json', say('cliJson'))
    .option('--install-native', say('doctorInstallNative'))
    .option('--yes', say('doctorYes'))
    .showHelpAfterError(say('cliHint', { command: 'doctor' }))
    .action(async ({ json = false, installNative = false, yes = false }: DoctorFlags) => {
      end(
        await (installNative
          ? installCommand(yes, language, signal)
          : doctorCommand(json, language, signal)),
      );
    });
}

function choice(
  flags: string,
  about: 'cliObjective' | 'cliBackend',
  choices: readonly string[],
  { say, tag }: Language,
): Option {
  const listed = formatList(choices, tag);
  return new Option(flags, say(about, { choices: listed })).argParser((value) => {
    if (choices.includes(value)) return value;
    throw new InvalidArgumentError(say('cliNotAChoice', { value, choices: listed }));
  });
}

function budgetOf(value: string, { say }: Language): number {
  const seconds = parseDuration(value);
  if (seconds !== null) return seconds;
  throw new InvalidArgumentError(say('cliBadBudget', { value }));
}

function marginOf(value: string, { say }: Language): MemoryMargin {
  const margin = parseMemoryMargin(value);
  if (margin) return margin;
  throw new InvalidArgumentError(say('cliBadMemoryMargin', { value }));
}

function sizesOf(value: string, { say }: Language): number[] {
  const sizes = value.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : 0));
  if (sizes.every((size) => Number.isSafeInteger(size) && size > 0)) return sizes;
  throw new InvalidArgumentError(say('cliBadBatchSizes', { value }));
}

function reportOf(value: string, { say }: Language): string {
  if (/\.(md|html)$/i.test(value)) return value;
  throw new InvalidArgumentError(say('cliBadReport', { value }));
}
