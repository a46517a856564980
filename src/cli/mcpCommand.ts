import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { applyTextEdits, setTrainingValues } from '../config/editConfig';
import { causeOf } from '../core/text/errorText';
import { describe, render } from '../core/text/problem';
import type { SweepEvent } from '../core/sweep/sweepEvent';
import { agentTools, checkedInput, type AgentHost } from '../tuner/agents/tools';
import { explain } from '../tuner/explain';
import { replaceFile } from '../tuner/history/replaceFile';
import { tune } from '../tuner/sweep';
import { exitCode, type ExitCode } from './exitCode';

/** `batchwise mcp`: the tools for agents on stdin and stdout, for configs inside a folder. */
export async function mcpCommand(folder: string, version: string): Promise<ExitCode> {
  // The SDK is loaded by no other command.
  const { serveMcp } = await import('./mcpServer');
  await serveMcp({ version, tools: agentTools, checkedInput, host: terminalHost(folder) });
  return exitCode.done;
}

function terminalHost(folder: string): AgentHost {
  // Electron run as Node cannot load every backend: the tuner then looks for a real one.
  const trainer = { nodePath: process.versions['electron'] ? null : process.execPath };
  let running: string | null = null;
  return {
    folders: [path.resolve(folder)],
    // Who starts a command in a folder trusts it.
    isTrusted: true,
    explain: async (checked, { signal }) => {
      const explained = await explain(checked, trainer, signal);
      return explained.ok ? explained : { ok: false, message: describe(explained.problem) };
    },
    tune: async (checked, call) => {
      if (running !== null)
        return {
          ok: false,
          message: `${running} is being tuned. Wait for it, or cancel that call.`,
        };
      running = path.basename(checked.file);
      try {
        const outcome = await tune({
          config: checked.config,
          configFile: checked.file,
          root: checked.root,
          reuse: true,
          trainer,
          signal: call.signal,
          onEvent: (event: SweepEvent) => {
            if (event.type === 'progress') call.progress(event.fraction, event.text.text);
          },
          onNote: (note) => {
            process.stderr.write(`${render(note)}\n`);
          },
          // A second sweep on this machine would disturb both.
          onBusy: () => false,
        });
        if (outcome.status === 'done') return { ok: true, value: outcome.result };
        return outcome.status === 'cancelled'
          ? { ok: false, message: 'The sweep was cancelled. Call batchwise_tune to start again.' }
          : { ok: false, message: describe(outcome.problem) };
      } finally {
        running = null;
      }
    },
    apply: async ({ file, config }, { learningRate, gradientAccumulation, ...rest }) => {
      const text = await readFile(file, 'utf8');
      const edits = setTrainingValues(text, {
        ...rest,
        ...(learningRate !== null && { learningRate }),
        ...(gradientAccumulation !== config.training.gradientAccumulation && {
          gradientAccumulation,
        }),
      });
      if (!edits)
        return { ok: false, message: `${file} cannot be edited: correct its JSON first.` };
      try {
        replaceFile(file, applyTextEdits(text, edits));
      } catch (error) {
        return { ok: false, message: `${file} is as it was: ${causeOf(error)}` };
      }
      return { ok: true, value: 'It is saved.' };
    },
  };
}
