import type { SweepEvent } from '../src/core/sweep/sweepEvent';
import { emptySweep, reduceSweep, type SweepState } from '../src/core/sweep/sweepState';
import type { RenderedText } from '../src/core/sweep/result';
import type { ConfigTrouble, Snapshot, Starting } from '../src/protocol/panel';

/** What the x axis of the loss chart counts. */
export const lossAxes = ['samples', 'iterations', 'seconds'] as const;
export type LossAxis = (typeof lossAxes)[number];

export const chartNames = ['time', 'loss', 'throughput', 'memory'] as const;
export type ChartName = (typeof chartNames)[number];

export const memoryParts = ['data', 'parameters', 'optimizer', 'gradients', 'activations'] as const;
export type MemoryPart = (typeof memoryParts)[number];

/** What a person asked the host to do and has not been answered. */
export type PanelAction =
  | 'tune'
  | 'cancel'
  | 'resume'
  | 'apply'
  | 'openConfig'
  | 'createConfig'
  | 'manageTrust'
  | 'showLog'
  | 'exportResult'
  | 'openProblem'
  | 'fixProblem'
  | 'saveChart'
  | 'copyChart'
  | 'compare'
  | 'stopComparing';

/** What a person chose in the panel; it survives hiding and reloading (`setState`). */
export interface UiState {
  readonly lossAxis: LossAxis;
  /** Batch sizes left out of the loss chart. */
  readonly hidden: readonly number[];
  readonly hiddenParts: readonly MemoryPart[];
  /** The batch size picked by the person; null follows the recommendation. */
  readonly selected: number | null;
  /** Charts shown as tables. */
  readonly asTable: readonly ChartName[];
}

export interface PanelState {
  /** False until the host has answered. */
  readonly ready: boolean;
  readonly config: string | null;
  readonly configUri: string | null;
  readonly trusted: boolean;
  readonly interrupted: boolean;
  /** A sweep was asked for and has no events yet. */
  readonly starting: Starting;
  readonly waitingFor: string | null;
  /** What the config says now. */
  readonly batchSize: number | null;
  readonly learningRate: number | null;
  /** Null when nothing was ever tuned. */
  readonly sweep: SweepState | null;
  /** An earlier sweep that is laid over this one. */
  readonly compared: SweepState | null;
  /** Files of the config that were written after the sweep had ended. */
  readonly changedFiles: readonly string[];
  /** What keeps the config from being tuned. */
  readonly problems: readonly ConfigTrouble[];
  /** What a finished sweep says beside its reasons, such as why it recommends nothing. */
  readonly notes: readonly RenderedText[];
  readonly ui: UiState;
  /** The batch size pointed at now, in a chip or a row. */
  readonly highlighted: number | null;
  readonly pending: PanelAction | null;
  /** Why the last action was refused. */
  readonly refusal: string | null;
}

export const initialUi: UiState = {
  lossAxis: 'samples',
  hidden: [],
  hiddenParts: [],
  selected: null,
  asTable: [],
};

export const initialState: PanelState = {
  ready: false,
  config: null,
  configUri: null,
  trusted: true,
  interrupted: false,
  starting: 'no',
  waitingFor: null,
  batchSize: null,
  learningRate: null,
  sweep: null,
  compared: null,
  problems: [],
  changedFiles: [],
  notes: [],
  ui: initialUi,
  highlighted: null,
  pending: null,
  refusal: null,
};

export type Action =
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'sweepEvents'; readonly events: readonly SweepEvent[] }
  | {
      readonly type: 'configured';
      readonly batchSize: number | null;
      readonly learningRate: number | null;
    }
  | { readonly type: 'problems'; readonly problems: readonly ConfigTrouble[] }
  | { readonly type: 'changedFiles'; readonly changedFiles: readonly string[] }
  | { readonly type: 'lossAxisChosen'; readonly axis: LossAxis }
  | { readonly type: 'sizeToggled'; readonly batchSize: number }
  | { readonly type: 'partToggled'; readonly part: MemoryPart }
  | { readonly type: 'tableToggled'; readonly chart: ChartName }
  | { readonly type: 'selected'; readonly batchSize: number | null }
  | { readonly type: 'highlighted'; readonly batchSize: number | null }
  | { readonly type: 'asked'; readonly action: PanelAction }
  | { readonly type: 'answered' }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'refusalDismissed' };

