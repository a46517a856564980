import * as vscode from 'vscode';
import { formatCount, formatNumberShort } from '../core/text/format';
import { numberOf } from './configs/configDocument';
import { configLabel, isConfigDocument } from './configs/configFiles';
import type { ConfigState } from './configs/configState';
import type { SourceConfigs } from './sites/sourceConfigs';
import { language } from './translate';

/** Where a sweep that this window runs is remembered, so that a reload cannot lose it. */
const runningKey = 'batchwise.running';

/** Remembers in the workspace which config is being tuned. */
export async function rememberRunning(
  memory: vscode.Memento,
  uri: vscode.Uri | null,
): Promise<void> {
  await memory.update(runningKey, uri?.toString());
}

/** The config whose sweep the last window of this workspace did not see end. */
export function rememberedRunning(memory: vscode.Memento): vscode.Uri | null {
  const uri = memory.get<unknown>(runningKey);
  return typeof uri === 'string' ? vscode.Uri.parse(uri) : null;
}

/** Explains an item on hover, and to screen readers, which would say the name of its icon. */
export function describeItem(item: vscode.StatusBarItem, sentence: string): void {
  const text = item.text.replace(/^\$\([\w~-]+\) /, '');
  item.tooltip = sentence;
  item.accessibilityInformation = { label: `${text}: ${sentence}` };
}

/**
 * The quiet status-bar item: the answer for the file in front, or that its sweep was interrupted and
 * can be resumed. It says nothing while a sweep runs, which has an item of its own.
 */
export class StatusItem implements vscode.Disposable {
  readonly #configs: SourceConfigs;
  readonly #stateOf: (uri: vscode.Uri) => ConfigState;
  readonly #item = vscode.window.createStatusBarItem(
    'batchwise.answer',
    vscode.StatusBarAlignment.Left,
  );
  readonly #subscriptions: vscode.Disposable[];
  #following: vscode.Disposable | null = null;
  #state: ConfigState | null = null;
  #isTuning = false;

  constructor(
    configs: SourceConfigs,
    stateOf: (uri: vscode.Uri) => ConfigState,
    /** A sweep that was cut off with the last window: shown until something else is in front. */
    interrupted: vscode.Uri | null,
  ) {
    this.#configs = configs;
    this.#stateOf = stateOf;
    this.#item.name = 'Batchwise';
    this.#subscriptions = [
      vscode.window.onDidChangeActiveTextEditor(() => void this.#follow()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.toString() === this.#state?.uri.toString()) this.#show();
      }),
    ];
    if (interrupted) this.#turnTo(stateOf(interrupted));
    void this.#follow();
  }

  setTuning(isTuning: boolean): void {
    this.#isTuning = isTuning;
    this.#show();
  }

  dispose(): void {
    this.#following?.dispose();
    this.#item.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #follow(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    // A panel or output channel in front: what was shown stays.
    if (!editor) return;
    const { document } = editor;
    const config = isConfigDocument(document)
      ? document.uri
      : (await this.#configs.listing(document.uri))[0]?.uri;
    if (vscode.window.activeTextEditor !== editor) return;
    if (config) this.#turnTo(this.#stateOf(config));
    // An interrupted sweep stays in sight wherever the person looks.
    else if (!this.#state?.resumable) this.#turnTo(null);
  }

  #turnTo(state: ConfigState | null): void {
    if (state === this.#state) return;
    this.#following?.dispose();
    this.#state = state;
    this.#following =
      state?.onDidChange(() => {
        this.#show();
      }) ?? null;
    this.#show();
  }

  #show(): void {
    const item = this.#item;
    const state = this.#state;
    const found = state?.result?.recommendation;
    if (!state || this.#isTuning || (!state.resumable && !found)) {
      item.hide();
      return;
    }
    const config = configLabel(state.uri);
    const target = [state.uri.toString()];
    if (state.resumable) {
      item.text = `$(debug-continue) ${vscode.l10n.t('Batchwise interrupted: Resume')}`;
      describeItem(
        item,
        vscode.l10n.t('The sweep of {config} did not end. Select to resume it.', { config }),
      );
      item.command = { title: '', command: 'batchwise.resume', arguments: target };
    } else if (found) {
      const outline = state.outline();
      const size = formatCount(found.batchSize, language.tag);
      const isUsed = numberOf(outline, 'batchSize') === found.batchSize;
      item.text = `${isUsed ? '$(check)' : '$(beaker)'} ${vscode.l10n.t('Batch size {size}', { size })}`;
      const rate = formatNumberShort(found.learningRate, language.tag, 3);
      const values = { config, size, rate };
      describeItem(
        item,
        found.isEstimate
          ? vscode.l10n.t(
              'Estimated for {config}: batch size {size}, learning rate {rate}. Select to show why.',
              values,
            )
          : vscode.l10n.t(
              'Recommended for {config}: batch size {size}, learning rate {rate}. Select to show why.',
              values,
            ),
      );
      item.command = { title: '', command: 'batchwise.showResults', arguments: target };
    }
    item.show();
  }
}
