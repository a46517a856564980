import * as l10n from '@vscode/l10n';
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { repeat } from 'lit-html/directives/repeat.js';
import { axisLabel, outcomeLabel, partLabel } from '../model/labels';
import { showsTraining } from '../model/lossModel';
import { limitIsNear } from '../model/sizeModels';
import { hasPredictions, markedSeconds } from '../model/timeModel';
import { lossAxes, memoryParts, type ChartName } from '../store';
import { dataTable } from './dataTable';
import { key, legendOf } from './legend';
import { dot } from './parts';
import { paragraph } from '../text';
import { selection } from './selection';
import type { SweepContext } from './viewContext';

interface Card {
  readonly name: ChartName;
  readonly title: string;
  /** What the chart says, in one line. */
  readonly summary: string;
  readonly hasData: boolean;
  /** What is to come; shown while it runs. */
  readonly waiting: string;
  readonly tools?: () => TemplateResult;
  readonly choice?: TemplateResult;
  readonly legend?: () => TemplateResult;
  /** Below the legend, for chart and table alike. */
  readonly footer?: TemplateResult | typeof nothing;
  /** Takes the keyboard for the plot. */
  readonly control?: TemplateResult;
}

export function charts(context: SweepContext): TemplateResult {
  const cards = [timeCard, lossCard, throughputCard, memoryCard];
  // While it runs, in the order in which they come alive: probing comes first, times last.
  const inOrder =
    context.phase === 'running' ? [throughputCard, memoryCard, lossCard, timeCard] : cards;
  return html`<div class="charts">
    ${repeat(
      inOrder.slice(0, context.extent.cards).map((make) => make(context)),
      ({ name }) => name,
      (content, index) => card(context, content, index < context.extent.details),
    )}
  </div>`;
}

function card(context: SweepContext, content: Card, details: boolean): TemplateResult {
  const { name, title, summary, hasData } = content;
  const asTable = context.state.ui.asTable.includes(name);
  return html`<section class="card" aria-labelledby="title-${name}" data-card=${name}>
    <div class="cardHead">
      <h2 id="title-${name}">${title}</h2>
      ${hasData ? (content.choice ?? nothing) : nothing}
      <div class="tools">
        ${hasData && !asTable && details ? (content.tools?.() ?? nothing) : nothing}
        ${hasData && !asTable && details ? pictureTools(context, name, title) : nothing}
        ${hasData && details ? tableToggle(context, name, title, asTable) : nothing}
      </div>
      ${hasData || context.phase === 'running' ? html`<p class="summary">${hasData ? summary : nothing}</p>` : nothing}
    </div>
    ${
      !hasData
        ? context.phase === 'running'
          ? html`<div class="plot waiting"><p>${content.waiting}</p></div>`
          : html`<p class="missing">${missingText(context, content)}</p>`
        : asTable
          ? html`<div class="plot table">${dataTable(context, name, title)}</div>`
          : html`<div class="plot">
              ${content.control ?? nothing}
              <canvas data-chart=${name} role="img" aria-label="${title}. ${summary}"></canvas>
            </div>`
    }
    ${hasData && !asTable && details ? (content.legend?.() ?? nothing) : nothing}
    ${hasData ? (content.footer ?? nothing) : nothing}
  </section>`;
}

/** Nothing more is to come once a sweep has ended. */
function missingText({ sweep }: SweepContext, { name }: Card): string {
  return name === 'time' && sweep.target === null
    ? l10n.t('No target was set, so there are no times to compare.')
    : l10n.t('Not measured in this sweep.');
}

function tableToggle(context: SweepContext, chart: ChartName, title: string, asTable: boolean) {
  const label = l10n.t('{title} as a table', { title });
  return html`<button
    type="button"
    class="icon"
    aria-pressed=${String(asTable)}
    aria-label=${label}
    title=${label}
    @click=${() => {
      context.dispatch({ type: 'tableToggled', chart });
    }}
  >
    <svg viewBox="0 0 16 16" aria-hidden="true">
      ${svg`<path d="M2 3.5h12v9H2zM2 6.5h12M2 9.5h12M6.5 6.5v6" />`}
    </svg>
  </button>`;
}

function pictureTools(context: SweepContext, chart: ChartName, title: string): TemplateResult {
  const button = (label: string, path: string, act: () => void) =>
    html`<button
      type="button"
      class="icon"
      aria-label=${label}
      title=${label}
      ?disabled=${context.state.pending !== null}
      @click=${act}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">${svg`<path d=${path} />`}</svg>
    </button>`;
  return html`${button(
    l10n.t('Copy {title} as a picture', { title }),
    'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
    () => {
      context.copyChart(chart);
    },
  )}${button(
    l10n.t('Save {title} as a picture', { title }),
    'M8 2.5v7M5 6.5l3 3 3-3M2.5 10.5v3h11v-3',
    () => {
      context.saveChart(chart);
    },
  )}`;
}

