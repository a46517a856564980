import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  eventually,
  hoverAt,
  lensTitles,
  openFile,
  ourDiagnostics,
  workspaceFile,
  writeWorkspaceFile,
} from '../support';

describe('VS Code in Japanese', () => {
  it('explains a batch size of the config in Japanese', async () => {
    assert.equal(vscode.env.language, 'ja');
    const document = await openFile(workspaceFile('batchwise.json'));
    // 240 flowers, a fifth of them for validation.
    const hover = await hoverAt(document, '"batchSize"');
    assert.match(hover, /学習サンプル 192 個をサイズ 32 で学習すると、1 エポックは \*\*6 反復\*\*/);
    assert.match(hover, /5 エポックで合計 30 回更新します。/);
    assert.match(hover, /全結合モデル: .*\(6 行目\)。 経験則 \(測定ではありません\)/);
    assert.doesNotMatch(hover, /\{\w+\}|training samples|iterations|updates/);
    assert.deepEqual(await lensTitles(document), ['バッチサイズをチューニング · 6 反復/エポック']);
  });

  it('tells what is wrong with a config in Japanese', async () => {
    const uri = await writeWorkspaceFile(
      'japanese/batchwise.json',
      '{ "model": { "topology": "missing.json" },\n  "data": { "train": "../flowers.csv", "label": "kind" } }',
    );
    await openFile(uri);
    const [problem] = await eventually('a diagnostic', () => {
      const found = ourDiagnostics(uri);
      return found.length > 0 && found;
    });
    assert.match(problem?.message ?? '', /ファイル .*missing\.json は存在しません。/);
  });
});
