import type { SweepState } from '../../src/core/sweep/sweepState';
import type { Format } from '../format';
import type { SizeSummary } from '../model/trials';
import type { BoardModel } from '../charts/chartBoard';
import type { Action, ChartName, PanelAction, PanelState, Phase } from '../store';

/** What takes no input. */
export type SimpleAction = Exclude<
  PanelAction,
  'apply' | 'openProblem' | 'fixProblem' | 'saveChart' | 'copyChart'
>;

/** What every view is given. */
export interface ViewContext {
  readonly state: PanelState;
  readonly phase: Phase;
  readonly format: Format;
  /** CSS colours by batch size. */
  readonly colours: ReadonlyMap<number, string>;
  readonly lossZoomed: boolean;
  /** False until there was a first paint, which what is mostly out of sight does not delay. */
  readonly isWhole: boolean;
  /** Rows of the table of trials at most. */
  readonly rows: number;
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
export interface SweepContext extends ViewContext {
  readonly sweep: SweepState;
  readonly summaries: readonly SizeSummary[];
  readonly models: BoardModel;
  /** The batch size that the marker stands on. */
  readonly chosen: number | null;
}
