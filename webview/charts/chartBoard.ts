import { createLossChart, type LossChartView } from './lossChart';
import { createMemoryChart } from './memoryChart';
import { createThroughputChart } from './throughputChart';
import { createTimeChart } from './timeChart';
import type { ChartModels } from '../model/shownSweep';
import type { ChartName } from '../store';
import type { ChartView, Look } from './chartView';
import { MountedChart } from './mountedChart';

type MountedCharts = { [N in ChartName]: MountedChart<ChartModels[N]> | null };
/** A chart of whatever model. */
type AnyChart = Pick<MountedChart<unknown>, 'canvas' | 'isInView' | 'isDue' | 'step'>;

/** What charts may take of a frame, besides what the last of them needs. */
const msAFrame = 6;

/**
 * Keeps one chart for each `canvas[data-chart]` on the page, and none for those that left it. Charts
 * are made once they come into view, in as many frames as that takes, and brought up to date while
 * they are.
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
  readonly #given: Partial<Record<ChartName, Given>> = {};

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

  /** Draws in the next frames: this one may have the page to lay out. */
  update(model: ChartModels, look: Look): void {
    this.#show('time', model.time, look, (canvas, made) =>
      createTimeChart(canvas, made, this.#onSelect),
    );
    this.#show('loss', model.loss, look, (canvas, made) => {
      this.#loss = createLossChart(canvas, made, this.#onLossZoom, () => {
        this.#mounted.loss?.goOn();
        this.#drawSoon();
      });
      return this.#loss;
    });
    this.#show('throughput', model.throughput, look, (canvas, made) =>
      createThroughputChart(canvas, made, this.#onSelect),
    );
    this.#show('memory', model.memory, look, (canvas, made) =>
      createMemoryChart(canvas, made, this.#onSelect),
    );
    this.#drawSoon();
  }

  /** What of an update there is time for, without waiting for the next frame. */
  drawNow(): void {
    this.#work();
  }

  /** Whether a chart in sight does not show yet what it was given. */
  get isBusy(): boolean {
    return this.#next() !== undefined;
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
    mounted.complete();
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
    model: ChartModels[N],
    look: Look,
    create: (canvas: HTMLCanvasElement, look: Look) => ChartView<ChartModels[N]>,
  ): void {
    const canvas = this.#root.querySelector<HTMLCanvasElement>(`canvas[data-chart="${name}"]`);
    const hasChanged = this.#hasChanged(name, model, look);
    const mounted: MountedChart<ChartModels[N]> | null = this.#mounted[name];
    if (mounted && mounted.canvas === canvas) {
      if (hasChanged) mounted.give(model, look);
      return;
    }
    if (mounted) {
      this.#sight.unobserve(mounted.canvas);
      mounted.destroy();
      if (name === 'loss') this.#loss = null;
    }
    if (canvas) this.#sight.observe(canvas);
    const made = canvas && new MountedChart(canvas, create, model, look);
    this.#mounted[name] = made as MountedCharts[N];
  }

  #charts(): readonly AnyChart[] {
    return Object.values(this.#mounted).filter((chart) => chart !== null);
  }

  #drawSoon(): void {
    if (this.#isAwaitingFrame || !this.#next()) return;
    this.#isAwaitingFrame = true;
    requestAnimationFrame(() => {
      this.#isAwaitingFrame = false;
      this.#work();
      this.#drawSoon();
    });
  }

  /** Takes steps until they have had their share of a frame. */
  #work(): void {
    const end = performance.now() + msAFrame;
    for (let chart = this.#next(); chart; chart = this.#next()) {
      chart.step();
      if (performance.now() >= end) return;
    }
  }

  #next(): AnyChart | undefined {
    return this.#charts().find((chart) => chart.isDue && chart.isInView);
  }

  /**
   * Whether a chart would look different now. Most events of a sweep are points of a loss curve, which
   * change no other chart; its own points are too many to compare.
   */
  #hasChanged(name: ChartName, model: ChartModels[ChartName], look: Look): boolean {
    const before = this.#given[name];
    if (before?.model === model && lookParts.every((part) => before.look[part] === look[part]))
      return false;
    const key = name === 'loss' ? '' : keyOf(model, look);
    this.#given[name] = { model, look, key };
    return (
      name === 'loss' ||
      before?.key !== key ||
      before.look.theme !== look.theme ||
      before.look.format !== look.format
    );
  }
}

const lookParts = ['theme', 'format', 'colours', 'highlighted', 'chosen'] as const;

/** What a chart was given last. */
interface Given {
  readonly model: ChartModels[ChartName];
  readonly look: Look;
  /** All of it that can be compared. */
  readonly key: string;
}

function keyOf(model: ChartModels[ChartName], look: Look): string {
  const { colours, highlighted, chosen, recommended } = look;
  return JSON.stringify([model, [...colours], highlighted, chosen, recommended]);
}
