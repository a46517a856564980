import * as vscode from 'vscode';
import { valueAt } from '../config/jsonText';
import { formatCount } from '../core/text/format';
import { withPosition } from '../config/parseConfig';
import { parseMemoryMargin } from '../config/memoryMargin';
import { readConfig, type CheckedConfig } from '../config/readConfig';
import { parseDuration } from '../config/units';
import { problem, render, type Text } from '../core/text/problem';
import { backendNames, type BackendName, type SweepResult } from '../core/sweep/result';
import type { SweepEvent } from '../core/sweep/sweepEvent';
import { timeLeftText } from '../core/sweep/timeLeft';
import type { SweepOptions, SweepOutcome as TunerOutcome } from '../tuner/sweepOptions';
import { rootOf } from './configs/configFiles';
import type { ConfigState } from './configs/configState';
import { pythonOfEditor } from './createConfig/pythonConfig';
import { tellFailure } from './tellFailure';
import { offerTrust, tellUnexpected } from './notify';
import { textSetting } from './settings';
import { describeItem } from './statusItem';
import { language, tell, tellProblem, tellText } from './translate';

/** The tuner, loaded when the first sweep starts. */
export type RunSweep = (options: SweepOptions) => Promise<TunerOutcome>;

interface SessionOptions {
  readonly runSweep: RunSweep;
  readonly workerFile: string;
  readonly log: vscode.LogOutputChannel;
}

export type SweepOutcome =
  /** `shownAgain`: nothing had changed, so that the last result stands; the note says so. */
  | { readonly kind: 'done'; readonly result: SweepResult; readonly shownAgain: Text | null }
  | { readonly kind: 'cancelled' | 'failed' | 'refused' };

/** What of earlier sweeps may stand: their result, their finished trials, or nothing. */
export type Keeping = 'result' | 'trials' | 'nothing';

interface Running {
  readonly state: ConfigState;
  readonly abort: AbortController;
  readonly ended: Promise<SweepOutcome>;
}

/** Runs sweeps in this window, one at a time, with their progress. */
export class SweepSession implements vscode.Disposable {
  readonly #options: SessionOptions;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<void>();
  /** A sweep began or ended. */
  readonly onDidChange = this.#changed.event;
  #running: Running | null = null;
  #waitingFor: string | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  /** The config being tuned in this window. */
  get tuning(): ConfigState | null {
    return this.#running?.state ?? null;
  }

  /** Whose sweep this one waits for; null when it does not wait. */
  get waitingFor(): string | null {
    return this.#waitingFor;
  }

  /**
   * Tunes a config; resolves when the sweep has ended. Problems are shown here.
   * @param signal cancels it, as the person can
   */
  async tune(
    state: ConfigState,
    keeping: Keeping = 'result',
    signal?: AbortSignal,
  ): Promise<SweepOutcome> {
    if (!vscode.workspace.isTrusted) {
      void offerTrust();
      return { kind: 'refused' };
    }
    if (this.#running) return this.#alreadyRunning(this.#running);
    const abort = new AbortController();
    const cancel = () => {
      abort.abort();
    };
    if (signal?.aborted) return { kind: 'cancelled' };
    signal?.addEventListener('abort', cancel);
    const ended = this.#usable(state).then((config) =>
      config ? this.#run(state, config, abort, keeping) : { kind: 'refused' as const },
    );
    this.#running = { state, abort, ended };
    await this.#announce();
    try {
      return await ended;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#running = null;
      await this.#announce();
    }
  }

  /** Ends the running sweep and waits until it is over. */
  async cancel(): Promise<void> {
    const running = this.#running;
    running?.abort.abort();
    await running?.ended;
  }

  dispose(): void {
    // The training process ends with this one; the log has no end, so it can be resumed.
    this.#changed.dispose();
  }

  async #announce(): Promise<void> {
    this.#changed.fire();
    await vscode.commands.executeCommand('setContext', 'batchwise.tuning', this.#running !== null);
  }

