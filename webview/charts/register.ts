import {
  BarController,
  BarElement,
  CategoryScale,
  Chart as ChartJs,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
  type ChartType,
  type DefaultDataPoint,
} from 'chart.js';
import annotation from 'chartjs-plugin-annotation';

export { default as zoom } from 'chartjs-plugin-zoom';

ChartJs.register(
  BarController,
  BarElement,
  CategoryScale,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
  annotation,
);

/**
 * A chart that can be made, filled and drawn in a frame each: Chart.js lays one out and draws it as it
 * is made, empty as it is, and draws it with each update.
 */
export class Chart<
  T extends ChartType = ChartType,
  D = DefaultDataPoint<T>,
  L = unknown,
> extends ChartJs<T, D, L> {
  /** Is not there yet while Chart.js makes the chart. */
  readonly #isMade = true;
  /** Of the data sets in an update; null where it is drawn, with all of them. */
  #share: number | null = null;

  /** Takes a change in, but draws nothing, and no more than this share of the data sets. */
  fill(share: number, change: () => void): void {
    this.#share = share;
    change();
    this.#share = null;
  }

  /** An update takes in another share of the data, also where nothing else has changed. */
  get isFilling(): boolean {
    return this.#share !== null;
  }

  override update(mode?: Parameters<ChartJs['update']>[0]): void {
    if (!(#isMade in this)) return;
    const { datasets } = this.data;
    if (this.#share !== null)
      this.data.datasets = datasets.slice(0, Math.floor(this.#share * datasets.length));
    super.update(mode);
    this.data.datasets = datasets;
  }

  override render(): void {
    if (this.#share === null) super.render();
  }
}
