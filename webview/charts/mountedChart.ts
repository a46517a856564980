import type { ChartView, Look } from './chartView';
import type { FillPart } from './register';

/** The first drawing of a chart: each part takes long enough for a frame. */
type Part = 'make' | FillPart | 'draw';
const firstDrawing: readonly Part[] = ['make', 'elements', 'axes', 'half', 'rest', 'draw'];

/** A chart on its canvas, which comes to show what it was given last in steps of a frame each. */
export class MountedChart<M> {
  /** Whether it is seen, or nearly. */
  isInView = false;
  readonly #create: (canvas: HTMLCanvasElement, look: Look) => ChartView<M>;
  #view: ChartView<M> | null = null;
  #left = firstDrawing;
  #model: M;
  #look: Look;
  /** It was given something else since it began to take in what it has. */
  #isOutdated = false;
  /** It has drawn a part of itself. */
  #isUnfinished = false;

  constructor(
    readonly canvas: HTMLCanvasElement,
    create: (canvas: HTMLCanvasElement, look: Look) => ChartView<M>,
    model: M,
    look: Look,
  ) {
    this.#create = create;
    this.#model = model;
    this.#look = look;
  }

  give(model: M, look: Look): void {
    this.#model = model;
    this.#look = look;
    this.#isOutdated = true;
  }

  /** The next frame is to draw more of the same. */
  goOn(): void {
    this.#isUnfinished = true;
  }

  /** Whether it does not show yet what it was given. */
  get isDue(): boolean {
    return this.#left.length > 0 || this.#isOutdated || this.#isUnfinished;
  }

  step(): void {
    const [part, ...left] = this.#left;
    this.#left = left;
    if (part) this.#take(part);
    else if (this.#isOutdated) {
      [this.#isOutdated, this.#isUnfinished] = [false, false];
      this.#view?.update(this.#model, this.#look);
    } else if (this.#isUnfinished) {
      this.#isUnfinished = false;
      this.#view?.draw();
    }
  }

  /** All that is due, at once. */
  complete(): void {
    while (this.#left.length > 0 || this.#isOutdated) this.step();
    this.#view?.complete?.();
  }

  destroy(): void {
    this.#view?.destroy();
  }

  #take(part: Part): void {
    switch (part) {
      case 'make':
        // Unfilled it is not to be seen.
        this.canvas.style.visibility = 'hidden';
        this.#view = this.#create(this.canvas, this.#look);
        break;
      case 'elements':
        this.#isOutdated = false;
        this.#view?.fill(this.#model, this.#look, part);
        break;
      case 'axes':
      case 'half':
      case 'rest':
        this.#view?.fill(this.#model, this.#look, part);
        break;
      case 'draw':
        this.#view?.draw();
        this.canvas.style.visibility = '';
        break;
    }
  }
}
