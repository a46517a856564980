import { channel } from 'node:diagnostics_channel';
import * as vscode from 'vscode';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { Subject, SideSnapshot } from '../../protocol/side';
import { configLabel } from '../configs/configFiles';
import type { ConfigState } from '../configs/configState';
import { estimatePoints } from '../configs/memoryPoints';
import { hasOtherEpochs } from '../explain/counting';
import { engineName } from '../explain/measurement';
import { configModel } from '../configs/configModel';
import {
  fileOf,
  notebookOf,
  spanRange,
  whyLeftAlone,
  type FoundSites,
  type SiteDocuments,
} from '../sites/siteDocuments';
import type { SiteFacts, SiteFactsReader } from '../sites/siteFacts';
import { siteUnderCursor } from '../sites/siteUnderCursor';
import { mayHaveSites } from '../sites/siteSelector';
import { modelEvidence } from '../sites/modelEvidence';
import { longestDocument, longestLine, mostLines } from '../../languages/limits';
import { layersOf } from '../../languages/modelLayers';
import type { Site, Span, Training } from '../../languages/site';
import { formatCount } from '../../core/text/format';
import { language } from '../translate';

/** Between two updates: an edit reports its text and its cursor one after the other. */
const pauseMs = 10;

/** When an update passed its stages, in milliseconds of `performance.now()`; for measurements. */
export interface SideTiming {
  readonly event: number;
  /** The text's sites were found. */
  readonly found: number;
  /** Everything known of them was gathered. */
  readonly gathered: number;
  /** When the page was updated. */
  readonly told: number;
}
const timings = channel('batchwise.side');

type Shown = Pick<SideSnapshot, 'subject' | 'notice'>;
type SideChange =
  | { readonly type: 'snapshot'; readonly state: SideSnapshot }
  | ({ readonly type: 'subject' } & Shown)
  | { readonly type: 'sweepEvents'; readonly events: readonly SweepEvent[] };

/** All that the side view asks of the extension; the composition root gives it. */
export interface SideViewModel {
  /** Nothing is followed while the view is hidden. */
  setVisible(visible: boolean): void;
  state(): Promise<SideSnapshot>;
  readonly onDidChange: vscode.Event<SideChange>;
  tune(): Promise<void>;
  manageTrust(): Promise<void>;
  showResults(): Promise<void>;
}

/** Follows the active editor and its cursor while somebody looks, and does nothing otherwise. */
export class SideModel implements vscode.Disposable {
  readonly #documents: SiteDocuments;
  readonly #reader: SiteFactsReader;
  readonly #changed = new vscode.EventEmitter<SideChange>();
  readonly onDidChange = this.#changed.event;
  #following: vscode.Disposable[] = [];
  #sweep: vscode.Disposable | null = null;
  #timer: NodeJS.Timeout | null = null;
  #config: ConfigState | null = null;
  #shown: Shown = { subject: null, notice: null };
  /** What the page was told of it. */
  #told: string | null = null;
  #turn = 0;
  /** When something happened that no update has begun with. */
  #pending: number | null = null;
  #updating = false;
  /** Another sweep than the page shows. */
  #sweepChanged = false;
  /** Whose events the page has: from then on it gets new ones only. */
  #toldConfig: ConfigState | null = null;

  constructor(documents: SiteDocuments, reader: SiteFactsReader) {
    this.#documents = documents;
    this.#reader = reader;
  }

  /** The config that speaks for what is shown. */
  get config(): ConfigState | null {
    return this.#config;
  }

