import path from 'node:path';
import * as vscode from 'vscode';
import type { loadLanguage, loadNotebook } from '../../languages/load';
import { sliceMilliseconds } from '../../languages/clock';
import type { DocumentParser } from '../../languages/parsedDocument';
import type { Findings, Span } from '../../languages/site';
import { leftAlone, longestDocument, mostLines, type LeftAlone } from '../../languages/limits';
import { isConfigName } from '../configs/configFiles';
import { giveWay } from '../pace';
import { mayHaveSites } from './siteSelector';

/** The parsers, each loaded on first use; the composition root gives them. */
export interface Languages {
  readonly loadLanguage: typeof loadLanguage;
  readonly loadNotebook: typeof loadNotebook;
}

/** What was found in a document (or in the whole notebook of a cell), at one version. */
export interface FoundSites {
  readonly findings: Findings;
  /** The document asked about. */
  readonly document: vscode.TextDocument;
  /** Its index among the notebook's cells; 0 for a plain document. */
  readonly cell: number;
  /** The document that a span is in; null when its cell is gone. */
  documentOf(span: Span): vscode.TextDocument | null;
}

/** A text, or several, that are parsed together. */
interface Tracked {
  /** Changes whenever the text does. */
  revision: number;
  parser: Worker | null;
  running: { readonly revision: number; readonly result: Promise<Findings | null> } | null;
}

interface Worker {
  work(milliseconds: number): boolean;
  readonly findings: Findings | null;
}

/**
 * Keeps the syntax trees of documents that something was asked about, so that a keystroke parses
 * only what it touched. Parsing runs in slices; answers are for the text as it is when they come.
 */
export class SiteDocuments implements vscode.Disposable {
  readonly #languages: Languages;
  readonly #onFound: () => void;
  readonly #tracked = new Map<string, Tracked & { parser: DocumentParser | null }>();
  readonly #notebooks = new Map<string, Tracked>();
  readonly #subscriptions: vscode.Disposable[];