  #alreadyRunning({ state }: Running): SweepOutcome {
    const cancel = vscode.l10n.t('Cancel Tuning');
    const config = vscode.workspace.asRelativePath(state.uri);
    void vscode.window
      .showInformationMessage(vscode.l10n.t('{config} is already being tuned.', { config }), cancel)
      .then((chosen) => (chosen ? this.cancel() : undefined));
    return { kind: 'refused' };
  }

  /** Saves the config and checks it, so that problems are shown with their place. */
  async #usable(state: ConfigState): Promise<CheckedConfig | null> {
    const { document } = state;
    if (document?.isDirty && !(await document.save())) return null;
    const checked = await readConfig(state.file, rootOf(state.uri));
    if (checked.ok) return checked;
    const [first] = checked.problems;
    if (first) void tellFailure(first, this.#log);
    return null;
  }

  #run(
    state: ConfigState,
    config: CheckedConfig,
    abort: AbortController,
    keeping: Keeping,
  ): Promise<SweepOutcome> {
    const label = vscode.workspace.asRelativePath(state.uri);
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Tuning {config}', { config: label }),
      cancellable: true,
    };
    const work = async (progress: Progress, token: vscode.CancellationToken) => {
      token.onCancellationRequested(() => {
        abort.abort();
      });
      const shown = new ShownProgress(state.uri, progress);
      let shownAgain: Text | null = null;
      state.beginOwn(keeping === 'trials');
      try {
        const outcome = await this.#options.runSweep({
          ...this.#settings(state, config, await pythonOfEditor(state.uri)),
          resume: keeping === 'trials',
          reuse: keeping === 'result',
          signal: abort.signal,
          onEvent: (event) => {
            this.#waitingFor = null;
            state.append(event);
            shown.follow(event);
          },
          onBusy: (owner) => {
            this.#waitingFor = owner;
            shown.say(tellProblem(problem('sweepWaiting', { owner })));
            state.waitOwn();
            return true;
          },
          onNote: (note) => {
            if (note.id === 'resultReused') shownAgain = note;
            this.#log.info(render(note));
          },
        });
        return this.#told(outcome, config, abort.signal, shownAgain);
      } catch (error) {
        void tellUnexpected(error, this.#log);
        return { kind: 'failed' as const };
      } finally {
        this.#waitingFor = null;
        state.endOwn();
        shown.dispose();
      }
    };
    return Promise.resolve(vscode.window.withProgress(options, work));
  }

  /** The config with the person's settings where it leaves the choice to them. */
  #settings(state: ConfigState, { config, file, root }: CheckedConfig, interpreter: string | null) {
    const settings = vscode.workspace.getConfiguration('batchwise', state.uri);
    const chosen = (key: string): unknown => {
      const found = settings.inspect<unknown>(key);
      return found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
    };
    const written = state.outline().value;
    const budget = valueAt(written, ['tuning', 'budget']) ? undefined : chosen('defaultBudget');
    const backend = valueAt(written, ['backend']) ? undefined : chosen('defaultBackend');
    return {
      config,
      configFile: file,
      root,
      budgetSeconds: typeof budget === 'string' ? (parseDuration(budget) ?? undefined) : undefined,
      backend: isBackend(backend) ? backend : undefined,
      memoryMargin: parseMemoryMargin(settings.get<string>('memoryMargin', '')),
      trainer: {
        workerFile: this.#options.workerFile,
        python: { interpreter },
        nodePath: textSetting('nodePath'),
        log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => {
          this.#log[level](message);
        },
      },
    };
  }

  #told(
    outcome: TunerOutcome,
    { text, file }: CheckedConfig,
    signal: AbortSignal,
    shownAgain: Text | null,
  ): SweepOutcome {
    if (outcome.status === 'done') return { kind: 'done', result: outcome.result, shownAgain };
    if (outcome.status === 'cancelled' || signal.aborted) return { kind: 'cancelled' };
    void tellFailure(withPosition(outcome.problem, text, file), this.#log);
    return { kind: 'failed' };
  }
}

function isBackend(value: unknown): value is BackendName | 'auto' {
  return value === 'auto' || backendNames.some((name) => name === value);
}

type Progress = vscode.Progress<{ message?: string; increment?: number }>;

/** A sweep's progress in its notification and in the status bar: what is done, and the time left. */
class ShownProgress implements vscode.Disposable {
  readonly #progress: Progress;
  readonly #item = vscode.window.createStatusBarItem(
    'batchwise.tuning',
    vscode.StatusBarAlignment.Left,
  );
  #percent = 0;

  constructor(config: vscode.Uri, progress: Progress) {
    this.#progress = progress;
    this.#item.name = 'Batchwise';
    this.#item.command = {
      title: '',
      command: 'batchwise.showResults',
      arguments: [config.toString()],
    };
    this.#item.text = '$(sync~spin) Batchwise';
    const label = vscode.workspace.asRelativePath(config);
    describeItem(
      this.#item,
      vscode.l10n.t('Tuning {config}: show the results so far', { config: label }),
    );
    this.#item.show();
  }

  follow(event: SweepEvent): void {
    if (event.type !== 'progress') return;
    const percent = Math.round(event.fraction * 100);
    const left = timeLeftText(event, language.tag);
    this.#item.text = `$(sync~spin) Batchwise ${formatCount(percent, language.tag)}%`;
    const message = [tellText(event.text), ...(left ? [tell(left)] : [])].join(' · ');
    this.say(message, Math.max(0, percent - this.#percent));
    this.#percent = Math.max(this.#percent, percent);
  }

  say(message: string, increment?: number): void {
    this.#progress.report({ message, ...(increment !== undefined && { increment }) });
    describeItem(this.#item, message);
  }

  dispose(): void {
    this.#item.dispose();
  }
}
