import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { checkConfig } from '../../config/readConfig';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { ConfigTrouble, Snapshot } from '../../protocol/panel';
import { numberOf } from '../configs/configDocument';
import { configInView, configLabel, isConfigDocument, rootOf } from '../configs/configFiles';
import { configProblems, type PlacedProblem } from '../configs/configProblems';
import type { ConfigState } from '../configs/configState';
import { tellProblem } from '../translate';
import type { PanelChange } from './panelModel';

const typingPauseMs = 250;

/** Follows one config for the panel: the one last tuned, opened or chosen. */
export class ShownConfig implements vscode.Disposable {
  readonly #stateOf: (uri: vscode.Uri) => ConfigState;
  readonly #changed = new vscode.EventEmitter<PanelChange>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: vscode.Disposable[];
  #state: ConfigState | null = null;
  #following: vscode.Disposable | null = null;
  #configured: { batchSize: number | null; learningRate: number | null } = {
    batchSize: null,
    learningRate: null,
  };
  /** When-clause contexts as they were set last. */
  readonly #contexts = new Map<string, boolean>();
  #compared: readonly SweepEvent[] = [];
  #problems: readonly PlacedProblem[] = [];
  #changedFiles: readonly string[] = [];
  #checking: NodeJS.Timeout | null = null;
  /** While a sweep runs in this window its config stays shown. */
  pinned = false;

  constructor(stateOf: (uri: vscode.Uri) => ConfigState) {
    this.#stateOf = stateOf;
    this.#subscriptions = [
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor && isConfigDocument(editor.document)) this.followActive(editor.document.uri);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.toString() === this.#state?.uri.toString()) this.#edited();
      }),
      // Model and data files come and go as well.
      vscode.workspace.onDidSaveTextDocument(() => {
        this.#checkSoon();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#changed.fire({ type: 'snapshot' });
      }),
    ];
    const inView = configInView();
    if (inView) this.show(inView);
  }

  get state(): ConfigState | null {
    return this.#state;
  }

  /** Shows a config that the person turned to, unless a sweep keeps another one shown. */
  followActive(uri: vscode.Uri): void {
    if (!this.pinned && uri.scheme === 'file') this.show(uri);
  }

  show(uri: vscode.Uri): void {
    if (uri.toString() === this.#state?.uri.toString()) return;
    this.#following?.dispose();
    const state = this.#stateOf(uri);
    this.#state = state;
    this.#configured = this.#readConfigured();
    this.#following = state.onDidChange((change) => {
      this.#setContexts();
      if (change.type === 'replaced' || change.events.some(({ type }) => type === 'finished'))
        this.#checkSoon();
      this.#changed.fire(
        change.type === 'appended'
          ? { type: 'sweepEvents', events: change.events }
          : { type: 'snapshot' },
      );
    });
    this.#setContexts();
    this.#problems = [];
    this.#changedFiles = [];
    this.#compared = [];
    this.#changed.fire({ type: 'snapshot' });
    this.#checkSoon(0);
  }

  /** What is wrong in the config shown, as far as it keeps it from being tuned. */
  get problems(): readonly PlacedProblem[] {
    return this.#problems;
  }

  /** Lays an earlier sweep over the one shown; none to take it away. */
  compareWith(events: readonly SweepEvent[]): void {
    this.#compared = events;
    this.#changed.fire({ type: 'snapshot' });
  }

  snapshot(): Snapshot {
    const state = this.#state;
    return {
      config: state ? configLabel(state.uri) : null,
      configUri: state ? state.uri.toString() : null,
      events: [...(state?.events ?? [])],
      interrupted: state?.interrupted ?? false,
      starting: state?.starting ?? 'no',
      trusted: vscode.workspace.isTrusted,
      problems: this.#troubles(),
      changedFiles: [...this.#changedFiles],
      compared: [...this.#compared],
      ...this.#configured,
    };
  }

  dispose(): void {
    if (this.#checking) clearTimeout(this.#checking);
    this.#following?.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #readConfigured() {
    const outline = this.#state?.outline();
    return {
      batchSize: outline ? numberOf(outline, 'batchSize') : null,
      learningRate: outline ? numberOf(outline, 'learningRate') : null,
    };
  }

  #checkSoon(pauseMs = typingPauseMs): void {
    if (this.#checking) clearTimeout(this.#checking);
    this.#checking = setTimeout(() => {
      this.#checking = null;
      void this.#check();
    }, pauseMs);
  }

  async #check(): Promise<void> {
    const state = this.#state;
    const text = state?.text() ?? null;
    if (!state || text === null) return;
    const found = await configProblems(text, state.file, rootOf(state.uri));
    // Another config or another text by now: the next check speaks.
    if (this.#state !== state || state.text() !== text) return;
    const before = JSON.stringify(this.#troubles());
    this.#problems = found.filter(({ severity }) => severity === 'error');
    const problems = this.#troubles();
    if (JSON.stringify(problems) !== before) this.#changed.fire({ type: 'problems', problems });
    const finishedAt = state.result?.finishedAt ?? null;
    const changedFiles = finishedAt ? await filesChangedSince(finishedAt, text, state) : [];
    if (this.#state !== state || changedFiles.join() === this.#changedFiles.join()) return;
    this.#changedFiles = changedFiles;
    this.#changed.fire({ type: 'changedFiles', changedFiles });
  }

  #troubles(): ConfigTrouble[] {
    const name = this.#state ? path.basename(this.#state.file) : '';
    return this.#problems.map(({ problem, fix }) => ({
      message: tellProblem(problem),
      place: [name, problem.place?.line, problem.place?.column]
        .filter((part) => part !== undefined)
        .join(':'),
      fix,
    }));
  }

  #edited(): void {
    this.#checkSoon();
    const before = this.#configured;
    const after = this.#readConfigured();
    if (before.batchSize === after.batchSize && before.learningRate === after.learningRate) return;
    this.#configured = after;
    this.#setContexts();
    this.#changed.fire({ type: 'configured', ...after });
  }

  /** A sweep has hundreds of events, and few of them change a context. */
  #setContexts(): void {
    const state = this.#state;
    const recommended = state?.result?.recommendation ?? null;
    const contexts = {
      'batchwise.hasConfig': state !== null,
      'batchwise.applied':
        recommended !== null && recommended.batchSize === this.#configured.batchSize,
      'batchwise.hasResult': (state?.result ?? null) !== null,
      'batchwise.hasRecommendation': recommended !== null,
      'batchwise.interrupted': state?.resumable ?? false,
    };
    for (const [name, value] of Object.entries(contexts)) {
      if (this.#contexts.get(name) === value) continue;
      this.#contexts.set(name, value);
      void vscode.commands.executeCommand('setContext', name, value);
    }
  }
}

/** Names of model and data files that were written after a moment; Apply itself writes into scripts. */
async function filesChangedSince(moment: string, text: string, state: ConfigState) {
  const checked = await checkConfig(text, state.file, rootOf(state.uri));
  if (!checked.ok) return [];
  const files = Object.entries(checked.paths).filter(([key]) => key !== 'script');
  const changed = await Promise.all(
    files.map(async ([, file]: [string, string | null]) => {
      if (file === null) return [];
      const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
      return mtimeMs > Date.parse(moment) ? [path.basename(file)] : [];
    }),
  );
  return changed.flat();
}
