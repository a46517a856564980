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
  type Plugin,
} from 'chart.js';
import annotation from 'chartjs-plugin-annotation';

export { default as zoom } from 'chartjs-plugin-zoom';

/** What there is to show, then the axes, then half of the data sets, then the others. */
export type FillPart = 'elements' | 'axes' | 'half' | 'rest';

/** Takes in no more than the part that a chart is being filled with. */
const inParts: Plugin = {
  id: 'inParts',
  beforeLayout: (chart) => !(chart instanceof Chart && chart.leavesAxes),
  beforeDatasetUpdate: (chart, { index }) => !(chart instanceof Chart && chart.leaves(index)),
};

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
  inParts,
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
  /** What an update takes in; null for everything, which is drawn then. */
  #part: FillPart | null = null;

  /** Takes a part of a change in, but draws nothing. */
  fill(part: FillPart, change: () => void): void {
    const { width, height } = this;
    // Annotations ask where the plot is, also before axes have left it its place.
    if (part === 'elements') {
      const chartArea = { left: 0, top: 0, right: width, bottom: height, width, height };
      Object.assign(this, { chartArea });
    }
    this.#part = part;
    change();
    this.#part = null;
  }

  /** An update takes in another part, also where nothing else has changed. */
  get isFilling(): boolean {
    return this.#part !== null;
  }

  get leavesAxes(): boolean {
    return this.#part !== null && this.#part !== 'axes';
  }

  /** Whether an update leaves this data set as it is. */
  leaves(dataset: number): boolean {
    const isFirstHalf = dataset < this.data.datasets.length / 2;
    return this.#part !== null && this.#part !== (isFirstHalf ? 'half' : 'rest');
  }

  override update(mode?: Parameters<ChartJs['update']>[0]): void {
    if (#isMade in this) super.update(mode);
  }

  override render(): void {
    if (this.#part === null) super.render();
  }
}
