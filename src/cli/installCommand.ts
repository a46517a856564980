import { createInterface } from 'node:readline/promises';
import { describe, render, type Language, type Text } from '../core/text/problem';
import { installNativeRuntime } from '../tuner/nativeRuntime/install';
import { exitCode, type ExitCode } from './exitCode';
import { tell } from './stderr';

/**
 * `batchwise doctor --install-native`: says on stderr what will be downloaded and asks, unless `yes`;
 * without a terminal to ask on, it installs nothing.
 */
export async function installCommand(
  yes: boolean,
  language: Language,
  ended: AbortSignal,
): Promise<ExitCode> {
  const { say, translate, tag } = language;
  const abort = new AbortController();
  const cancel = () => {
    abort.abort();
  };
  ended.addEventListener('abort', cancel);
  if (ended.aborted) cancel();
  const progress = progressLine(language);
  const outcome = await installNativeRuntime({
    // The Node that runs this command is the one that trains.
    nodePath: process.execPath,
    language: tag,
    signal: abort.signal,
    onProgress: progress.show,
    confirm: async (plan) => {
      progress.end();
      for (const sentence of plan) tell(render(sentence, translate));
      if (yes) return true;
      if (process.stdin.isTTY) return ask(say('nativeAsk'), abort);
      tell(say('nativeNotConfirmed'));
      return false;
    },
  });
  progress.end();
  ended.removeEventListener('abort', cancel);
  switch (outcome.status) {
    case 'installed':
    case 'present': {
      const { folder, libtensorflow } = outcome;
      const id = outcome.status === 'installed' ? 'nativeInstalled' : 'nativePresent';
      tell(say(id, { folder, libtensorflow }));
      return exitCode.done;
    }
    case 'declined':
      tell(say('nativeDeclined'));
      return yes || process.stdin.isTTY ? exitCode.done : exitCode.usage;
    case 'cancelled':
      tell(say('nativeCancelled'));
      return exitCode.cancelled;
    case 'failed':
      tell(describe(outcome.problem, translate));
      return exitCode.failed;
  }
}

/** Anything but a yes is a no. */
async function ask(question: string, abort: AbortController): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl+C for itself while it asks.
  lines.on('SIGINT', () => {
    abort.abort();
  });
  try {
    const answer = await lines.question(question, { signal: abort.signal });
    return /^\s*y(es)?\s*$/i.test(answer);
  } catch {
    return false;
  } finally {
    lines.close();
  }
}

/** One line that is rewritten on a terminal; elsewhere a line for each new step. */
function progressLine({ translate }: Language) {
  const { stderr } = process;
  let step = '';
  let open = false;
  return {
    show: (what: Text, fraction: number) => {
      const line = `${Math.round(fraction * 100)}% ${render(what, translate)}`;
      if (stderr.isTTY) {
        stderr.write(`\r\u001b[K${line}`);
        open = true;
      } else if (what.id !== step) stderr.write(`${line}\n`);
      step = what.id;
    },
    end: () => {
      if (open) stderr.write('\n');
      open = false;
    },
  };
}