function timeCard(context: SweepContext): Card {
  const { sweep, models, format } = context;
  const { reached, stopped, failed, sizes } = models.time;
  const { target } = sweep;
  const best = reached.reduce<(typeof reached)[number] | null>(
    (least, point) => (least === null || point.seconds < least.seconds ? point : least),
    null,
  );
  const goal =
    target === null
      ? ''
      : target.metric === 'loss'
        ? l10n.t('Seconds of training to validation loss {value}.', {
            value: format.number(target.value),
          })
        : l10n.t('Seconds of training to validation accuracy {value}.', {
            value: format.percent(target.value),
          });
  const fastest = best
    ? l10n.t('Least: {time} at {size}.', {
        time: format.seconds(best.seconds),
        size: format.count(best.batchSize),
      })
    : '';
  return {
    name: 'time',
    title: l10n.t('Time to target'),
    summary: paragraph([goal, fastest], format),
    hasData: sizes.length > 0,
    waiting:
      target === null
        ? l10n.t('Fills in once a target is set and batch sizes race to it.')
        : l10n.t('Fills in as batch sizes reach the target.'),
    control: picker(context),
    legend: () =>
      legendOf([
        reached.length ? key('point', l10n.t('reached, with its 95% interval')) : null,
        stopped.length ? key('arrow', l10n.t('stopped there, target not reached')) : null,
        hasPredictions(models.time) ? key('hollow', l10n.t('predicted')) : null,
        failed.length ? key('cross', l10n.t('could not be trained')) : null,
        models.time.compared?.length ? key('earlier', l10n.t('earlier sweep')) : null,
      ]),
    footer: selection(context),
  };
}

/** A native slider under the marker: arrow keys move it from one measured size to the next. */
function picker(context: SweepContext): TemplateResult {
  const { models, chosen, format } = context;
  const { sizes, reached, stopped } = models.time;
  const index = chosen === null ? -1 : sizes.indexOf(chosen);
  const point = reached.find(({ batchSize }) => batchSize === chosen);
  const size = format.count(sizes[Math.max(0, index)] ?? 0);
  return html`<input
    class="picker"
    type="range"
    min="0"
    max=${String(sizes.length - 1)}
    step="1"
    .value=${live(String(Math.max(0, index)))}
    aria-label=${l10n.t('Batch size to apply')}
    aria-valuetext=${
      point
        ? l10n.t('{size}, {time} to the target', { size, time: format.seconds(point.seconds) })
        : stopped.some(({ batchSize }) => batchSize === chosen)
          ? l10n.t('{size}, target not reached', { size })
          : l10n.t('{size}, not raced, predicted {time}', {
              size,
              time: format.seconds(markedSeconds(models.time, chosen ?? 0) ?? 0),
            })
    }
    @input=${(event: InputEvent) => {
      const batchSize = sizes[Number((event.currentTarget as HTMLInputElement).value)];
      if (batchSize !== undefined) context.dispatch({ type: 'selected', batchSize });
    }}
  />`;
}

function lossCard(context: SweepContext): Card {
  const { models, format, state } = context;
  const { series } = models.loss;
  const best = series
    .flatMap(({ batchSize, bestValidation }) =>
      bestValidation ? [{ batchSize, y: bestValidation.y }] : [],
    )
    .sort((a, b) => a.y - b.y)[0];
  const lowest = {
    value: format.loss(best?.y ?? 0),
    size: format.count(best?.batchSize ?? 0),
  };
  return {
    name: 'loss',
    title: l10n.t('Loss per batch size'),
    summary: best
      ? showsTraining(models.loss)
        ? l10n.t('Validation solid, training dashed. Lowest: {value} at {size}.', lowest)
        : l10n.t('Validation loss. Lowest: {value} at {size}.', lowest)
      : l10n.t('Training loss, dashed.'),
    hasData: series.length > 0,
    waiting: l10n.t('Fills in while the model trains.'),
    tools: () => zoomTools(context),
    choice: html`<div class="segments" role="radiogroup" aria-label=${l10n.t('Horizontal axis')}>
      ${lossAxes.map(
        (axis) =>
          html`<label
            ><input
              type="radio"
              name="lossAxis"
              .checked=${live(state.ui.lossAxis === axis)}
              @change=${() => {
                context.dispatch({ type: 'lossAxisChosen', axis });
              }}
            /><span>${axisLabel(axis)}</span></label
          >`,
      )}
    </div>`,
    legend: () =>
      html`${
          models.loss.compared?.length
            ? legendOf([key('solid', l10n.t('this sweep')), key('dashed', l10n.t('earlier sweep'))])
            : nothing
        }
        <div class="chips" role="group" aria-label=${l10n.t('Batch sizes shown')}>
          ${series.map(({ batchSize }) => {
            const summary = context.summaries.find((size) => size.batchSize === batchSize);
            const point = (size: number | null) => () => {
              context.dispatch({ type: 'highlighted', batchSize: size });
            };
            return html`<button
              type="button"
              class="chip ${context.chosen === batchSize ? 'chosen' : ''}"
              aria-pressed=${String(!state.ui.hidden.includes(batchSize))}
              title=${summary ? outcomeLabel(summary.outcome) : nothing}
              @click=${() => {
                context.dispatch({ type: 'sizeToggled', batchSize });
              }}
              @pointerenter=${point(batchSize)}
              @pointerleave=${point(null)}
              @focus=${point(batchSize)}
              @blur=${point(null)}
            >
              ${dot(context.colours.get(batchSize))}${format.count(batchSize)}
            </button>`;
          })}
        </div>`,
  };
}

