import * as vscode from 'vscode';
import { rangeOf } from './applyValues';
import { isConfigDocument, rootOf } from './configFiles';
import { configProblems, type PlacedProblem } from './configProblems';
import { tellProblem } from '../translate';

const typingPauseMs = 250;

/** The problems of a version of a document. */
interface Checked {
  readonly version: number;
  readonly problems: readonly PlacedProblem[];
}

/** Marks what is wrong in configs, as far as the JSON schema has not already said it. */
export class ConfigDiagnostics implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection('batchwise');
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** As last checked: the light bulb asks at each move of the cursor. */
  readonly #checked = new Map<string, Checked>();

  /** Checks a config soon; called on opening, on every edit, and when its sweep changed. */
  checkSoon(document: vscode.TextDocument, pauseMs = typingPauseMs): void {
    if (!isConfigDocument(document)) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        void this.#check(document);
      }, pauseMs),
    );
  }

  /**
   * What puts a config's problems right where that is known, for those in a stretch of it. The editor
   * marks some of them by the JSON schema, which knows no remedy.
   */
  async fixes(document: vscode.TextDocument, range: vscode.Range): Promise<vscode.CodeAction[]> {
    if (!isConfigDocument(document)) return [];
    const { uri } = document;
    const known = this.#checked.get(uri.toString());
    const current = known?.version === document.version ? known.problems : null;
    return (current ?? (await problemsOf(document))).flatMap((each) => {
      const place = problemRange(document, each);
      if (each.fix === null || !each.range || !place.intersection(range)) return [];
      const title = vscode.l10n.t('Change to {fix}', { fix: each.fix });
      const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
      action.edit = new vscode.WorkspaceEdit();
      action.edit.replace(uri, place, each.fix);
      action.isPreferred = true;
      action.diagnostics = (this.#collection.get(uri) ?? []).filter(
        (marked) => marked.range.isEqual(place) && marked.code === each.problem.reason,
      );
      return [action];
    });
  }

  forget(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#checked.delete(key);
    this.#collection.delete(document.uri);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#collection.dispose();
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    const { uri, version } = document;
    const problems = await problemsOf(document);
    // Edited or closed meanwhile: the next check speaks.
    if (document.isClosed || document.version !== version) return;
    this.#checked.set(uri.toString(), { version, problems });
    const marked = problems.filter(({ schemaToo }) => !schemaToo);
    this.#collection.set(
      uri,
      marked.map((each) => diagnostic(document, each)),
    );
  }
}

function problemsOf(document: vscode.TextDocument): Promise<readonly PlacedProblem[]> {
  return configProblems(document.getText(), document.fileName, rootOf(document.uri));
}

/** What a problem marks in the document. */
export function problemRange(
  document: vscode.TextDocument,
  { range, problem }: PlacedProblem,
): vscode.Range {
  if (range) return rangeOf(document, range);
  const { place } = problem;
  const start = new vscode.Position((place?.line ?? 1) - 1, (place?.column ?? 1) - 1);
  return document.getWordRangeAtPosition(start) ?? new vscode.Range(start, start.translate(0, 1));
}

function diagnostic(document: vscode.TextDocument, placed: PlacedProblem): vscode.Diagnostic {
  const { problem, severity } = placed;
  const { Error, Warning } = vscode.DiagnosticSeverity;
  const found = new vscode.Diagnostic(
    problemRange(document, placed),
    tellProblem(problem),
    severity === 'error' ? Error : Warning,
  );
  found.source = 'Batchwise';
  found.code = problem.reason;
  return found;
}
