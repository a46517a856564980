import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Findings, Library, Site, Training } from '../../languages/site';
import { layersOf } from '../../languages/modelLayers';
import { samplesFor, trainingsOf } from '../../languages/site';
import { configModel } from '../configs/configModel';
import { isConfigDocument } from '../configs/configFiles';
import type { ConfigState } from '../configs/configState';
import type { Facts, ModelFact, Samples } from '../explain/explanation';
import { escapeMarkdown } from '../language';
import { formatCount, formatList } from '../../core/text/format';
import { latestResultFile } from '../../tuner/history/runLog';
import type { DataOutline } from '../configs/sampleCount';
import { language } from '../translate';
import { modelEvidence } from './modelEvidence';
import { fileOf, type FoundSites } from './siteDocuments';
import type { SourceConfigs } from './sourceConfigs';

/** Everything known about one training that a document writes, or about a number without one. */
export interface SiteFacts extends Facts {
  readonly training: Training | null;
  readonly library: Library;
  /** The config that speaks for the document; the document itself where it is one. */
  readonly config: ConfigState | null;
  /** Sizes of the config's data, from their headers or its newest sweep. */
  readonly data: DataOutline | null;
  /** Configs that have measurements and could be linked with one click. */
  readonly linkable: readonly vscode.Uri[];
}

/** Libraries whose training is what Batchwise measures. */
export function isOwnLibrary(library: Library): boolean {
  return library === 'batchwise' || library === 'tfjs';
}

/** Gathers facts from the document, the config that lists it, and its newest sweep. */
export class SiteFactsReader {
  readonly #stateOf: (uri: vscode.Uri) => ConfigState;
  readonly #configs: SourceConfigs;

  constructor(stateOf: (uri: vscode.Uri) => ConfigState, configs: SourceConfigs) {
    this.#stateOf = stateOf;
    this.#configs = configs;
  }

  /** @param site the number asked about; its first training counts */
  async ofSite(found: FoundSites, site: Site): Promise<SiteFacts> {
    const [training = null] = trainingsOf(found.findings, site);
    const facts = await this.ofTraining(found, training);
    return training || site.value === null ? facts : { ...facts, ...loneValue(found, site) };
  }

  async ofTraining(found: FoundSites, training: Training | null): Promise<SiteFacts> {
    const { document } = found;
    const isConfig = isConfigDocument(document);
    const config = await this.#configOf(document);
    const outline = config?.outline();
    const samples =
      (config && outline ? await config.samples(outline) : null) ?? written(found, training);
    const data = config && outline ? await config.data(outline) : null;
    const library = training?.call.library ?? (isConfig ? 'batchwise' : 'unknown');
    return {
      training,
      library,
      config,
      data,
      linkable: config ? [] : await this.#linkable(document),
      batchSize: training?.batchSize?.value ?? implied(training, 'batchSize'),
      epochs: training?.epochs?.value ?? implied(training, 'epochs'),
      accumulation: training?.accumulation?.value ?? 1,
      dropsLast: training?.dropsLast ?? false,
      keepsLast: training?.keepsLast ?? false,
      ...countingFacts(found.findings, training, library),
      learningRate: training?.learningRate?.value ?? null,
      samples,
      result: config?.result ?? null,
      place: isConfig ? 'config' : 'source',
      model:
        modelFact(found, training) ??
        (config && outline ? configModelFact(config, outline.value) : null),
    };
  }

  async #configOf(document: vscode.TextDocument): Promise<ConfigState | null> {
    if (isConfigDocument(document)) return this.#stateOf(document.uri);
    const file = fileOf(document);
    const [first] = file ? await this.#configs.listing(file) : [];
    return first ? this.#stateOf(first.uri) : null;
  }

  async #linkable(document: vscode.TextDocument): Promise<readonly vscode.Uri[]> {
    const file = fileOf(document);
    if (!file) return [];
    const folder = vscode.workspace.getWorkspaceFolder(file);
    const all = await this.#configs.all();
    // Paths in a config stay inside its workspace folder.
    return all
      .map(({ uri }) => uri)
      .filter(
        (uri) =>
          vscode.workspace.getWorkspaceFolder(uri) === folder &&
          existsSync(latestResultFile(uri.fsPath)),
      );
  }
}