/** The panel's state after one more message or click. Pure. */
export function reduce(state: PanelState, action: Action): PanelState {
  switch (action.type) {
    case 'snapshot':
      return withSnapshot(state, action.snapshot);
    case 'sweepEvents':
      return withEvents(state, action.events);
    case 'configured':
      return { ...state, batchSize: action.batchSize, learningRate: action.learningRate };
    case 'problems':
      return { ...state, problems: action.problems };
    case 'changedFiles':
      return { ...state, changedFiles: action.changedFiles };
    case 'lossAxisChosen':
      return withUi(state, { lossAxis: action.axis });
    case 'sizeToggled':
      return withUi(state, { hidden: toggled(state.ui.hidden, action.batchSize) });
    case 'partToggled':
      return withUi(state, { hiddenParts: toggled(state.ui.hiddenParts, action.part) });
    case 'tableToggled':
      return withUi(state, { asTable: toggled(state.ui.asTable, action.chart) });
    case 'selected':
      return withUi(state, {
        selected:
          action.batchSize === state.sweep?.recommendation?.batchSize ? null : action.batchSize,
      });
    case 'highlighted':
      return { ...state, highlighted: action.batchSize };
    case 'asked':
      return { ...state, pending: action.action, refusal: null };
    case 'answered':
      return { ...state, pending: null };
    case 'refused':
      return { ...state, pending: null, refusal: action.message };
    case 'refusalDismissed':
      return { ...state, refusal: null };
  }
}

function withSnapshot(state: PanelState, snapshot: Snapshot): PanelState {
  const sweep = snapshot.events.length ? snapshot.events.reduce(reduceSweep, emptySweep) : null;
  // The choices of one sweep say nothing about another one.
  const sameSweep = !state.ready || sweep?.started?.sweepId === state.sweep?.started?.sweepId;
  return {
    ...state,
    ready: true,
    config: snapshot.config,
    configUri: snapshot.configUri,
    trusted: snapshot.trusted,
    interrupted: snapshot.interrupted,
    starting: snapshot.starting,
    waitingFor: snapshot.waitingFor ?? null,
    batchSize: snapshot.batchSize,
    learningRate: snapshot.learningRate,
    sweep,
    compared: snapshot.compared.length ? snapshot.compared.reduce(reduceSweep, emptySweep) : null,
    problems: snapshot.problems,
    changedFiles: snapshot.changedFiles,
    notes: notesOf(snapshot.events),
    ui: sameSweep ? state.ui : { ...state.ui, hidden: [], selected: null },
  };
}

function withEvents(state: PanelState, events: readonly SweepEvent[]): PanelState {
  const begins = events.some(({ type }) => type === 'started');
  return {
    ...state,
    // A process that writes events is alive.
    interrupted: events.length ? false : state.interrupted,
    starting: events.length ? 'no' : state.starting,
    sweep: events.length ? events.reduce(reduceSweep, state.sweep ?? emptySweep) : state.sweep,
    changedFiles: events.length ? [] : state.changedFiles,
    notes: begins ? notesOf(events) : [...state.notes, ...notesOf(events)],
    ui: begins ? { ...state.ui, hidden: [], selected: null } : state.ui,
  };
}

function notesOf(events: readonly SweepEvent[]): readonly RenderedText[] {
  const last = events.at(-1);
  return last?.type === 'finished' ? (last.result.notes ?? []) : [];
}

function withUi(state: PanelState, change: Partial<UiState>): PanelState {
  return { ...state, ui: { ...state.ui, ...change } };
}

function toggled<T>(list: readonly T[], item: T): readonly T[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
}

/** Which of the panel's designed states to show. */
export type Phase =
  | 'loading'
  | 'noConfig'
  | 'noSweep'
  | 'invalid'
  | 'waiting'
  | 'running'
  | 'done'
  | 'failed'
  | 'cancelled'
  | 'interrupted';

export function phaseOf(state: PanelState): Phase {
  if (!state.ready) return 'loading';
  if (state.starting !== 'no') return state.starting === 'waiting' ? 'waiting' : 'running';
  if (state.sweep === null && state.problems.length > 0) return 'invalid';
  if (state.sweep === null) return state.config === null ? 'noConfig' : 'noSweep';
  if (state.interrupted && state.sweep.status === 'running') return 'interrupted';
  return state.sweep.status;
}