  setVisible(visible: boolean): void {
    if (visible === this.#following.length > 0) return;
    if (!visible) {
      this.#rest();
      return;
    }
    const soon = () => {
      this.#updateSoon();
    };
    this.#following = [
      vscode.window.onDidChangeActiveTextEditor(soon),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === vscode.window.activeTextEditor) soon();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document === vscode.window.activeTextEditor?.document || this.#isConfig(document))
          soon();
      }),
    ];
  }

  async state(): Promise<SideSnapshot> {
    await this.#read();
    this.#told = JSON.stringify(this.#shown);
    this.#toldConfig = this.#config;
    this.#sweepChanged = false;
    return this.#state();
  }

  dispose(): void {
    this.#rest();
    this.#changed.dispose();
  }

  #rest(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pending = null;
    // What is still being read is no longer needed.
    this.#turn++;
    for (const each of this.#following) each.dispose();
    this.#following = [];
    this.#sweep?.dispose();
    this.#sweep = null;
    this.#config = null;
    this.#toldConfig = null;
  }

  #isConfig({ uri }: vscode.TextDocument): boolean {
    return uri.toString() === this.#config?.uri.toString();
  }

  #state(): SideSnapshot {
    return {
      ...this.#shown,
      events: [...(this.#config?.events ?? [])],
      trusted: vscode.workspace.isTrusted,
    };
  }

  /** At once where nothing else is under way, else after that and a pause. */
  #updateSoon(): void {
    this.#pending ??= performance.now();
    if (this.#updating || this.#timer) return;
    void this.#updateAll();
  }

  async #updateAll(): Promise<void> {
    const event = this.#pending;
    if (event === null) return;
    this.#pending = null;
    this.#updating = true;
    try {
      await this.#update(event);
    } finally {
      this.#updating = false;
      if (this.#following.length > 0)
        this.#timer = setTimeout(() => {
          this.#timer = null;
          void this.#updateAll();
        }, pauseMs);
    }
  }

  async #update(event: number): Promise<void> {
    const before = this.#config;
    const read = await this.#read();
    if (!read) return;
    const sweepChanged = this.#sweepChanged || before !== this.#config;
    this.#sweepChanged = false;
    const shown = JSON.stringify(this.#shown);
    if (!sweepChanged && shown === this.#told) return;
    this.#told = shown;
    if (!sweepChanged) this.#changed.fire({ type: 'subject', ...this.#shown });
    else {
      this.#toldConfig = this.#config;
      this.#changed.fire({ type: 'snapshot', state: this.#state() });
    }
    if (timings.hasSubscribers)
      timings.publish({ event, ...read, told: performance.now() } satisfies SideTiming);
  }

  /** Null when a later reading overtook this one. */
  async #read(): Promise<Pick<SideTiming, 'found' | 'gathered'> | null> {
    const turn = ++this.#turn;
    const editor = vscode.window.activeTextEditor;
    const now = performance.now();
    // A panel or output channel in front: what was shown stays.
    if (!editor || !mayHaveSites(editor.document)) return { found: now, gathered: now };
    const sites = await this.#documents.find(editor.document);
    const found = performance.now();
    const place = sites && placeAt(sites, editor.document.offsetAt(editor.selection.active));
    const facts = place
      ? place.site
        ? await this.#reader.ofSite(sites, place.site)
        : await this.#reader.ofTraining(sites, place.training)
      : null;
    if (turn !== this.#turn) return null;
    const subject = sites && place && facts ? subjectOf(sites, place, facts) : null;
    this.#shown = { subject, notice: subject ? null : noticeOf(editor.document) };
    this.#follow(facts?.config ?? null);
    return { found, gathered: performance.now() };
  }

  #follow(config: ConfigState | null): void {
    if (config === this.#config) return;
    this.#config = config;
    this.#sweep?.dispose();
    this.#sweep =
      config?.onDidChange((change) => {
        if (change.type === 'replaced') this.#sweepChanged = true;
        else if (this.#toldConfig === config)
          this.#changed.fire({ type: 'sweepEvents', events: change.events });
        // A sweep that has ended changes what is said of the place, too.
        if (change.type === 'replaced' || change.events.some(({ type }) => type === 'finished'))
          this.#updateSoon();
      }) ?? null;
  }
}

/** Why nothing was looked for in a document, or in a part of it; null where all of it was read. */
function noticeOf(document: vscode.TextDocument): string | null {
  const why = whyLeftAlone(document);
  if (why === null) return null;
  const file = fileOf(document);
  const values = { file: file ? configLabel(file) : document.fileName };
  return why === 'long'
    ? vscode.l10n.t(
        '{file} is not searched for batch sizes: it has more than {characters} characters or {lines} lines.',
        {
          ...values,
          characters: formatCount(longestDocument, language.tag),
          lines: formatCount(mostLines, language.tag),
        },
      )
    : vscode.l10n.t(
        'The longest lines of {file} are not searched for batch sizes: they have more than {characters} characters.',
        { ...values, characters: formatCount(longestLine, language.tag) },
      );
}

interface Place {
  readonly site: Site | null;
  readonly training: Training | null;
  readonly at: Span;
}

/** What the cursor is on, else in, else the document's first training. */
function placeAt(found: FoundSites, offset: number): Place | null {
  const site = siteUnderCursor(found, offset);
  if (site) return { site, training: null, at: site.range };
  const { cell } = found;
  const here = found.findings.trainings.filter(({ call }) => call.range.cell === cell);
  const training =
    here.find(({ call: { range } }) => range.from <= offset && offset <= range.to) ??
    here[0] ??
    found.findings.trainings[0];
  if (training) return { site: null, training, at: training.call.nameRange };
  const lone = found.findings.sites.find(({ kind }) => kind === 'batchSize');
  return lone ? { site: lone, training: null, at: lone.range } : null;
}

function subjectOf(found: FoundSites, { at }: Place, facts: SiteFacts): Subject {
  const document = found.documentOf(at) ?? found.document;
  const { config, result, training } = facts;
  const outline = config?.outline();
  const model =
    outline && config
      ? configModel(outline.value, config.file, facts.data?.features ?? undefined)
      : null;
  const evidence = modelEvidence(layersOf(found.findings, training));
  const file = fileOf(document);
  const label = file ? configLabel(file) : document.fileName;
  return {
    file: notebookOf(document)
      ? `${label} · ${vscode.l10n.t('cell {cell}', { cell: at.cell + 1 })}`
      : label,
    line: spanRange(document, at).start.line + 1,
    call: training?.call.name ?? null,
    batchSize: facts.batchSize,
    epochs: facts.epochs,
    // A global size has its accumulated batches inside.
    accumulation: facts.counts === 'global' ? 1 : facts.accumulation,
    dropsLast: facts.dropsLast ?? false,
    learningRate: facts.learningRate,
    samples: countsSamples(facts) ? (facts.samples?.count ?? null) : null,
    model: evidence
      ? {
          type: evidence.type,
          layers: distinct(
            evidence.layers.map(({ name, range }) => ({ name, place: placeOf(found, range) })),
          ),
        }
      : model && model.detected.evidence.length > 0
        ? {
            type: model.detected.type,
            layers: model.detected.evidence.map((name) => ({ name, place: null })),
          }
        : null,
    estimate:
      model && outline
        ? estimatePoints(
            model,
            outline.value,
            facts.batchSize,
            facts.data,
            result?.dataset.streamedBytes !== undefined,
          )
        : [],
    unknownLayers: [...(model?.unknown ?? [])],
    config: config ? configLabel(config.uri) : null,
    measured: result ? { engine: engineName(result), device: result.backend.device } : null,
  };
}

/** Whether an epoch is so many samples: not of tokens, completions, packed or collected samples. */
function countsSamples({ counts, ...facts }: SiteFacts): boolean {
  const isOther = facts.packs === true || hasOtherEpochs(facts);
  return counts !== 'tokens' && counts !== 'completions' && !isOther;
}

/** Two layers of a kind on one line are listed once. */
function distinct<T extends { readonly name: string; readonly place: string | null }>(
  layers: readonly T[],
): T[] {
  return [...new Map(layers.map((layer) => [`${layer.name} ${layer.place}`, layer])).values()];
}

function placeOf(found: FoundSites, range: Span): string | null {
  const document = found.documentOf(range);
  if (!document) return null;
  if (document !== found.document) return vscode.l10n.t('cell {cell}', { cell: range.cell + 1 });
  return vscode.l10n.t('line {line}', { line: spanRange(document, range).start.line + 1 });
}
