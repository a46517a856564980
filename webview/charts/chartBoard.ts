import { createLossChart, type LossChartView } from './lossChart';
import { createMemoryChart, type MemoryChartInput } from './memoryChart';
import { createThroughputChart } from './throughputChart';
import { createTimeChart } from './timeChart';
import type { LossChartInput } from '../model/lossModel';
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
  /** Null until it is drawn for the first time. */
  view: ChartView<M> | null;
  /** Makes the chart, which `redraw` does otherwise; null when that is done. */
  make: (() => void) | null;
  /** Draws what has changed; null where nothing has. */
  redraw: (() => void) | null;
  isInView: boolean;
}

type MountedCharts = { [N in ChartName]: Mounted<BoardModel[N]> | null };

/**
 * Keeps one chart for each `canvas[data-chart]` on the page, and none for those that left it. Charts
 * are made one a frame once they come into view, and brought up to date while they are.
 */
export class ChartBoard {
  readonly #root: ParentNode;
  readonly #onSelect: (batchSize: number) => void;
  readonly #onLossZoom: (zoomed: boolean) => void;
  /** In the order in which they are made; the simplest is the first, as that one loads the library. */
  readonly #mounted: MountedCharts = {
    throughput: null,
    time: null,
    loss: null,
    memory: null,
  };
  readonly #sight: IntersectionObserver;
  #isAwaitingFrame = false;
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
    this.#sight = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const chart = this.#charts().find(({ canvas }) => canvas === target);
          if (chart) chart.isInView = isIntersecting;
        }
        this.#drawSoon();
      },
      { rootMargin: '50%' },
    );
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
    for (const { view, make, redraw, isInView } of this.#charts())
      if (view && !make && isInView) redraw?.();
    this.#drawSoon();
  }

  /** @param factor above 1 looks closer, below 1 from farther away; null shows everything again. */
  zoomLoss(factor: number | null): void {
    if (factor === null) this.#loss?.resetZoom();
    else this.#loss?.zoom(factor);
  }

  /** A chart on the background that it is shown on; null where it is not shown. */
  picture(name: ChartName, background: string): HTMLCanvasElement | null {
    const mounted = this.#mounted[name];
    if (!mounted) return null;
    mounted.redraw?.();
    mounted.view?.complete?.();
    const { canvas } = mounted;
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
      this.#sight.unobserve(mounted.canvas);
      mounted.view?.destroy();
      if (name === 'loss') this.#loss = null;
      mounted = null;
    }
    const isNew = canvas !== null && !mounted;
    if (canvas && !mounted) {
      mounted = { canvas, view: null, make: null, redraw: null, isInView: false };
      this.#sight.observe(canvas);
    }
    this.#mounted[name] = mounted as MountedCharts[N];
    if (!mounted || !(this.#hasChanged(name, model, look) || isNew)) return;
    const chart = mounted;
    chart.redraw = () => {
      [chart.make, chart.redraw] = [null, null];
      chart.view ??= create(chart.canvas);
      chart.view.update(model, look);
      chart.canvas.style.visibility = '';
    };
    if (chart.view) return;
    // Making one and filling it takes long enough for a frame each; unfilled it is not to be seen.
    chart.make = () => {
      chart.make = null;
      chart.canvas.style.visibility = 'hidden';
      chart.view ??= create(chart.canvas);
    };
  }

  #charts(): readonly Mounted<never>[] {
    return Object.values(this.#mounted).filter((chart) => chart !== null);
  }

  #drawSoon(): void {
    if (this.#isAwaitingFrame || !this.#next()) return;
    this.#isAwaitingFrame = true;
    requestAnimationFrame(() => {
      this.#isAwaitingFrame = false;
      const next = this.#next();
      const work = next?.make ?? next?.redraw;
      work?.();
      this.#drawSoon();
    });
  }

  #next(): Mounted<never> | undefined {
    return this.#charts().find(({ redraw, isInView }) => redraw && isInView);
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
