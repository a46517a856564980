import * as vscode from 'vscode';
import { epochOfUpdates } from '../../core/batches/updates';
import { formatCount, formatSeconds } from '../../core/text/format';
import { inferenceAt, type Site, type Training } from '../../languages/site';
import { rangeOf } from '../configs/applyValues';
import { outlineConfig } from '../configs/configDocument';
import { isConfigDocument } from '../configs/configFiles';
import { hasOtherEpochs } from '../explain/counting';
import { explain, explainInference } from '../explain/explainOthers';
import { secondsPerEpoch, trialAt } from '../explain/measurement';
import { Pace } from '../pace';
import { language } from '../translate';
import { commandsInHovers, hoverLinks } from './hoverLinks';
import { siteActions } from './siteActions';
import type { SiteDiagnostics } from './siteDiagnostics';
import { spanRange, type FoundSites, type SiteDocuments } from './siteDocuments';
import type { SiteFacts, SiteFactsReader } from './siteFacts';
import { siteUnderCursor } from './siteUnderCursor';

/** Hovers, lenses, inlay hints and code actions over batch-size sites, in configs and sources. */
export class SiteProviders {
  readonly #documents: SiteDocuments;
  readonly #reader: SiteFactsReader;
  readonly #diagnostics: SiteDiagnostics;

  constructor(documents: SiteDocuments, reader: SiteFactsReader, diagnostics: SiteDiagnostics) {
    this.#documents = documents;
    this.#reader = reader;
    this.#diagnostics = diagnostics;
  }

  async hover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | null> {
    const found = await this.#documents.find(document);
    if (!found) return null;
    const offset = document.offsetAt(position);
    const site = siteUnderCursor(found, offset);
    if (!site) {
      const inference = inferenceAt(found.findings, found.cell, offset);
      if (!inference) return null;
      const { here, background } = explainInference(inference.value, language);
      return new vscode.Hover(new vscode.MarkdownString([...here, background].join('\n\n')));
    }
    const facts = await this.#reader.ofSite(found, site);
    const { here, background } = explain(site.kind, site.value, facts, language);
    const markdown = new vscode.MarkdownString(
      [...here, hoverLinks(document, facts), background].join('\n\n'),
    );
    markdown.isTrusted = { enabledCommands: [...commandsInHovers] };
    return new vscode.Hover(markdown);
  }

  async lenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const found = await this.#documents.find(document);
    if (!found) return [];
    const trainings = found.findings.trainings.filter(
      ({ call }) => call.nameRange.cell === found.cell,
    );
    if (isConfigDocument(document)) return this.#configLenses(found, trainings[0] ?? null);
    const lenses: vscode.CodeLens[] = [];
    const pace = new Pace();
    for (const training of trainings) {
      await pace.next();
      const facts = await this.#reader.ofTraining(found, training);
      if (facts.batchSize === null && !training.batchSize) continue;
      lenses.push(...lensesAt(spanRange(document, training.call.nameRange), facts));
    }
    return lenses;
  }

  /** A config has its lens even before anything of a training is written. */
  async #configLenses(found: FoundSites, training: Training | null): Promise<vscode.CodeLens[]> {
    const { lensAt } = outlineConfig(found.document.getText());
    if (!lensAt) return [];
    const facts = await this.#reader.ofTraining(found, training);
    return lensesAt(rangeOf(found.document, lensAt), facts);
  }

  async inlayHints(
    document: vscode.TextDocument,
    range: vscode.Range,
  ): Promise<vscode.InlayHint[]> {
    const found = await this.#documents.find(document);
    if (!found) return [];
    const hints: vscode.InlayHint[] = [];
    const pace = new Pace();
    for (const site of found.findings.sites) {
      await pace.next();
      if (site.range.cell !== found.cell || site.value === null) continue;
      if (site.kind !== 'batchSize' && site.kind !== 'epochs') continue;
      const { end } = spanRange(document, site.range);
      if (!range.contains(end)) continue;
      const label = hintLabel(site, await this.#reader.ofSite(found, site));
      if (label === null) continue;
      // A bare number behind a number would read as one.
      const hint = new vscode.InlayHint(end, `→ ${label}`);
      hint.paddingLeft = true;
      hint.tooltip = 'Batchwise';
      hints.push(hint);
    }
    return hints;
  }

  async codeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const found = await this.#documents.find(document);
    if (!found) return [];
    const fixes = await this.#diagnostics.fixes(found, context.diagnostics);
    const offset = document.offsetAt(range.start);
    const site = siteUnderCursor(found, offset);
    if (site) {
      if (site.kind === 'epochs' || site.kind === 'datasetSize') return fixes;
      const facts = await this.#reader.ofSite(found, site);
      return [...fixes, ...siteActions(found, { site, training: facts.training }, facts)];
    }
    const training = found.findings.trainings.find(
      ({ call: { nameRange } }) =>
        nameRange.cell === found.cell && nameRange.from <= offset && offset <= nameRange.to,
    );
    if (!training || isConfigDocument(document)) return fixes;
    const facts = await this.#reader.ofTraining(found, training);
    return [...fixes, ...siteActions(found, { site: null, training }, facts)];
  }
}

