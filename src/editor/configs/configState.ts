import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { SweepResult } from '../../core/sweep/result';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { Starting } from '../../protocol/panel';
import { latestResultFile, readLatestResult, runFolder } from '../../tuner/history/runLog';
import { SweepFollower } from '../../tuner/history/sweepFollower';
import { outlineConfig, type ConfigOutline } from './configDocument';
import { rootOf } from './configFiles';
import type { Samples } from '../explain/explanation';
import { outlineData, type DataOutline } from './sampleCount';

/** What happened to the sweep of a config since it was last looked at. */
type SweepChange =
  { readonly type: 'replaced' } | { readonly type: 'appended'; readonly events: SweepEvent[] };

const settleMs = 150;

/**
 * All the editor knows of one config beyond its text: its newest sweep and latest result, which it
 * reads from `.batchwise/` and follows there, so that a sweep run in a terminal shows too.
 */
export class ConfigState implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<SweepChange>();
  readonly onDidChange = this.#changed.event;
  readonly #watchers: vscode.Disposable[] = [];
  readonly #log: SweepFollower;
  #events: SweepEvent[] = [];
  #interrupted = false;
  #starting: Starting = 'no';
  #result: SweepResult | null = null;
  /** Of the file that the result was read from; undefined where it came from elsewhere. */
  #resultStamp: string | null | undefined;
  #timer: NodeJS.Timeout | null = null;
  /** A sweep that runs in this window delivers its events itself. */
  #own = false;
  #delivered = false;
  #counted: { readonly key: string; readonly data: Promise<DataOutline | null> } | null = null;

  constructor(readonly uri: vscode.Uri) {
    this.#log = new SweepFollower(uri.fsPath);
    if (uri.scheme !== 'file') return; // not saved yet: there is nothing beside it
    this.#read();
    const base = vscode.Uri.file(path.dirname(uri.fsPath));
    const name = path.basename(runFolder(uri.fsPath));
    const pattern = new vscode.RelativePattern(base, `.batchwise/${name}/*.{json,jsonl}`);
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const later = () => {
      this.#readLater();
    };
    this.#watchers.push(
      watcher,
      watcher.onDidCreate(later),
      watcher.onDidChange(later),
      watcher.onDidDelete(later),
    );
  }

  get file(): string {
    return this.uri.fsPath;
  }
  /** Events of the newest sweep, running or not; empty when it was never tuned. */
  get events(): readonly SweepEvent[] {
    return this.#events;
  }
  get interrupted(): boolean {
    return this.#interrupted;
  }
  /** Its newest sweep was cut off or cancelled: what it measured can be continued from. */
  get resumable(): boolean {
    return this.#interrupted || this.#events.at(-1)?.type === 'cancelled';
  }
  /** A sweep of this window has begun and delivered no event yet. */
  get starting(): Starting {
    return this.#starting;
  }
  /** The last finished sweep. */
  get result(): SweepResult | null {
    return this.#result;
  }

  /**
   * A sweep of this window begins: its events come by `append`, not from the disk. One that goes on
   * with the last leaves that in sight until it has events of its own.
   */
  beginOwn(goesOn: boolean): void {
    this.#own = true;
    this.#interrupted = false;
    this.#starting = 'preparing';
    this.#delivered = false;
    if (!goesOn) this.#events = [];
    this.#changed.fire({ type: 'replaced' });
  }

  /** It waits for another sweep on this machine to end. */
  waitOwn(): void {
    this.#starting = 'waiting';
    this.#changed.fire({ type: 'replaced' });
  }

  append(event: SweepEvent): void {
    this.#starting = 'no';
    this.#delivered = true;
    if (event.type === 'started') this.#events = [];
    // In place: a copy at each event would make a long sweep slow.
    this.#events.push(event);
    if (event.type === 'finished') {
      this.#result = event.result;
      this.#resultStamp = undefined;
    }
    this.#changed.fire({ type: 'appended', events: [event] });
  }

  /**
   * Its events stay as they are until the disk has others: a sweep that failed before it trained
   * has no log. One without any event leaves what was there before.
   */
  endOwn(): void {
    this.#own = false;
    this.#starting = 'no';
    if (this.#delivered) return;
    this.#read();
    this.#changed.fire({ type: 'replaced' });
  }

  /** The config's document where it is open. */
  get document(): vscode.TextDocument | null {
    const key = this.uri.toString();
    return (
      vscode.workspace.textDocuments.find(
        ({ uri, isClosed }) => !isClosed && uri.toString() === key,
      ) ?? null
    );
  }

  /** The config's text as edited where it is open, else as saved; null where it cannot be read. */
  text(): string | null {
    const open = this.document;
    if (open) return open.getText();
    try {
      return readFileSync(this.file, 'utf8');
    } catch {
      return null;
    }
  }

  outline(): ConfigOutline {
    return outlineConfig(this.text() ?? '');
  }

  /** Training samples: as the latest sweep counted them, else from the data's headers. */
  async samples(outline: ConfigOutline): Promise<Samples | null> {
    if (this.#result) return { count: this.#result.dataset.samples, source: 'measured' };
    const data = await this.data(outline);
    return data && { count: data.samples, source: 'counted' };
  }

  /** The same for all sizes of the data. */
  async data(outline: ConfigOutline): Promise<DataOutline | null> {
    if (this.#result) return this.#result.dataset;
    const data = (outline.value as { data?: unknown } | null | undefined)?.data;
    const key = JSON.stringify(data) + (rootOf(this.uri) ?? '');
    if (this.#counted?.key !== key) {
      this.#counted = { key, data: outlineData(outline.value, this.file) };
    }
    return this.#counted.data;
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.dispose();
    this.#changed.dispose();
  }

  #readLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#own) return;
      const before = this.#events.length;
      const wasInterrupted = this.#interrupted;
      const appended = this.#read();
      const more = appended === null && before + this.#events.length > 0 ? null : (appended ?? []);
      if (more === null || wasInterrupted !== this.#interrupted) {
        this.#changed.fire({ type: 'replaced' });
      } else if (more.length > 0) {
        this.#changed.fire({ type: 'appended', events: [...more] });
      }
    }, settleMs);
  }

  /** What the sweep on disk has beyond what was known of it; null when it is another one. */
  #read(): readonly SweepEvent[] | null {
    const newest = this.#log.read();
    const own = this.#sweepId();
    const logged = newest?.events.find((event) => event.type === 'started')?.sweepId;
    const known = this.#events.length;
    this.#events = [...(newest?.events ?? [])];
    this.#interrupted = newest?.interrupted ?? false;
    this.#readResult();
    this.#counted = null;
    if (newest === null || own !== logged || this.#events.length < known) return null;
    return this.#events.slice(known);
  }

  /** A sweep in a terminal changes its log all the time, and its result once. */
  #readResult(): void {
    const stamp = stampOf(latestResultFile(this.file));
    if (stamp === this.#resultStamp) return;
    this.#resultStamp = stamp;
    this.#result = stamp === null ? null : readLatestResult(this.file);
  }

  #sweepId(): string | undefined {
    return this.#events.find((event) => event.type === 'started')?.sweepId;
  }
}

/** Changes whenever a file is replaced; null where there is none. */
function stampOf(file: string): string | null {
  try {
    const { ino, mtimeMs, size } = statSync(file);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return null;
  }
}
