import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  deriveConfig,
  eventually,
  openFile,
  sweepsThatTrain,
  tune,
  workspaceFile,
} from './support';

const names = [
  'batchwise_explain',
  'batchwise_tune',
  'batchwise_recommendation',
  'batchwise_apply',
];

async function invoke(
  name: string,
  input: object,
  token?: vscode.CancellationToken,
): Promise<string> {
  const options = { input, toolInvocationToken: undefined };
  const { content } = await vscode.lm.invokeTool(name, options, token);
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

  it('tune, tell the recommendation, and apply it', async () => {
    const uri = await deriveConfig('agents/batchwise.json', (text) =>
      text.replace('"train": "', '"train": "../').replace(/"batchSize": \d+/, '"batchSize": 5'),
    );
    const input = { config: 'agents/batchwise.json' };
    interface Summary {
      readonly recommendation: { readonly batchSize: number; readonly reasons: string[] };
      readonly resultFile: string;
    }
    const tuned = JSON.parse(await invoke('batchwise_tune', input)) as Summary;
    assert.ok(tuned.recommendation.reasons.length > 0);
    await vscode.workspace.fs.stat(vscode.Uri.file(tuned.resultFile));
    const told = JSON.parse(await invoke('batchwise_recommendation', input)) as Summary;
    assert.deepEqual(told.recommendation, tuned.recommendation);
    const { batchSize } = tuned.recommendation;
    assert.match(await invoke('batchwise_apply', input), new RegExp(`batch size ${batchSize}\\b`));
    const document = await openFile(uri);
    assert.match(document.getText(), new RegExp(`"batchSize": ${batchSize}\\b`));
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('pass a cancellation on, and refuse a second sweep', async () => {
    const config = 'endless/batchwise.json';
    const uri = await deriveConfig(config, (text) =>
      text
        .replace('"train": "', '"train": "../')
        .replace(/"epochs": \d+/, '"epochs": 100000')
        .replace(/"budget": "[^"]*"/, '"budget": "3 min", "objective": "quality"'),
    );
    const source = new vscode.CancellationTokenSource();
    const running = invoke('batchwise_tune', { config }, source.token);
    await eventually('a trial in the log', async () => (await sweepsThatTrain(uri)) === 1, 60);
    assert.equal((await tune(uri)).kind, 'refused', 'a second sweep started in this window');
    await assert.rejects(invoke('batchwise_tune', { config }), /is being tuned/);
    source.cancel();
    await assert.rejects(running);
    // VS Code answers before the sweep has ended.
    await eventually('the window is free for a sweep', async () => {
      const { kind } = await tune(workspaceFile('batchwise.json'));
      return kind === 'done';
    });
  });
});
