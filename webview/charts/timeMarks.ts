import type { ChartType, Plugin } from 'chart.js';

/** Where a size was stopped, and how far up its arrow goes; null for as long as an arrow needs. */
export interface Arrow {
  readonly x: number;
  readonly from: number;
  readonly to: number | null;
  readonly colour: string;
}

/** Pixels of an arrow that points at nothing, of its head, and of the mark that it ends below. */
const openLength = 34;
const headSize = 4;
const markRadius = 8;

/** Draws stopped sizes: from where they were stopped upwards, for their time is more than that. */
export function stoppedArrows<T extends ChartType>(get: () => readonly Arrow[]): Plugin<T> {
  return {
    id: 'stoppedArrows',
    beforeDatasetsDraw: ({ ctx, scales, chartArea }) => {
      const { x: xScale, y: yScale } = scales;
      if (!xScale || !yScale) return;
      ctx.save();
      ctx.lineWidth = 1.5;
      for (const { x, from, to, colour } of get()) {
        const at = xScale.getPixelForValue(x);
        const bottom = yScale.getPixelForValue(from);
        const aim = to === null ? bottom - openLength : yScale.getPixelForValue(to) + markRadius;
        const top = Math.max(chartArea.top, Math.min(bottom - 2 * headSize, aim));
        ctx.strokeStyle = colour;
        ctx.beginPath();
        ctx.moveTo(at - 5, bottom);
        ctx.lineTo(at + 5, bottom);
        ctx.moveTo(at, bottom);
        ctx.lineTo(at, top);
        ctx.moveTo(at - headSize, top + headSize);
        ctx.lineTo(at, top);
        ctx.lineTo(at + headSize, top + headSize);
        ctx.stroke();
      }
      ctx.restore();
    },
  };
}

/** Lets a mark of a chart be dragged along the x axis by mouse, pen or finger. */
export function draggable(
  canvas: HTMLCanvasElement,
  drag: {
    /** Whether the mark is under the pointer; pixels of the canvas. */
    grabs(x: number, y: number): boolean;
    moved(x: number): void;
    dropped(): void;
  },
): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  let dragging = false;
  canvas.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0 || !drag.grabs(event.offsetX, event.offsetY)) return;
      dragging = true;
      canvas.setPointerCapture(event.pointerId);
      canvas.style.cursor = 'grabbing';
      event.preventDefault();
    },
    { signal },
  );
  canvas.addEventListener(
    'pointermove',
    (event) => {
      if (dragging) drag.moved(event.offsetX);
    },
    { signal },
  );
  for (const end of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(
      end,
      () => {
        if (!dragging) return;
        dragging = false;
        canvas.style.cursor = '';
        drag.dropped();
      },
      { signal },
    );
  }
  return () => {
    abort.abort();
  };
}
