import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { deriveConfig, workspaceFile } from './support';

const names = [
  'batchwise_explain',
  'batchwise_tune',
  'batchwise_recommendation',
  'batchwise_apply',
];

async function invoke(name: string, input: object): Promise<string> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return content
    .map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ''))
    .join('');
}

describe('the tools for agents', function () {
  this.timeout(120_000);

  it('are offered to language models', () => {
    const offered = vscode.lm.tools.map(({ name }) => name);
    for (const name of names) assert.ok(offered.includes(name), `${name} is missing`);
  });

  it('explain a config without training it', async () => {
    const document = JSON.parse(
      await invoke('batchwise_explain', { config: 'batchwise.json' }),
    ) as { configured: { iterationsPerEpoch: number }; dataset: { samples: number } };
    assert.ok(document.dataset.samples > 0);
    assert.ok(document.configured.iterationsPerEpoch > 0);
  });

  it('say what to do where there is no result yet, or a path is wrong', async () => {
    await deriveConfig('agents.batchwise.json', (text) => `${text}\n`);
    await assert.rejects(
      invoke('batchwise_recommendation', { config: 'agents.batchwise.json' }),
      /batchwise_tune/,
    );
    await assert.rejects(
      invoke('batchwise_recommendation', { config: '../batchwise.json' }),
      /outside the workspace/,
    );
    await assert.rejects(
      invoke('batchwise_recommendation', { config: 'absent.json' }),
      /There is no absent\.json/,
    );
    await vscode.workspace.fs.delete(workspaceFile('agents.batchwise.json'));
  });
});
