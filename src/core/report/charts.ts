import { timesOfSizes } from '../sweep/readings';
import type { SweepResult, Trial } from '../sweep/result';
import {
  formatBytes,
  formatCount,
  formatLoss,
  formatNumberShort,
  formatSeconds,
} from '../text/format';
import type { Language } from '../text/problem';
import { escapeMarkup } from './markup';
import { hexColour } from './oklch';
import { sizeColours } from './sizeColours';

/** A result's charts as SVG that needs nothing else: for reports, which no script draws. */

interface Point {
  readonly x: number;
  readonly y: number;
  /** From the least to the most that `y` may be; drawn as a whisker. */
  readonly interval?: readonly [number, number] | null;
}

interface Series {
  readonly points: readonly Point[];
  readonly colour: string;
  readonly name: string;
  readonly drawn: 'dots' | 'line' | 'arrows';
}

interface Axis {
  readonly title: string;
  readonly isLogarithmic: boolean;
  readonly label: (value: number) => string;
  /** Where ticks stand; chosen by the scale where they are left out. */
  readonly ticks?: readonly number[];
}

const width = 640;
const height = 320;
const margin = { left: 76, right: 16, top: 12, bottom: 44 } as const;

/** What charts are drawn from: a finished sweep's result, or one that still runs. */
export interface Charted {
  readonly trials: readonly Trial[];
  readonly target: SweepResult['target'];
  readonly recommendation: SweepResult['recommendation'];
}

interface ReportChart {
  readonly name: 'time' | 'loss' | 'throughput' | 'memory';
  readonly title: string;
  readonly svg: string;
}

/** The charts that have something to show, each with its title. */
export function reportCharts(result: Charted, language: Language): readonly ReportChart[] {
  const { say } = language;
  const drawn: readonly (Omit<ReportChart, 'svg'> & { readonly svg: string | null })[] = [
    { name: 'time', title: say('chartTime'), svg: timeChart(result, language) },
    { name: 'loss', title: say('chartLoss'), svg: lossChart(result, language) },
    {
      name: 'throughput',
      title: say('chartThroughput'),
      svg: perSize(result, language, 'samplesPerSecond'),
    },
    { name: 'memory', title: say('chartMemory'), svg: perSize(result, language, 'peakBytes') },
  ];
  return drawn.flatMap(({ svg, ...chart }) => (svg === null ? [] : [{ ...chart, svg }]));
}

function sizeAxis(sizes: readonly number[], { say, tag }: Language): Axis {
  return {
    title: say('columnBatchSize'),
    isLogarithmic: true,
    label: (value) => formatCount(value, tag),
    ticks: sizes,
  };
}

function timeChart(result: Charted, language: Language): string | null {
  const { tag, say } = language;
  const times = timesOfSizes(result);
  const colours = coloursOf(result);
  const stopped = plainTrials(result).flatMap((trial) => {
    const seconds = trial.loss.at(-1)?.seconds ?? 0;
    const isLost =
      trial.status === 'ok' &&
      trial.phase !== 'probe' &&
      seconds > 0 &&
      !times.some(({ batchSize }) => batchSize === trial.batchSize);
    return isLost ? [{ x: trial.batchSize, y: seconds }] : [];
  });
  if (times.length + stopped.length === 0) return null;
  const sizes = [...times.map(({ batchSize }) => batchSize), ...stopped.map(({ x }) => x)];
  const series = (point: Point, drawn: Series['drawn']): Series => ({
    points: [point],
    colour: colours.get(point.x) ?? '#444',
    name: '',
    drawn,
  });
  return plot(
    [
      ...times.map(({ batchSize: x, seconds: y, interval }) => series({ x, y, interval }, 'dots')),
      ...stopped.map((point) => series(point, 'arrows')),
    ],
    sizeAxis(inOrder(sizes), language),
    { title: say('columnTimeToTarget'), isLogarithmic: true, label: (s) => formatSeconds(s, tag) },
    result.recommendation?.batchSize ?? null,
  );
}

function lossChart(result: Charted, language: Language): string | null {
  const { tag, say } = language;
  const colours = coloursOf(result);
  const longest = new Map<number, Trial>();
  for (const trial of plainTrials(result)) {
    const known = longest.get(trial.batchSize);
    if (!known || trial.loss.length > known.loss.length) longest.set(trial.batchSize, trial);
  }
  const series = [...longest.values()]
    .sort((a, b) => a.batchSize - b.batchSize)
    .flatMap((trial): Series[] => {
      const points = trial.loss.flatMap(({ seconds: x, validation, train }) => {
        const y = validation ?? train;
        return y === null || trial.status !== 'ok' ? [] : [{ x, y }];
      });
      const name = formatCount(trial.batchSize, tag);
      const colour = colours.get(trial.batchSize) ?? '#444';
      return points.length > 1 ? [{ points, colour, name, drawn: 'line' }] : [];
    });
  if (series.length === 0) return null;
  return plot(
    series,
    { title: say('axisSeconds'), isLogarithmic: false, label: (s) => formatSeconds(s, tag) },
    { title: say('columnLoss'), isLogarithmic: false, label: (loss) => formatLoss(loss, tag) },
    null,
  );
}

