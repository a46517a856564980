import * as vscode from 'vscode';
import { render, type Text } from '../core/text/problem';
import { applyValues } from './configs/applyValues';
import { ConfigDiagnostics } from './configs/configDiagnostics';
import { trialAt } from './explain/measurement';
import { chooseConfig, configToTune, givenUri } from './configs/chooseConfig';
import { ConfigState } from './configs/configState';
import { createConfig } from './createConfig/createConfig';
import { scriptOf } from './createConfig/pythonConfig';
import { applyToScript } from './sites/applyToScript';
import { guarded, manageTrust, offerTrust } from './notify';
import { offerRecommendation } from './offerRecommendation';
import type { PanelModel } from './webviews/panelModel';
import { SideModel, type SideViewModel } from './webviews/sideModel';
import { panelModelOf, sideModelOf } from './webviews/workbenchModels';
import { exportResult } from './exportResult';
import { linkSource } from './sites/linkSource';
import { emptySweep, reduceSweep } from '../core/sweep/sweepState';
import { pickSweep } from './sweepHistory';
import { SiteDiagnostics } from './sites/siteDiagnostics';
import { SiteDocuments, sitesSeen, type Languages } from './sites/siteDocuments';
import { SiteFactsReader } from './sites/siteFacts';
import { pruneSweeps } from '../tuner/history/earlierSweeps';
import { SiteProviders } from './sites/siteProviders';
import { SourceConfigs } from './sites/sourceConfigs';
import { ShownConfig } from './webviews/shownConfig';
import { language } from './translate';
import { rememberedRunning, rememberRunning, StatusItem } from './statusItem';
import { SweepSession, type Keeping, type RunSweep, type SweepOutcome } from './sweepSession';

/** What the editor's parts need from outside; the composition root gives it. */
export interface WorkbenchOptions {
  readonly runSweep: RunSweep;
  /** The built training process. */
  readonly workerFile: string;
  readonly log: vscode.LogOutputChannel;
  readonly showPanel: () => Promise<void>;
  readonly languages: Languages;
  /** The folder the extension is installed in. */
  readonly extensionUri: vscode.Uri;
  /** What is remembered of this workspace. */
  readonly memory: vscode.Memento;
}

/**
 * The editor's working parts, loaded when the first of them is needed: the configs' states, the
 * sweep that runs, and every action that commands and panel offer.
 */