function lensesAt(range: vscode.Range, facts: SiteFacts): vscode.CodeLens[] {
  const { config, result } = facts;
  const target = config ? [config.uri.toString()] : [];
  const lenses = [
    new vscode.CodeLens(range, {
      title: lensTitle(facts),
      command: vscode.workspace.isTrusted ? 'batchwise.tune' : 'batchwise.manageTrust',
      arguments: target,
    }),
  ];
  if (result?.recommendation) {
    const { batchSize, isEstimate } = result.recommendation;
    const size = formatCount(batchSize, language.tag);
    lenses.push(
      new vscode.CodeLens(range, {
        title: isEstimate
          ? vscode.l10n.t('Estimated: {size}', { size })
          : vscode.l10n.t('Recommended: {size}', { size }),
        command: 'batchwise.showResults',
        arguments: target,
      }),
    );
  }
  return lenses;
}

function lensTitle(facts: SiteFacts): string {
  const { batchSize, result } = facts;
  const trial = result && batchSize !== null ? trialAt(result, batchSize) : null;
  const seconds = trial && result ? secondsPerEpoch(trial, result.dataset.samples) : null;
  const parts = [
    vscode.workspace.isTrusted
      ? vscode.l10n.t('Tune batch size')
      : vscode.l10n.t('Trust this workspace to tune'),
    iterationsText(facts),
    seconds === null
      ? null
      : vscode.l10n.t('{time}/epoch', { time: formatSeconds(seconds, language.tag) }),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function updatesPerEpoch({ batchSize, samples, ...facts }: SiteFacts): number | null {
  if (batchSize === null || !samples) return null;
  if (hasOtherEpochs(facts)) return null;
  return epochOfUpdates(samples.count, { ...facts, batchSize })?.updates ?? null;
}

/** `469 iterations/epoch`; null where batch size or samples are not known. */
function iterationsText(facts: SiteFacts): string | null {
  const iterations = updatesPerEpoch(facts);
  if (iterations === null) return null;
  if (iterations === 1) return vscode.l10n.t('1 iteration/epoch');
  return vscode.l10n.t('{iterations} iterations/epoch', {
    iterations: formatCount(iterations, language.tag),
  });
}

function hintLabel(site: Site, facts: SiteFacts): string | null {
  if (site.kind === 'batchSize') return iterationsText({ ...facts, batchSize: site.value });
  const updates = updatesPerEpoch(facts);
  if (updates === null || site.value === null || facts.searches) return null;
  const total = facts.steps ?? updates * site.value;
  return vscode.l10n.t('{total} updates', { total: formatCount(total, language.tag) });
}
