import { createLossChart, type LossChartInput, type LossChartView } from './lossChart';
import { createMemoryChart, type MemoryChartInput } from './memoryChart';
import { createThroughputChart } from './throughputChart';
import { createTimeChart } from './timeChart';
import type { ThroughputModel } from '../model/sizeModels';
import type { TimeModel } from '../model/timeModel';
import type { ChartName } from '../store';
import type { ChartView, Look } from './chartView';

export interface BoardModel {
  readonly time: TimeModel;
  readonly loss: LossChartInput;
  readonly throughput: ThroughputModel;
  readonly memory: MemoryChartInput;
}

interface Mounted<M> {
  readonly canvas: HTMLCanvasElement;
  readonly view: ChartView<M>;
}

type MountedCharts = { [N in ChartName]: Mounted<BoardModel[N]> | null };

/** Keeps one chart for each `canvas[data-chart]` on the page, and none for those that left it. */
export class ChartBoard {
  readonly #root: ParentNode;
  readonly #onSelect: (batchSize: number) => void;
  readonly #onLossZoom: (zoomed: boolean) => void;
  readonly #mounted: MountedCharts = {
    time: null,
    loss: null,
    throughput: null,
    memory: null,
  };
  #loss: LossChartView | null = null;
  readonly #drawn: Partial<Record<ChartName, Pick<Look, 'theme' | 'format'> & { key: string }>> =
    {};

  constructor(
    root: ParentNode,
    onSelect: (batchSize: number) => void,
    onLossZoom: (zoomed: boolean) => void,
  ) {
    this.#root = root;
    this.#onSelect = onSelect;
    this.#onLossZoom = onLossZoom;
  }

  update(model: BoardModel, look: Look): void {
    this.#show('time', model.time, look, (canvas) => createTimeChart(canvas, look, this.#onSelect));
    this.#show('loss', model.loss, look, (canvas) => {
      this.#loss = createLossChart(canvas, look, this.#onLossZoom);
      return this.#loss;
    });
    this.#show('throughput', model.throughput, look, (canvas) =>
      createThroughputChart(canvas, look, this.#onSelect),
    );
    this.#show('memory', model.memory, look, (canvas) =>
      createMemoryChart(canvas, look, this.#onSelect),
    );
  }

  /** @param factor above 1 looks closer, below 1 from farther away; null shows everything again. */
  zoomLoss(factor: number | null): void {
    if (factor === null) this.#loss?.resetZoom();
    else this.#loss?.zoom(factor);
  }

  /** A chart on the background that it is shown on; null where it is not shown. */
  picture(name: ChartName, background: string): HTMLCanvasElement | null {
    const canvas = this.#mounted[name]?.canvas;
    if (!canvas) return null;
    const copy = canvas.ownerDocument.createElement('canvas');
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext('2d');
    if (!context) return null;
    context.fillStyle = background;
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    return copy;
  }

  #show<N extends ChartName>(
    name: N,
    model: BoardModel[N],
    look: Look,
    create: (canvas: HTMLCanvasElement) => ChartView<BoardModel[N]>,
  ): void {
    const canvas = this.#root.querySelector<HTMLCanvasElement>(`canvas[data-chart="${name}"]`);
    let mounted: Mounted<BoardModel[N]> | null = this.#mounted[name];
    if (mounted && mounted.canvas !== canvas) {
      mounted.view.destroy();
      if (name === 'loss') this.#loss = null;
      mounted = null;
    }
    const isNew = canvas !== null && !mounted;
    if (canvas && !mounted) mounted = { canvas, view: create(canvas) };
    this.#mounted[name] = mounted as MountedCharts[N];
    if (mounted && (this.#hasChanged(name, model, look) || isNew)) mounted.view.update(model, look);
  }

  /**
   * Whether a chart would look different now. Most events of a sweep are points of a loss curve, which
   * change no other chart; its own points are too many to compare.
   */
  #hasChanged(name: ChartName, model: BoardModel[ChartName], look: Look): boolean {
    if (name === 'loss') return true;
    const { theme, format, colours, highlighted, chosen, recommended } = look;
    const key = JSON.stringify([model, [...colours], highlighted, chosen, recommended]);
    const before = this.#drawn[name];
    this.#drawn[name] = { key, theme, format };
    return before?.key !== key || before.theme !== theme || before.format !== format;
  }
}
