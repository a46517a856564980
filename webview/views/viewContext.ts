import type { Format } from '../format';
import type { ShownSweep } from '../model/shownSweep';
import type { Action, ChartName, PanelAction, PanelState, Phase } from '../store';

/** What takes no input. */
export type SimpleAction = Exclude<
  PanelAction,
  'apply' | 'openProblem' | 'fixProblem' | 'saveChart' | 'copyChart'
>;

/**
 * How much of the page is there. It comes in parts, each of which takes a frame: first what is in
 * sight.
 */
export interface PageExtent {
  /** Charts, those of them with tools and legends, and rows of the table of trials, at most. */
  readonly cards: number;
  readonly details: number;
  readonly rows: number;
}

/** What every view is given. */
export interface ViewContext {
  readonly state: PanelState;
  readonly phase: Phase;
  readonly format: Format;
  readonly lossZoomed: boolean;
  readonly extent: PageExtent;
  dispatch(action: Action): void;
  /** Asks the host to do something. */
  ask(action: SimpleAction): void;
  /** Goes to a problem of the config by its number, or writes its fix. */
  openProblem(index: number): void;
  fixProblem(index: number): void;
  apply(batchSize: number, learningRate: number | null): void;
  /** Saves the picture of a chart, or puts it on the clipboard. */
  saveChart(name: ChartName): void;
  copyChart(name: ChartName): void;
  /** @see ChartBoard.zoomLoss */
  zoomLoss(factor: number | null): void;
}

/** The same, once there is a sweep to show. */
export interface SweepContext extends ViewContext, ShownSweep {
  /** The batch size that the marker stands on. */
  readonly chosen: number | null;
}