  /** @param onFound called whenever a document turns out to hold sites */
  constructor(languages: Languages, onFound: () => void) {
    this.#onFound = onFound;
    this.#languages = languages;
    this.#subscriptions = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        this.#edited(event);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.#tracked.delete(uri.toString());
      }),
      vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => {
        const tracked = this.#notebooks.get(notebook.uri.toString());
        if (tracked) tracked.revision++;
      }),
      vscode.workspace.onDidCloseNotebookDocument(({ uri }) => {
        this.#notebooks.delete(uri.toString());
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Parses what is not parsed yet; null for documents without sites or closed meanwhile. */
  async find(document: vscode.TextDocument): Promise<FoundSites | null> {
    if (!mayHaveSites(document) || document.isClosed || isTooLong(document)) return null;
    const notebook = notebookOf(document);
    if (notebook) return this.#findInNotebook(notebook, document);
    const key = document.uri.toString();
    let tracked = this.#tracked.get(key);
    if (!tracked) {
      tracked = { revision: 0, parser: null, running: null };
      this.#tracked.set(key, tracked);
    }
    const parsing = tracked;
    const findings = await this.#current(parsing, async () => {
      if (parsing.parser) return parsing.parser;
      const module = await this.#languages.loadLanguage(document.languageId);
      if (!module) return null;
      const base = path.basename(document.fileName);
      const name = document.isUntitled && !isConfigName(base) ? null : base;
      const parser = module.createParser(document.languageId, name);
      parser.update(document.getText(), null);
      return (parsing.parser = parser);
    });
    return findings && { findings, document, cell: 0, documentOf: () => document };
  }

  async #findInNotebook(
    notebook: vscode.NotebookDocument,
    document: vscode.TextDocument,
  ): Promise<FoundSites | null> {
    const key = notebook.uri.toString();
    const tracked: Tracked = this.#notebooks.get(key) ?? {
      revision: 0,
      parser: null,
      running: null,
    };
    this.#notebooks.set(key, tracked);
    const { NotebookParser } = await this.#languages.loadNotebook();
    const findings = await this.#current(tracked, () => {
      const name = notebook.isUntitled ? null : path.posix.basename(notebook.uri.path);
      const parser =
        tracked.parser instanceof NotebookParser ? tracked.parser : new NotebookParser(name);
      tracked.parser = parser;
      parser.update(
        notebook.getCells().map(({ document: cell }) => ({
          id: cell.uri.toString(),
          languageId: cell.languageId,
          text: cell.getText(),
        })),
      );
      return Promise.resolve(parser);
    });
    if (!findings || document.isClosed || notebook.isClosed) return null;
    const cells = notebook.getCells();
    const cell = cells.findIndex((each) => each.document === document);
    if (cell < 0) return null;
    return { findings, document, cell, documentOf: (span) => cells[span.cell]?.document ?? null };
  }

  /** One run per revision, shared by all callers; begun again when the text changes meanwhile. */
  async #current(
    tracked: Tracked,
    prepare: () => Promise<Worker | null>,
  ): Promise<Findings | null> {
    for (;;) {
      const { revision } = tracked;
      if (tracked.running?.revision !== revision) {
        tracked.running = { revision, result: this.#run(tracked, revision, prepare) };
      }
      const { running } = tracked;
      const result = await running.result;
      if (tracked.revision === running.revision) return result;
    }
  }

  async #run(
    tracked: Tracked,
    revision: number,
    prepare: () => Promise<Worker | null>,
  ): Promise<Findings | null> {
    const parser = await prepare();
    if (!parser) return null;
    while (tracked.revision === revision && !parser.work(sliceMilliseconds)) await giveWay();
    const { findings } = parser;
    if (findings && findings.sites.length > 0) this.#onFound();
    return findings;
  }

  #edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const notebook = this.#notebooks.size > 0 ? notebookOf(document) : null;
    const inNotebook = notebook && this.#notebooks.get(notebook.uri.toString());
    if (inNotebook) inNotebook.revision++;
    const tracked = this.#tracked.get(document.uri.toString());
    // An event without changes means that the document was saved or became dirty.
    if (!tracked || contentChanges.length === 0) return;
    tracked.revision++;
    if (isTooLong(document)) tracked.parser = null;
    tracked.parser?.update(
      document.getText(),
      contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
        from: rangeOffset,
        to: rangeOffset + rangeLength,
        inserted: text.length,
      })),
    );
  }
}

/**
 * Whether a document is longer than anything that people write by hand. Its text is not asked for:
 * VS Code would put it together from its lines, after every edit.
 */
function isTooLong(document: vscode.TextDocument): boolean {
  const { lineCount } = document;
  return (
    lineCount > mostLines || document.offsetAt(new vscode.Position(lineCount, 0)) > longestDocument
  );
}

/** Why a document, or a part of it, is not searched; null where all of it is. */
export function whyLeftAlone(document: vscode.TextDocument): LeftAlone | null {
  return isTooLong(document) ? 'long' : leftAlone(document.getText());
}

/** The notebook that a cell's document belongs to. */
export function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | null {
  if (document.uri.scheme !== 'vscode-notebook-cell') return null;
  return (
    vscode.workspace.notebookDocuments.find((notebook) =>
      notebook.getCells().some((cell) => cell.document === document),
    ) ?? null
  );
}

/** The file that a document's sites are in: the notebook's for a cell, null when not saved yet. */
export function fileOf(document: vscode.TextDocument): vscode.Uri | null {
  const { uri } = notebookOf(document) ?? document;
  return uri.scheme === 'untitled' ? null : uri;
}

/** Where a span stands, in the document that `FoundSites.documentOf` gave. */
export function spanRange(document: vscode.TextDocument, span: Span): vscode.Range {
  return new vscode.Range(document.positionAt(span.from), document.positionAt(span.to));
}

/** Says once that a batch size was seen: the side view is offered from then on. */
export function sitesSeen(): () => void {
  let said = false;
  return () => {
    if (said) return;
    said = true;
    void vscode.commands.executeCommand('setContext', 'batchwise.seen', true);
  };
}
