import path from 'node:path';
import * as vscode from 'vscode';
import { describe } from '../core/text/problem';
import { agentTools, checkedInput, type AgentHost, type AgentTool } from '../tuner/agents/tools';
import { explain } from '../tuner/explain';
import { foldersOnDisk } from './configs/configFiles';
import { textSetting } from './settings';
import type { Workbench } from './workbench';

/** The tools for agents as VS Code's language models call them. */
export class AgentTools {
  readonly #workbench: Workbench;
  readonly #workerFile: string;

  constructor(workbench: Workbench, workerFile: string) {
    this.#workbench = workbench;
    this.#workerFile = workerFile;
  }

  /** What the person confirms before anything trains or is written, and sees while a tool runs. */
  prepare(name: string, input: unknown): vscode.PreparedToolInvocation {
    const tool = toolNamed(name);
    const checked = checkedInput(tool, input);
    const config = checked.ok ? checked.value.config : '';
    const title = titles()[tool.asks];
    if (!checked.ok || tool.asks === 'nothing' || title === null)
      return { invocationMessage: vscode.l10n.t('Reading {config}', { config }) };
    const message =
      tool.asks === 'train'
        ? vscode.l10n.t(
            'The model of {config} is trained at several batch sizes. This runs its code and loads this machine until the sweep ends.',
            { config },
          )
        : vscode.l10n.t('The recommended batch size is written into {config}. It can be undone.', {
            config,
          });
    return {
      invocationMessage:
        tool.asks === 'train'
          ? vscode.l10n.t('Tuning {config}', { config })
          : vscode.l10n.t('Writing into {config}', { config }),
      confirmationMessages: { title, message },
    };
  }

  async invoke(
    name: string,
    input: unknown,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const tool = toolNamed(name);
    const abort = new AbortController();
    const listening = token.onCancellationRequested(() => {
      abort.abort();
    });
    try {
      const checked = checkedInput(tool, input);
      // How far it is the person sees in the editor's own progress; a tool has no way to tell it.
      const call = { signal: abort.signal, progress: () => undefined };
      const outcome = checked.ok ? await tool.run(checked.value, this.#host(), call) : checked;
      // Thrown, so that the model knows that it failed.
      if (!outcome.ok) throw new Error(outcome.message);
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(outcome.value)]);
    } finally {
      listening.dispose();
    }
  }

  #host(): AgentHost {
    const workbench = this.#workbench;
    const workerFile = this.#workerFile;
    const folders = foldersOnDisk().map(({ uri }) => uri.fsPath);
    return {
      folders,
      isTrusted: vscode.workspace.isTrusted,
      explain: async (checked, { signal }) => {
        const trainer = { workerFile, nodePath: textSetting('nodePath') };
        const explained = await explain(checked, trainer, signal);
        return explained.ok ? explained : { ok: false, message: describe(explained.problem) };
      },
      tune: async ({ file }, { signal }) => {
        const { session } = workbench;
        if (session.tuning) {
          const running = path.basename(session.tuning.file);
          return {
            ok: false,
            message: `${running} is being tuned. Wait for it to end, or ask the person to cancel it.`,
          };
        }
        const outcome = await workbench.tune(vscode.Uri.file(file), 'result', signal);
        if (outcome.kind === 'done') return { ok: true, value: outcome.result };
        return outcome.kind === 'cancelled'
          ? { ok: false, message: 'The sweep was cancelled. Call batchwise_tune to start again.' }
          : {
              ok: false,
              message:
                'The sweep failed. The person has been told why; the output channel "Batchwise" has the details.',
            };
      },
      apply: async ({ file }, { batchSize, learningRate }) =>
        (await workbench.apply(batchSize, learningRate, vscode.Uri.file(file)))
          ? { ok: true, value: 'The editor shows the change; it is not saved yet.' }
          : {
              ok: false,
              message: 'The config cannot be edited: its JSON has to be corrected first.',
            },
    };
  }
}

function titles(): Record<AgentTool['asks'], string | null> {
  return {
    nothing: null,
    train: vscode.l10n.t('Tune the batch size?'),
    write: vscode.l10n.t('Apply the recommended batch size?'),
  };
}

function toolNamed(name: string): AgentTool {
  const found = agentTools.find((tool) => tool.name === name);
  if (!found) throw new Error(`There is no tool ${name}.`);
  return found;
}