export class Workbench implements vscode.Disposable {
  readonly #options: WorkbenchOptions;
  readonly #states = new Map<string, ConfigState>();
  readonly #trusted: vscode.Disposable;
  readonly #lensesChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeLenses = this.#lensesChanged.event;
  readonly #stateOf = (uri: vscode.Uri): ConfigState => {
    const key = uri.toString();
    const known = this.#states.get(key);
    if (known) return known;
    const state = new ConfigState(uri);
    this.#states.set(key, state);
    state.onDidChange((change) => {
      const ended =
        change.type === 'replaced' || change.events.some(({ type }) => type === 'finished');
      if (!ended) return;
      this.#lensesChanged.fire();
      if (state.document) this.configDiagnostics.checkSoon(state.document);
      this.siteDiagnostics.checkAllSoon();
    });
    return state;
  };
  readonly configs = new SourceConfigs();
  readonly documents: SiteDocuments;
  readonly facts = new SiteFactsReader(this.#stateOf, this.configs);
  readonly side: SideModel;
  readonly siteDiagnostics: SiteDiagnostics;
  readonly providers: SiteProviders;
  readonly configDiagnostics = new ConfigDiagnostics();
  readonly shown = new ShownConfig(this.#stateOf);
  readonly session: SweepSession;
  readonly status: StatusItem;
  readonly panelModel: PanelModel;
  readonly sideModel: SideViewModel;

  constructor(options: WorkbenchOptions) {
    this.#options = options;
    this.session = new SweepSession(options);
    this.documents = new SiteDocuments(options.languages, sitesSeen());
    this.side = new SideModel(this.documents, this.facts);
    this.siteDiagnostics = new SiteDiagnostics(
      this.documents,
      this.facts,
      vscode.Uri.joinPath(options.extensionUri, 'docs', 'diagnostics.md'),
    );
    this.providers = new SiteProviders(this.documents, this.facts, this.siteDiagnostics);
    this.configs.onDidChange(() => {
      this.#lensesChanged.fire();
      this.siteDiagnostics.checkAllSoon();
    });
    this.status = new StatusItem(this.configs, this.#stateOf, rememberedRunning(options.memory));
    this.session.onDidChange(() => {
      const { tuning } = this.session;
      this.shown.pinned = tuning !== null;
      this.status.setTuning(tuning !== null);
      void rememberRunning(options.memory, tuning?.uri ?? null);
    });
    this.panelModel = panelModelOf(this, options.log);
    this.sideModel = sideModelOf(this, options.log);
    this.#trusted = vscode.workspace.onDidGrantWorkspaceTrust(() => {
      this.#lensesChanged.fire();
    });
    for (const document of vscode.workspace.textDocuments) this.checkSoon(document, 0);
  }

  /** Marks what is wrong in a document, once typing pauses. */
  checkSoon(document: vscode.TextDocument, pauseMs?: number): void {
    this.configDiagnostics.checkSoon(document, pauseMs);
    this.siteDiagnostics.checkSoon(document, pauseMs);
  }

  forget(document: vscode.TextDocument): void {
    this.configDiagnostics.forget(document);
    this.siteDiagnostics.forget(document);
  }

  dispose(): void {
    this.#trusted.dispose();
    this.session.dispose();
    this.status.dispose();
    this.shown.dispose();
    this.configDiagnostics.dispose();
    this.siteDiagnostics.dispose();
    this.side.dispose();
    this.documents.dispose();
    this.configs.dispose();
    this.#lensesChanged.dispose();
    for (const state of this.#states.values()) state.dispose();
  }

  /**
   * Tunes a config: the one given, in view or picked; makes one where there is none. Where nothing
   * has changed since the last time, that result is shown again.
   */
  async tune(
    target?: unknown,
    keeping: Keeping = 'result',
    signal?: AbortSignal,
  ): Promise<SweepOutcome> {
    if (!vscode.workspace.isTrusted) {
      void offerTrust();
      return { kind: 'refused' };
    }
    const chosen = await configToTune(target, this.documents, this.configs);
    const uri = chosen === 'none' ? await this.#makeConfig() : chosen;
    return uri ? this.#start(uri, keeping, signal) : { kind: 'refused' };
  }

  resume(target?: unknown): Promise<SweepOutcome> {
    return this.tune(target ?? this.shown.state?.uri, 'trials');
  }

  /** Measures everything again, whatever earlier sweeps found. */
  tuneAgain(target?: unknown): Promise<SweepOutcome> {
    return this.tune(target ?? this.shown.state?.uri, 'nothing');
  }

  async #start(uri: vscode.Uri, keeping: Keeping, signal?: AbortSignal): Promise<SweepOutcome> {
    const state = this.#stateOf(uri);
    if (!this.session.tuning) {
      this.shown.show(uri);
      const settings = vscode.workspace.getConfiguration('batchwise');
      if (settings.get<boolean>('showResultsWhenTuning', true))
        void guarded(this.#options.showPanel, this.#options.log);
    }
    const outcome = await this.session.tune(state, keeping, signal);
    if (outcome.kind === 'refused') return outcome;
    const settings = vscode.workspace.getConfiguration('batchwise', uri);
    pruneSweeps(state.file, settings.get<number>('historyLimit', 20));
    if (outcome.kind !== 'done') return outcome;
    if (outcome.shownAgain) void this.#offerToMeasure(uri, outcome.shownAgain);
    else void this.#offer(state, outcome.result);
    return outcome;
  }

  async #offerToMeasure(uri: vscode.Uri, note: Text): Promise<void> {
    const again = vscode.l10n.t('Tune Again');
    const sentence = render(note, language.t, language.tag);
    const chosen = await vscode.window.showInformationMessage(sentence, again);
    if (chosen) await guarded(() => this.tuneAgain(uri), this.#options.log);
  }

  async #offer(state: ConfigState, result: NonNullable<ConfigState['result']>): Promise<void> {
    const chosen = await offerRecommendation(state.outline(), result);
    if (chosen) await this.apply(chosen.batchSize, chosen.learningRate, state.uri);
  }

  async showResults(target?: unknown): Promise<void> {
    const uri =
      givenUri(target) ?? this.shown.state?.uri ?? (await chooseConfig(undefined, this.configs));
    if (uri instanceof vscode.Uri) this.shown.show(uri);
    await this.#options.showPanel();
  }

  /** Writes into the config and saves nothing: the person sees the change and may undo it. */
  async apply(
    batchSize: number,
    learningRate: number | null,
    uri: vscode.Uri | undefined = this.shown.state?.uri,
  ): Promise<boolean> {
    if (!uri) return false;
    const script = await scriptOf(uri);
    const { result } = this.#stateOf(uri);
    if (script) {
      // A script that is started several times names the size of each process.
      const size = Math.max(1, Math.round(batchSize / (result?.backend.replicas ?? 1)));
      return applyToScript(script, this.documents, { batchSize: size, learningRate });
    }
    // As the size was measured: in microbatches where it does not fit whole.
    const trial = result && trialAt(result, batchSize);
    const gradientAccumulation = trial?.status === 'ok' ? trial.gradientAccumulation : undefined;
    const values = {
      batchSize,
      learningRate,
      ...(gradientAccumulation !== undefined && { gradientAccumulation }),
    };
    const isWritten = await applyValues(uri, values);
    if (!isWritten) this.#tellBroken();
    return isWritten;
  }

  async applyRecommendation(target?: unknown): Promise<void> {
    const uri = await chooseConfig(target, this.configs);
    if (!uri) return;
    const found = uri === 'none' ? null : this.#stateOf(uri).result?.recommendation;
    if (found && uri !== 'none') {
      await this.apply(found.batchSize, found.learningRate, uri);
    } else {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Nothing is recommended yet: run "Batchwise: Tune Batch Size" first.'),
      );
    }
  }

  async createConfig(): Promise<void> {
    const uri = await this.#makeConfig();
    if (uri) await this.tune(uri);
  }

  async exportResult(target?: unknown): Promise<void> {
    const uri = givenUri(target) ?? this.shown.state?.uri;
    const result = uri ? this.#stateOf(uri).result : null;
    if (!uri || !result) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('There is no result to export yet: run "Batchwise: Tune Batch Size" first.'),
      );
      return;
    }
    await exportResult(uri, result);
  }

  /** Lays an earlier sweep of a config over the one that the panel shows. */
  async compare(target?: unknown): Promise<void> {
    const uri = givenUri(target) ?? this.shown.state?.uri;
    if (!uri) return;
    const state = this.#stateOf(uri);
    const found = await pickSweep(state.file, state.events.reduce(reduceSweep, emptySweep));
    if (!found) return;
    await this.showResults(uri);
    this.shown.compareWith(found.events);
  }

  /** Lets a config stand for a source file: `sources` in the config, and its measurements there. */
  async linkSource(config: unknown, file: unknown): Promise<void> {
    const uri = givenUri(config);
    const source = givenUri(file);
    if (!uri || !source || (await linkSource(uri, source))) return;
    this.#tellBroken();
  }

  #tellBroken(): void {
    void vscode.window.showErrorMessage(
      vscode.l10n.t('The config is not valid JSON, so nothing was written. Fix it first.'),
    );
  }

  showLog(): Promise<void> {
    this.#options.log.show();
    return Promise.resolve();
  }

  manageTrust(): Promise<void> {
    return manageTrust();
  }

  /** Makes a config and asks whether to go on with it. */
  async #makeConfig(): Promise<vscode.Uri | null> {
    const uri = await createConfig();
    if (!uri) return null;
    this.shown.followActive(uri);
    const tune = vscode.l10n.t('Tune Batch Size');
    const next = await vscode.window.showInformationMessage(
      vscode.l10n.t('The config is ready. Tune now?'),
      tune,
    );
    return next ? uri : null;
  }
}
