import * as vscode from 'vscode';
import { iterationsPerEpoch } from '../core/arithmetic';
import { formatCount, formatSeconds } from '../core/format';
import { configEdit, rangeOf } from './applyValues';
import { numberAt, numberOf, outlineConfig, type ConfigOutline } from './configDocument';
import { isConfigDocument } from './configFiles';
import type { ConfigState } from './configState';
import { explainBatchSize, explainEpochs, type Facts } from './explanation';
import { secondsPerEpoch, trialAt } from './measurement';
import { suggestions } from './suggestion';
import { language } from './translate';

/** What is shown on a config while it is edited: hovers, lenses and code actions. */

export const commandsInHovers = [
  'batchwise.tune',
  'batchwise.showResults',
  'batchwise.manageTrust',
] as const;

/** A command link that works in trusted Markdown of ours. */
function link(title: string, command: (typeof commandsInHovers)[number], uri: vscode.Uri): string {
  const args = encodeURIComponent(JSON.stringify([uri.toString()]));
  return `[${title}](command:${command}?${args})`;
}

export class ConfigProviders {
  readonly #stateOf: (uri: vscode.Uri) => ConfigState;

  constructor(stateOf: (uri: vscode.Uri) => ConfigState) {
    this.#stateOf = stateOf;
  }

  async hover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | null> {
    if (!isConfigDocument(document)) return null;
    if (
      !vscode.workspace.getConfiguration('batchwise.hover', document).get<boolean>('enabled', true)
    ) {
      return null;
    }
    const outline = outlineConfig(document.getText());
    const number = numberAt(outline, document.offsetAt(position));
    if (!number || number.kind === 'learningRate') return null;
    const facts = await this.#facts(document, outline);
    const paragraphs =
      number.kind === 'batchSize'
        ? explainBatchSize(facts, language)
        : explainEpochs(facts, language);
    const markdown = new vscode.MarkdownString(
      [...paragraphs, this.#links(document.uri, facts)].join('\n\n'),
    );
    markdown.isTrusted = { enabledCommands: [...commandsInHovers] };
    return new vscode.Hover(markdown, rangeOf(document, number.range));
  }

  #links(uri: vscode.Uri, { result }: Facts): string {
    const tune = vscode.workspace.isTrusted
      ? link(vscode.l10n.t('Tune batch size'), 'batchwise.tune', uri)
      : link(vscode.l10n.t('Trust this workspace to tune'), 'batchwise.manageTrust', uri);
    return result
      ? `${tune} · ${link(vscode.l10n.t('Show results'), 'batchwise.showResults', uri)}`
      : tune;
  }

  async lenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!isConfigDocument(document)) return [];
    if (
      !vscode.workspace
        .getConfiguration('batchwise.codeLens', document)
        .get<boolean>('enabled', true)
    ) {
      return [];
    }
    const outline = outlineConfig(document.getText());
    if (!outline.lensAt) return [];
    const range = rangeOf(document, outline.lensAt);
    const { result } = this.#stateOf(document.uri);
    const lenses = [
      new vscode.CodeLens(range, {
        title: await this.#lensTitle(document, outline),
        command: vscode.workspace.isTrusted ? 'batchwise.tune' : 'batchwise.manageTrust',
        arguments: [document.uri.toString()],
      }),
    ];
    if (result?.recommendation) {
      lenses.push(
        new vscode.CodeLens(range, {
          title: vscode.l10n.t('Recommended: {size}', {
            size: formatCount(result.recommendation.batchSize, language.tag),
          }),
          command: 'batchwise.showResults',
          arguments: [document.uri.toString()],
        }),
      );
    }
    return lenses;
  }

  async #lensTitle(document: vscode.TextDocument, outline: ConfigOutline): Promise<string> {
    const { batchSize, samples, result } = await this.#facts(document, outline);
    const parts = [
      vscode.workspace.isTrusted
        ? vscode.l10n.t('Tune batch size')
        : vscode.l10n.t('Trust this workspace to tune'),
    ];
    if (batchSize !== null && samples) {
      const iterations = iterationsPerEpoch(samples.count, batchSize);
      parts.push(
        iterations === 1
          ? vscode.l10n.t('1 iteration/epoch')
          : vscode.l10n.t('{iterations} iterations/epoch', {
              iterations: formatCount(iterations, language.tag),
            }),
      );
    }
    const trial = result && batchSize !== null ? trialAt(result, batchSize) : null;
    const seconds = trial && result ? secondsPerEpoch(trial, result.dataset.samples) : null;
    if (seconds !== null) {
      parts.push(vscode.l10n.t('{time}/epoch', { time: formatSeconds(seconds, language.tag) }));
    }
    return parts.join(' · ');
  }

  codeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    if (!isConfigDocument(document)) return [];
    const outline = outlineConfig(document.getText());
    const number = numberAt(outline, document.offsetAt(range.start));
    if (!number || number.kind === 'epochs') return [];
    const { result } = this.#stateOf(document.uri);
    const current = {
      batchSize: numberOf(outline, 'batchSize'),
      learningRate: numberOf(outline, 'learningRate'),
    };
    const actions = (result ? suggestions(result, current, language) : []).map(
      ({ title, batchSize, learningRate }, index) => {
        const action = new vscode.CodeAction(title, vscode.CodeActionKind.RefactorRewrite);
        const edit = configEdit(document, { batchSize, learningRate });
        if (edit) action.edit = edit;
        action.isPreferred = index === 0;
        return action;
      },
    );
    const tune = new vscode.CodeAction(
      vscode.l10n.t('Tune this model…'),
      vscode.CodeActionKind.RefactorRewrite,
    );
    tune.command = {
      title: tune.title,
      command: vscode.workspace.isTrusted ? 'batchwise.tune' : 'batchwise.manageTrust',
      arguments: [document.uri.toString()],
    };
    return [...actions.filter(({ edit }) => edit), tune];
  }

  async #facts(document: vscode.TextDocument, outline: ConfigOutline): Promise<Facts> {
    const state = this.#stateOf(document.uri);
    return {
      batchSize: numberOf(outline, 'batchSize'),
      epochs: numberOf(outline, 'epochs'),
      accumulation: 1,
      samples: await state.samples(outline),
      result: state.result,
    };
  }
}