function zoomTools(context: SweepContext): TemplateResult {
  const button = (label: string, path: string, factor: number | null) =>
    html`<button
      type="button"
      class="icon"
      aria-label=${label}
      title=${label}
      @click=${() => {
        context.zoomLoss(factor);
      }}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">${svg`<path d=${path} />`}</svg>
    </button>`;
  const lens = 'M10.5 10.5 14 14M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M5 7h4';
  return html`${
    context.lossZoomed
      ? html`${button(l10n.t('Zoom out'), lens, 0.6)}
        ${button(l10n.t('Show everything'), 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10', null)}`
      : nothing
  }${button(l10n.t('Zoom in'), `${lens}M7 5v4`, 1.6)}`;
}

function throughputCard({ models, format }: SweepContext): Card {
  const { points, fit } = models.throughput;
  const best = points.toSorted((a, b) => b.samplesPerSecond - a.samplesPerSecond)[0];
  return {
    name: 'throughput',
    title: l10n.t('Throughput'),
    summary: best
      ? l10n.t('Most: {rate} at {size}.', {
          rate: format.perSecond(best.samplesPerSecond),
          size: format.count(best.batchSize),
        })
      : '',
    hasData: points.length > 0,
    waiting: l10n.t('Fills in as iterations are timed.'),
    legend: () =>
      legendOf([
        key('point', l10n.t('measured')),
        fit.length ? key('dashed', l10n.t('fitted')) : null,
      ]),
  };
}

function memoryCard(context: SweepContext): Card {
  const { models, format } = context;
  const { bars, limitBytes, largestBatchSize } = models.memory;
  const sentences = [
    largestBatchSize === null
      ? null
      : l10n.t('Largest that fits: {size}.', { size: format.count(largestBatchSize) }),
    limitBytes === null || limitIsNear(models.memory)
      ? null
      : l10n.t('The limit of {bytes} is far above.', { bytes: format.bytes(limitBytes) }),
  ];
  return {
    name: 'memory',
    title: l10n.t('Memory per batch size'),
    summary: paragraph(sentences, format),
    hasData: bars.some(({ peakBytes, outOfMemory }) => peakBytes !== null || outOfMemory),
    waiting: l10n.t('Fills in as trials report their peak memory.'),
    legend: () =>
      html`${bars.some(({ parts }) => parts !== null) ? memoryChips(context) : nothing}
      ${legendOf([
        bars.some(({ peakBytes }) => peakBytes !== null) ? key('point', l10n.t('peak')) : null,
        bars.some(({ modelBytes }) => modelBytes !== null)
          ? key('dashed', l10n.t('memory model'))
          : null,
        bars.some(({ outOfMemory }) => outOfMemory) ? key('cross', l10n.t('out of memory')) : null,
      ])}`,
  };
}

function memoryChips(context: SweepContext): TemplateResult {
  return html`<div class="chips" role="group" aria-label=${l10n.t('Memory shown')}>
    ${memoryParts.map(
      (part) =>
        html`<button
          type="button"
          class="chip"
          aria-pressed=${String(!context.state.ui.hiddenParts.includes(part))}
          @click=${() => {
            context.dispatch({ type: 'partToggled', part });
          }}
        >
          <i class="swatch ${part}" aria-hidden="true"></i>${partLabel(part)}
        </button>`,
    )}
  </div>`;
}
