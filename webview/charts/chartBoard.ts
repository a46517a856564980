import { createLossChart, type LossChartView } from './lossChart';
import { createMemoryChart } from './memoryChart';
import { createThroughputChart } from './throughputChart';
import { createTimeChart } from './timeChart';
import type { ChartModels } from '../model/shownSweep';
import type { ChartName } from '../store';
import type { ChartView, Look } from './chartView';

/** How far a chart has come: each part of its first drawing takes long enough for a frame. */
type Progress = 'none' | 'made' | 'filled' | 'drawn';

interface Mounted<M> {
  readonly canvas: HTMLCanvasElement;
  /** Null until it is made. */
  view: ChartView<M> | null;
  progress: Progress;
  /** What is left to do until it shows what it was given last, in order. */
  steps: readonly (() => void)[];
  isInView: boolean;
}

type MountedCharts = { [N in ChartName]: Mounted<ChartModels[N]> | null };

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

  update(model: ChartModels, look: Look): void {
    this.#show('time', model.time, look, (canvas) => createTimeChart(canvas, look, this.#onSelect));
    this.#show('loss', model.loss, look, (canvas) => {
      this.#loss = createLossChart(canvas, look, this.#onLossZoom, () => {
        this.#goOn('loss');
      });
      return this.#loss;
    });
    this.#show('throughput', model.throughput, look, (canvas) =>
      createThroughputChart(canvas, look, this.#onSelect),
    );
    this.#show('memory', model.memory, look, (canvas) =>
      createMemoryChart(canvas, look, this.#onSelect),
    );
    this.#work(({ progress }) => progress === 'drawn');
    this.#drawSoon();
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
    for (const step of mounted.steps) step();
    mounted.steps = [];
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
    model: ChartModels[N],
    look: Look,
    create: (canvas: HTMLCanvasElement) => ChartView<ChartModels[N]>,
  ): void {
    const canvas = this.#root.querySelector<HTMLCanvasElement>(`canvas[data-chart="${name}"]`);
    let mounted: Mounted<ChartModels[N]> | null = this.#mounted[name];
    if (mounted && mounted.canvas !== canvas) {
      this.#sight.unobserve(mounted.canvas);
      mounted.view?.destroy();
      if (name === 'loss') this.#loss = null;
      mounted = null;
    }
    const isNew = canvas !== null && !mounted;
    if (canvas && !mounted) {
      mounted = { canvas, view: null, progress: 'none', steps: [], isInView: false };
      this.#sight.observe(canvas);
    }
    this.#mounted[name] = mounted as MountedCharts[N];
    if (!mounted || !(this.#hasChanged(name, model, look) || isNew)) return;
    const isFirst = this.#charts().every(({ view }) => view === null);
    mounted.steps = stepsOf(mounted, model, look, create, isFirst);
  }

  /** A chart has drawn a part of itself: the next one comes in the next frame. */
  #goOn(name: ChartName): void {
    const mounted = this.#mounted[name];
    if (!mounted || mounted.steps.length > 0) return;
    mounted.steps = [() => mounted.view?.draw()];
    this.#drawSoon();
  }

  #charts(): readonly Mounted<never>[] {
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
  #work(isMeant: (chart: Mounted<never>) => boolean = () => true): void {
    const end = performance.now() + msAFrame;
    for (let chart = this.#next(isMeant); chart; chart = this.#next(isMeant)) {
      const [step, ...others] = chart.steps;
      chart.steps = others;
      step?.();
      if (performance.now() >= end) return;
    }
  }

  #next(isMeant: (chart: Mounted<never>) => boolean = () => true): Mounted<never> | undefined {
    return this.#charts().find(
      (chart) => chart.steps.length > 0 && chart.isInView && isMeant(chart),
    );
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

/** What has to be done until a chart shows a model. */
function stepsOf<M>(
  chart: Mounted<M>,
  model: M,
  look: Look,
  create: (canvas: HTMLCanvasElement) => ChartView<M>,
  isFirst: boolean,
): readonly (() => void)[] {
  const { canvas } = chart;
  const make = () => {
    // Unfilled it is not to be seen.
    canvas.style.visibility = 'hidden';
    chart.view = create(canvas);
    chart.progress = 'made';
  };
  const fill = (share: number) => () => {
    chart.view?.fill(model, look, share);
    if (share === 1) chart.progress = 'filled';
  };
  const reveal = () => {
    canvas.style.visibility = '';
    chart.progress = 'drawn';
  };
  const draw = () => {
    chart.view?.draw();
    reveal();
  };
  const update = () => {
    chart.view?.update(model, look);
    reveal();
  };
  switch (chart.progress) {
    case 'none':
      // With the first axes, most of the library runs for the first time.
      return [make, ...(isFirst ? [fill(0)] : []), fill(0.5), fill(1), draw];
    case 'made':
      return [fill(0.5), fill(1), draw];
    // What goes on changing must not put its first drawing off for ever.
    case 'filled':
    case 'drawn':
      return [update];
  }
}
