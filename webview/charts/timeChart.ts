import * as l10n from '@vscode/l10n';
import type { Point } from '../model/lossModel';
import { nearestSize, type TimeModel, type TimePoint } from '../model/sizeModels';
import {
  axisLook,
  decadeTicks,
  noAnimation,
  sizeLine,
  sizeAxis,
  sizeColour,
  tickLook,
  titleAxes,
  tooltipLook,
  whiskers,
  type ChartView,
  type Look,
} from './chartView';
import { Chart } from './register';

const datasetIndex = { marker: 0, reached: 1, notReached: 2, predicted: 3 } as const;

/**
 * Seconds to the target by batch size. The ring marks the chosen size and can be dragged to
 * another one that was run.
 */
export function createTimeChart(
  canvas: HTMLCanvasElement,
  firstLook: Look,
  onSelect: (batchSize: number) => void,
): ChartView<TimeModel> {
  let look = firstLook;
  let model: TimeModel = {
    axisSizes: [],
    reached: [],
    notReached: [],
    predicted: [],
    sizes: [],
    recommended: null,
  };
  const getLook = () => look;
  const sizeOf = (list: 'reached' | 'notReached', index: number) =>
    model[list][index]?.batchSize ?? 0;

  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: {
      datasets: [
        {
          data: [],
          showLine: false,
          pointRadius: 11,
          pointHoverRadius: 12,
          pointHitRadius: 14,
          backgroundColor: 'transparent',
          borderColor: () => look.theme.foreground,
          pointBorderWidth: 2,
        },
        {
          data: [],
          borderColor: () => look.theme.muted,
          borderWidth: 1,
          backgroundColor: ({ dataIndex }) => sizeColour(look, sizeOf('reached', dataIndex)),
          pointBorderColor: () => look.theme.background,
          pointRadius: 6,
          pointHoverRadius: 7,
          pointHitRadius: 10,
          dragData: false,
        },
        {
          data: [],
          showLine: false,
          pointStyle: 'triangle',
          pointRadius: 6,
          pointHoverRadius: 7,
          pointHitRadius: 10,
          backgroundColor: 'transparent',
          borderColor: ({ dataIndex }) => sizeColour(look, sizeOf('notReached', dataIndex)),
          borderWidth: 1.5,
          dragData: false,
        },
        {
          data: [],
          borderColor: () => look.theme.muted,
          borderWidth: 1,
          borderDash: [1, 4],
          borderCapStyle: 'round',
          pointRadius: 0,
          pointHitRadius: 0,
          dragData: false,
        },
      ],
    },
    options: {
      ...noAnimation,
      parsing: false,
      layout: { padding: { top: 16, right: 12 } },
      interaction: { mode: 'nearest', intersect: true },
      onClick: (_event, elements) => {
        const hit = elements.find((element) => element.datasetIndex !== datasetIndex.marker);
        if (hit?.datasetIndex === datasetIndex.reached) onSelect(sizeOf('reached', hit.index));
        if (hit?.datasetIndex === datasetIndex.notReached)
          onSelect(sizeOf('notReached', hit.index));
      },
      onHover: (_event, elements) => {
        const overMarker = elements.some((element) => element.datasetIndex === datasetIndex.marker);
        canvas.style.cursor = overMarker ? 'grab' : elements.length ? 'pointer' : '';
      },
      scales: {
        x: sizeAxis(getLook, () => model.axisSizes),
        y: {
          type: 'logarithmic',
          ...axisLook(getLook, true),
          ticks: {
            ...tickLook(getLook),
            callback: (value) => look.format.roughSeconds(Number(value)),
          },
          afterDataLimits: (axis) => {
            const values = [...model.reached, ...model.notReached].flatMap(
              ({ seconds, interval }) => [seconds, ...(interval ?? [])],
            );
            const positive = values.filter((value) => value > 0);
            if (!positive.length) return;
            axis.min = Math.min(...positive) / 1.4;
            axis.max = Math.max(...positive) * 1.3;
          },
          afterBuildTicks: decadeTicks,
        },
      },
      plugins: {
        dragData: {
          round: Number.NaN,
          showTooltip: false,
          dragX: true,
          dragY: false,
          magnet: { to: (value) => value },
          onDragStart: (_event, index) => index === datasetIndex.marker,
          onDrag: (_event, index, _point, value) => {
            if (index !== datasetIndex.marker || !isPoint(value)) return false;
            const size = nearestSize(model.sizes, value.x);
            const place = size === null ? null : placeOf(size);
            const marker = chart.data.datasets[datasetIndex.marker];
            if (place && marker) {
              marker.data = [place];
              chart.update('none');
            }
            // The marker only ever stands on a size that was run.
            return false;
          },
          onDragEnd: () => {
            const [point] = chart.data.datasets[datasetIndex.marker]?.data ?? [];
            if (point) onSelect(point.x);
          },
        },
        tooltip: {
          ...tooltipLook(getLook),
          filter: (item) =>
            item.datasetIndex === datasetIndex.reached ||
            item.datasetIndex === datasetIndex.notReached,
          callbacks: {
            title: ([item]) =>
              item
                ? l10n.t('Batch size {size}', { size: look.format.count(item.parsed.x ?? 0) })
                : '',
            label: (item) => {
              const time = look.format.seconds(item.parsed.y ?? 0);
              return item.datasetIndex === datasetIndex.notReached
                ? l10n.t('target not reached in {time}', { time })
                : l10n.t('{time} to the target', { time });
            },
            footer: ([item]) => {
              const interval =
                item?.datasetIndex === datasetIndex.reached
                  ? model.reached[item.dataIndex]?.interval
                  : null;
              return interval
                ? l10n.t('95% between {low} and {high}', {
                    low: look.format.seconds(interval[0]),
                    high: look.format.seconds(interval[1]),
                  })
                : '';
            },
          },
        },
        annotation: { clip: false, annotations: {} },
      },
    },
    plugins: [
      whiskers(() =>
        model.reached.flatMap(({ batchSize, interval }) =>
          interval
            ? [
                {
                  x: batchSize,
                  low: interval[0],
                  high: interval[1],
                  colour: sizeColour(look, batchSize, 0.8),
                },
              ]
            : [],
        ),
      ),
    ],
  });

  function placeOf(batchSize: number): Point | null {
    const found = [...model.reached, ...model.notReached].find(
      (point) => point.batchSize === batchSize,
    );
    return found ? { x: batchSize, y: found.seconds } : null;
  }

  return {
    update: (next, nextLook) => {
      model = next;
      look = nextLook;
      const [marker, reached, notReached, predicted] = chart.data.datasets;
      const place = look.chosen === null ? null : placeOf(look.chosen);
      if (marker) marker.data = place ? [place] : [];
      if (reached) reached.data = next.reached.map(toPoint);
      if (notReached) notReached.data = next.notReached.map(toPoint);
      if (predicted) predicted.data = next.predicted.map(toPoint);
      titleAxes(chart.options.scales, look, {
        x: l10n.t('Batch size'),
        y: l10n.t('Time to target'),
      });
      const { annotation } = chart.options.plugins ?? {};
      // The cursor may be on a size that was not run: it has a line, though no point.
      const line = next.followsCursor || place ? look.chosen : null;
      if (annotation)
        annotation.annotations =
          line === null ? {} : { chosen: chosenLine(line, place !== null, next, look) };
      chart.update('none');
    },
    destroy: () => {
      chart.destroy();
    },
  };
}

function toPoint({ batchSize, seconds }: TimePoint): Point {
  return { x: batchSize, y: seconds };
}

function isPoint(value: unknown): value is Point {
  return typeof value === 'object' && value !== null && 'x' in value && 'y' in value;
}

function chosenLine(
  x: number,
  wasRun: boolean,
  { recommended, axisSizes, followsCursor }: TimeModel,
  look: Look,
) {
  const size = look.format.count(x);
  const label =
    x === recommended
      ? l10n.t('{size} recommended', { size })
      : followsCursor
        ? wasRun
          ? l10n.t('{size} here', { size })
          : l10n.t('{size} here, not run', { size })
        : l10n.t('{size} picked', { size });
  const share = axisSizes.indexOf(x) / Math.max(1, axisSizes.length - 1);
  return sizeLine(x, label, share, look);
}
