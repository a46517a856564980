import type { Event } from 'vscode';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { ConfigTrouble, Snapshot } from '../../protocol/panel';

/** What changed since the last snapshot or change. */
export type PanelChange =
  /** Anything may be different: another config, another sweep, trust given, an interruption. */
  | { readonly type: 'snapshot' }
  /** The sweep shown went on; `started` begins a new one. In order, each exactly once. */
  | { readonly type: 'sweepEvents'; readonly events: readonly SweepEvent[] }
  | { readonly type: 'problems'; readonly problems: readonly ConfigTrouble[] }
  | { readonly type: 'changedFiles'; readonly changedFiles: readonly string[] }
  /** The config's own batch size or learning rate was edited. */
  | {
      readonly type: 'configured';
      readonly batchSize: number | null;
      readonly learningRate: number | null;
    };

/**
 * All the panel knows of the rest of the extension; the composition root gives it. The panel
 * itself has no logic: it carries snapshots, changes and these actions over the webview channel.
 * An action resolves once it is under way or done; a rejection's message is shown to the person.
 */
export interface PanelModel {
  snapshot(): Snapshot;
  readonly onDidChange: Event<PanelChange>;
  /** Shows this config (`configUri` of an earlier snapshot) if it still exists: after a reload. */
  selectConfig(configUri: string): void;

  /** Starts a sweep of the config shown; asks to wait when another sweep holds the machine. */
  tune(): Promise<void>;
  cancel(): Promise<void>;
  /** Goes on with an interrupted sweep. */
  resume(): Promise<void>;
  /** Writes a batch size into the config, and the learning rate where one is given. */
  apply(batchSize: number, learningRate: number | null): Promise<void>;
  openConfig(): Promise<void>;
  createConfig(): Promise<void>;
  manageTrust(): Promise<void>;
  showLog(): Promise<void>;
  exportResult(): Promise<void>;
  /** Lets the person pick an earlier sweep to lay over the one shown. */
  compare(): Promise<void>;
  stopComparing(): Promise<void>;
  /** Saves a picture (PNG) where the person chooses. */
  saveChart(name: string, png: Uint8Array): Promise<void>;
  /** Shows the place of one of the snapshot's problems, or writes its fix there. */
  openProblem(index: number): Promise<void>;
  fixProblem(index: number): Promise<void>;
}
