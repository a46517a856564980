import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { isConfigDocument } from '../configs/configFiles';
import { Pace } from '../pace';
import { additionEdit, siteEdit, type EditTarget } from './siteEdit';
import { notebookOf, spanRange, type FoundSites, type SiteDocuments } from './siteDocuments';
import type { SiteFactsReader } from './siteFacts';
import { problemCodes, problemsOf, type Fix, type SiteProblem } from './siteProblems';
import { mayHaveSites } from './siteSelector';
import type { ConfigState } from '../configs/configState';
import { configEdit } from '../configs/applyValues';

const typingPauseMs = 300;

/** Marks real mistakes in batch sizes, in every open document and cell, and offers fixes. */
export class SiteDiagnostics implements vscode.Disposable {
  readonly #documents: SiteDocuments;
  readonly #reader: SiteFactsReader;
  /** Explains every code under a heading of its name. */
  readonly #explanations: vscode.Uri;
  readonly #collection = vscode.languages.createDiagnosticCollection('batchwise.sites');
  #headings: ReadonlyMap<string, number> | null = null;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(documents: SiteDocuments, reader: SiteFactsReader, explanations: vscode.Uri) {
    this.#documents = documents;
    this.#reader = reader;
    this.#explanations = explanations;
  }

  /** Checks a document soon, and with a cell the whole notebook: constants flow between cells. */
  checkSoon(document: vscode.TextDocument, pauseMs = typingPauseMs): void {
    const notebook = notebookOf(document);
    const cells = notebook?.getCells().map((cell) => cell.document) ?? [document];
    for (const each of cells.filter(mayHaveSites)) {
      const key = each.uri.toString();
      clearTimeout(this.#timers.get(key));
      this.#timers.set(
        key,
        setTimeout(() => {
          this.#timers.delete(key);
          void this.#check(each);
        }, pauseMs),
      );
    }
  }

  checkAllSoon(): void {
    for (const document of vscode.workspace.textDocuments) this.checkSoon(document);
  }

  forget({ uri }: vscode.TextDocument): void {
    clearTimeout(this.#timers.get(uri.toString()));
    this.#timers.delete(uri.toString());
    this.#collection.delete(uri);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#collection.dispose();
  }

  /** Quick fixes for those of our diagnostics that still hold. */
  async fixes(
    found: FoundSites,
    diagnostics: readonly vscode.Diagnostic[],
  ): Promise<vscode.CodeAction[]> {
    const ours = diagnostics.filter((each) => codeOf(each) !== null);
    if (ours.length === 0) return [];
    const actions: vscode.CodeAction[] = [];
    for (const { problem, target, config } of await this.#problems(found)) {
      const range = spanRange(found.document, problem.site.range);
      const diagnostic = ours.find(
        (each) => codeOf(each) === problem.code && each.range.isEqual(range),
      );
      if (!diagnostic) continue;
      for (const [index, fix] of problem.fixes.entries()) {
        const edit = await editFor(found, target, fix, config);
        if (!edit) continue;
        const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
        action.edit = edit;
        action.diagnostics = [diagnostic];
        action.isPreferred = index === 0;
        actions.push(action);
      }
    }
    return actions;
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const found = await this.#documents.find(document);
    const problems = found ? await this.#problems(found) : [];
    if (document.isClosed || document.version !== version) return;
    this.#collection.set(
      document.uri,
      problems.map(({ problem }) => this.#toDiagnostic(document, problem)),
    );
  }

  #toDiagnostic(document: vscode.TextDocument, problem: SiteProblem): vscode.Diagnostic {
    const range = spanRange(document, problem.site.range);
    const found = new vscode.Diagnostic(range, problem.message, problem.severity);
    found.source = 'Batchwise';
    this.#headings ??= headingLines(this.#explanations.fsPath);
    const line = this.#headings.get(problem.code) ?? 1;
    // A diagnostic's link may open a file at a line, but run no command.
    const target = this.#explanations.with({ fragment: `L${line}` });
    found.code = { value: problem.code, target };
    return found;
  }

  /** The problems whose number stands in the document itself. */
  async #problems(found: FoundSites) {
    const seen = new Set<string>();
    const problems: {
      readonly problem: SiteProblem;
      readonly target: EditTarget;
      readonly config: ConfigState | null;
    }[] = [];
    const pace = new Pace();
    for (const training of found.findings.trainings) {
      await pace.next();
      if (training.batchSize?.range.cell !== found.cell) continue;
      const facts = await this.#reader.ofTraining(found, training);
      for (const problem of problemsOf(found, facts)) {
        // One constant may flow into several calls.
        const key = `${problem.code}:${problem.site.range.from}`;
        if (seen.has(key)) continue;
        seen.add(key);
        problems.push({ problem, target: { site: problem.site, training }, config: facts.config });
      }
    }
    return problems;
  }
}

async function editFor(
  found: FoundSites,
  target: EditTarget,
  { where, values, adds, site }: Fix,
  config: ConfigState | null,
): Promise<vscode.WorkspaceEdit | null> {
  if (adds) return additionEdit(found, adds);
  if (where === 'here') return siteEdit(found, site ? { site, training: null } : target, values);
  if (!config || values.batchSize === undefined || isConfigDocument(found.document)) return null;
  const document = await vscode.workspace.openTextDocument(config.uri);
  return configEdit(document, { batchSize: values.batchSize, learningRate: null });
}

/** Line numbers, from 1, of a Markdown file's second-level headings. */
function headingLines(file: string): ReadonlyMap<string, number> {
  try {
    const lines = readFileSync(file, 'utf8').split(/\r?\n/);
    return new Map(
      lines.flatMap((line, index) =>
        line.startsWith('## ') ? [[line.slice(3).trim(), index + 1] as const] : [],
      ),
    );
  } catch {
    return new Map();
  }
}

function codeOf({ source, code }: vscode.Diagnostic): string | null {
  if (source !== 'Batchwise') return null;
  const value = typeof code === 'object' ? code.value : code;
  return problemCodes.find((known) => known === value) ?? null;
}