/** What a training's batch size counts, and what an update is made of. */
function countingFacts({ lone }: Findings, training: Training | null, framework: Library) {
  if (!training) return { framework };
  const { batchSize, counting } = training;
  const impliedCount = batchSize ? null : training.insertions.batchSize?.counts;
  return {
    ...counting,
    framework,
    counts: batchSize?.counts ?? impliedCount ?? (lone?.dividesBatch ? 'global' : null),
    derivesAccumulation: training.accumulation?.value == null,
    sizeName: batchSize?.name ?? null,
    readElsewhere: training.readElsewhere ?? false,
  };
}

/** The number of samples by the document's own text. */
function written({ findings }: FoundSites, training: Training | null): Samples | null {
  const count = samplesFor(findings, training);
  return count === null ? null : { count, source: 'written' };
}

/** What a library takes where the call leaves an argument out. */
function implied(training: Training | null, kind: 'batchSize' | 'epochs'): number | null {
  if (!training || training[kind]) return null; // written, if only as an expression
  return training.insertions[kind]?.implied ?? null;
}

/** A constant that no call was seen to use still has its own arithmetic. */
function loneValue({ findings, document }: FoundSites, site: Site): Partial<Facts> {
  const { kind, value, counts, name } = site;
  switch (kind) {
    case 'batchSize':
      return {
        ...findings.lone,
        ...sizesOfOnlyTraining(findings, counts),
        readElsewhere: !isConfigDocument(document),
        batchSize: value,
        counts: counts ?? (findings.lone?.dividesBatch ? 'global' : null),
        sizeName: name,
        accumulation: onlyAccumulation(findings),
      };
    case 'epochs':
      return { epochs: value };
    case 'accumulation':
      return { accumulation: value ?? 1 };
    case 'learningRate':
      return { learningRate: value };
    case 'datasetSize':
      return {};
  }
}

/** The sizes of an update and of its microbatch, of one of which a training speaks. */
function sizesOfOnlyTraining({ trainings }: Findings, counts: Site['counts']): Partial<Facts> {
  const [training, ...others] = trainings;
  const isPart = counts === 'global' || counts === 'microbatch';
  if (!training || others.length > 0 || !isPart) return {};
  const { global, microbatch, devices, steps } = training.counting;
  if (global === null || microbatch === null) return {};
  return { global, microbatch, devices, steps, derivesAccumulation: !training.accumulation };
}

/** What a document says once of accumulated batches, where nothing says whose they are. */
function onlyAccumulation({ sites }: Findings): number {
  const values = new Set(
    sites.flatMap(({ kind, value }) => (kind === 'accumulation' ? [value] : [])),
  );
  const [only = null] = values;
  return values.size === 1 ? (only ?? 1) : 1;
}

function modelFact(found: FoundSites, training: Training | null): ModelFact | null {
  const { document } = found;
  const evidence = modelEvidence(layersOf(found.findings, training));
  if (!evidence) return null;
  if (evidence.layers.length === 0) return { type: evidence.type, evidence: null };
  const shown = evidence.layers.map(({ name, range }) => {
    const at = found.documentOf(range);
    const line = at ? at.positionAt(range.from).line + 1 : null;
    if (line === null) return code(name);
    const where =
      at === document
        ? vscode.l10n.t('line {line}', { line: formatCount(line, language.tag) })
        : vscode.l10n.t('cell {cell}', { cell: formatCount(range.cell + 1, language.tag) });
    return `${code(name)} (${where})`;
  });
  return { type: evidence.type, evidence: formatList([...new Set(shown)], language.tag) };
}

function configModelFact(config: ConfigState, value: unknown): ModelFact | null {
  const detected = configModel(value, config.file)?.detected;
  if (detected && detected.evidence.length > 0)
    return { type: detected.type, evidence: formatList(detected.evidence.map(code), language.tag) };
  return config.result ? { type: config.result.modelType, evidence: null } : null;
}

/** Code in Markdown, whatever it holds. */
function code(text: string): string {
  const line = text.replace(/\s+/g, '');
  return line.includes('`') ? escapeMarkdown(line) : `\`${line}\``;
}