function perSize(
  result: Charted,
  language: Language,
  key: 'samplesPerSecond' | 'peakBytes',
): string | null {
  const { tag, say } = language;
  const colours = coloursOf(result);
  const values = new Map<number, number>();
  for (const trial of plainTrials(result)) {
    const value = trial[key];
    if (value !== null) values.set(trial.batchSize, value);
  }
  if (values.size === 0) return null;
  const axis: Axis =
    key === 'peakBytes'
      ? { title: say('columnMemory'), isLogarithmic: false, label: (b) => formatBytes(b, tag) }
      : {
          title: say('columnThroughput'),
          isLogarithmic: false,
          label: (rate) => formatNumberShort(rate, tag, 3),
        };
  return plot(
    [...values].map(([x, y]) => ({
      points: [{ x, y }],
      colour: colours.get(x) ?? '#444',
      name: '',
      drawn: 'dots' as const,
    })),
    sizeAxis(inOrder([...values.keys()]), language),
    axis,
    result.recommendation?.batchSize ?? null,
  );
}

function plainTrials({ trials }: Charted): readonly Trial[] {
  return trials.filter(
    ({ gradientAccumulation, schedule }) => gradientAccumulation === 1 && schedule === null,
  );
}

function coloursOf({ trials }: Charted): ReadonlyMap<number, string> {
  const colours = sizeColours(inOrder(trials.map(({ batchSize }) => batchSize)), 'light');
  return new Map([...colours].map(([batchSize, colour]) => [batchSize, hexColour(colour)]));
}

function inOrder(sizes: readonly number[]): number[] {
  return [...new Set(sizes)].sort((a, b) => a - b);
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** A scale from values to pixels; a linear one begins at zero. */
function scaleOf(values: readonly number[], axis: Axis, from: number, to: number): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (!axis.isLogarithmic) {
    const top = high > 0 ? high * 1.05 : 1;
    const step = 10 ** Math.floor(Math.log10(top / 4));
    const width = [1, 2, 5, 10].map((digit) => digit * step).find((each) => top / each <= 6) ?? top;
    const ticks = Array.from({ length: Math.floor(top / width) + 1 }, (_, index) => index * width);
    return { at: (value) => from + (value / top) * (to - from), ticks };
  }
  const room = high / low < 1.5 ? 2 : 1.4;
  const [bottom, top] = [Math.log(low / room), Math.log(high * room)];
  const decades = Array.from({ length: 16 }, (_, power) => 10 ** (power - 6));
  const ticks = decades
    .flatMap((decade) => [1, 2, 5].map((digit) => digit * decade))
    .filter((tick) => Math.log(tick) >= bottom && Math.log(tick) <= top);
  return {
    at: (value) => from + ((Math.log(value) - bottom) / (top - bottom)) * (to - from),
    ticks: axis.ticks ?? ticks,
  };
}

function plot(series: readonly Series[], xAxis: Axis, yAxis: Axis, marked: number | null): string {
  const points = series.flatMap((each) => each.points);
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const x = scaleOf(
    points.map((point) => point.x),
    xAxis,
    margin.left,
    right,
  );
  const y = scaleOf(
    points.flatMap((point) => [point.y, ...(point.interval ?? [])]),
    yAxis,
    bottom,
    margin.top,
  );
  const n = (value: number) => value.toFixed(1);
  const text = (at: string, anchor: string, content: string) =>
    `<text ${at} text-anchor="${anchor}">${escapeMarkup(content)}</text>`;
  const parts = [
    ...y.ticks.map(
      (tick) =>
        `<path class="grid" d="M${margin.left} ${n(y.at(tick))}H${right}"/>` +
        text(`x="${margin.left - 8}" y="${n(y.at(tick) + 4)}"`, 'end', yAxis.label(tick)),
    ),
    ...x.ticks.map((tick) =>
      text(`x="${n(x.at(tick))}" y="${bottom + 16}"`, 'middle', xAxis.label(tick)),
    ),
    text(`x="${(margin.left + right) / 2}" y="${height - 6}"`, 'middle', xAxis.title),
    text(
      `transform="translate(12 ${(margin.top + bottom) / 2}) rotate(-90)"`,
      'middle',
      yAxis.title,
    ),
    marked !== null && points.some((point) => point.x === marked)
      ? `<path class="marked" d="M${n(x.at(marked))} ${margin.top}V${bottom}"/>`
      : '',
    ...series.map(({ points: own, colour, name, drawn }) =>
      drawn === 'line'
        ? `<polyline fill="none" stroke="${colour}" points="${own.map((point) => `${n(x.at(point.x))},${n(y.at(point.y))}`).join(' ')}"><title>${escapeMarkup(name)}</title></polyline>`
        : own
            .map((point) => {
              const [left, top] = [x.at(point.x), y.at(point.y)];
              const whisker = point.interval
                ? `<path stroke="${colour}" d="M${n(left)} ${n(y.at(point.interval[0]))}V${n(y.at(point.interval[1]))}"/>`
                : '';
              return drawn === 'dots'
                ? whisker + `<circle cx="${n(left)}" cy="${n(top)}" r="5" fill="${colour}"/>`
                : `<path fill="none" stroke="${colour}" d="M${n(left - 5)} ${n(top)}h10M${n(left)} ${n(top)}v-26m-4 4l4-4 4 4"/>`;
            })
            .join(''),
    ),
  ];
  const names = series.filter(({ name }) => name !== '');
  const key = names
    .map(
      ({ name, colour }, index) =>
        `<circle cx="${right - 60}" cy="${margin.top + 8 + index * 15}" r="4" fill="${colour}"/>` +
        text(`x="${right - 50}" y="${margin.top + 12 + index * 15}"`, 'start', name),
    )
    .join('');
  return `<svg viewBox="0 0 ${width} ${height}" role="img" xmlns="http://www.w3.org/2000/svg" font-size="12" font-family="system-ui, sans-serif" fill="#444" stroke-width="1.5"><style>.grid{stroke:#0002}.marked{stroke:#0006}</style>${parts.join('')}${key}</svg>`;
}
