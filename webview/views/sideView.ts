import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit-html';
import { ruleOfThumb } from '../../src/core/batches/ruleOfThumb';
import type { ModelType } from '../../src/core/sweep/result';
import type { SweepState } from '../../src/core/sweep/sweepState';
import type { Subject } from '../../src/protocol/side';
import type { Format } from '../format';
import { arithmeticOf, type SideCharts } from '../model/sideModels';
import { hasPredictions } from '../model/timeModel';
import { key, legendOf } from './legend';

export interface SideContext {
  readonly subject: Subject | null;
  /** What is said where there is no subject. */
  readonly notice: string | null;
  readonly sweep: SweepState | null;
  readonly charts: SideCharts | null;
  readonly trusted: boolean;
  readonly format: Format;
  readonly refusal: string | null;
  ask(action: 'tune' | 'manageTrust' | 'showResults'): void;
}

/** The whole side view. */
export function sideView(context: SideContext): TemplateResult {
  const { subject, notice, refusal } = context;
  return html`<main class="side">
    ${refusal === null ? nothing : html`<p class="refusal" role="alert">${refusal}</p>`}
    ${
      subject === null
        ? html`<p class="quiet">
            ${notice ?? l10n.t('Put the cursor on a batch size, in code or in a config, to see what it means.')}
          </p>`
        : content(context, subject)
    }
  </main>`;
}

function content(context: SideContext, subject: Subject): TemplateResult {
  return html`${heading(subject, context.format)} ${numbers(subject, context.format)}
  ${model(subject, context)} ${actions(context)} ${timeSection(context, subject)}
  ${memorySection(context, subject)} ${table(context, subject)}`;
}

function heading({ batchSize, file, line, call }: Subject, format: Format): TemplateResult {
  return html`<h1>
      ${
        batchSize === null
          ? l10n.t('Batch size not known')
          : l10n.t('Batch size {size}', { size: format.count(batchSize) })
      }
    </h1>
    <p class="quiet where">
      ${call === null ? nothing : html`<code>${call}</code> · `}${file}:${line}
    </p>`;
}

function numbers(subject: Subject, format: Format): TemplateResult | typeof nothing {
  const found = arithmeticOf(subject);
  if (!found) return nothing;
  const { samples, epochs, accumulation, batchSize, learningRate } = subject;
  const { iterations, last, updates, effective } = found;
  const rows: (readonly [string, string] | null)[] = [
    [l10n.t('Training samples'), samples === null ? l10n.t('not known') : format.count(samples)],
    accumulation > 1
      ? [
          l10n.t('Effective batch size'),
          `${format.count(accumulation)} × ${format.count(batchSize ?? 0)} = ${format.count(effective)}`,
        ]
      : null,
    iterations === null ? null : [l10n.t('Iterations per epoch'), format.count(iterations)],
    iterations === null
      ? null
      : [
          l10n.t('Last batch'),
          last === null
            ? l10n.t('full')
            : l10n.t('{last} of {size}', {
                last: format.count(last),
                size: format.count(effective),
              }),
        ],
    updates === null || epochs === null
      ? null
      : [
          l10n.t('Updates in {epochs} epochs', { epochs: format.count(epochs) }),
          format.count(updates),
        ],
    learningRate === null ? null : [l10n.t('Learning rate'), format.number(learningRate)],
  ];
  return html`<dl class="numbers">
      ${rows
        .filter((row) => row !== null)
        .map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
    </dl>
    ${
      samples === null
        ? html`<p class="quiet">
            ${l10n.t('Add a comment with the number of samples, or list this file in the sources of a config:')}
            <code>batchwise: samples=60000</code>
          </p>`
        : nothing
    }`;
}

function model({ model: found, samples, measured }: Subject, { format }: SideContext) {
  if (!found) return nothing;
  const kinds: Record<ModelType, string> = {
    cnn: l10n.t('Convolutional model'),
    rnn: l10n.t('Recurrent model'),
    attention: l10n.t('Model with attention or embeddings'),
    dense: l10n.t('Dense model'),
    mixed: l10n.t('Model with mixed layer types'),
  };
  const rule = ruleOfThumb(found.type, samples);
  return html`<section>
    <h2>${kinds[found.type]}</h2>
    <p class="quiet">${listed(found.layers, format)}</p>
    ${
      measured
        ? nothing
        : html`<p>
            ${l10n.t('Rule of thumb, not a measurement: start at {size}.', { size: format.count(rule.batchSize) })}
            <a href=${rule.source.address}>${rule.source.name}</a>
          </p>`
    }
  </section>`;
}

/** Names as code, each with where it stands. */
function listed(layers: NonNullable<Subject['model']>['layers'], format: Format) {
  const rest = [...layers];
  return format.listParts(layers.map(({ name }) => name)).map(({ type, value }) => {
    if (type !== 'element') return value;
    const place = rest.shift()?.place ?? null;
    return html`<code>${value}</code>${place === null ? nothing : ` (${place})`}`;
  });
}

function actions(context: SideContext): TemplateResult {
  const { trusted, subject } = context;
  return html`<p class="actions">
    <button
      type="button"
      class="button primary"
      @click=${() => {
        context.ask(trusted ? 'tune' : 'manageTrust');
      }}
    >
      ${trusted ? l10n.t('Tune batch size') : l10n.t('Trust this workspace to tune')}
    </button>
    ${
      subject?.measured
        ? html`<button
            type="button"
            class="button secondary"
            @click=${() => {
              context.ask('showResults');
            }}
          >
            ${l10n.t('Show results')}
          </button>`
        : nothing
    }
  </p>`;
}

function standing({ measured }: Subject): string {
  return measured
    ? l10n.t('Measured with {engine} on {device}', {
        engine: measured.engine,
        device: measured.device,
      })
    : '';
}

function timeSection({ charts, sweep, format }: SideContext, subject: Subject) {
  if (!charts || charts.time.sizes.length === 0) return nothing;
  const recommended = sweep?.recommendation?.batchSize ?? null;
  const { batchSize } = subject;
  const isRun = batchSize === null || sweep?.trials.some((trial) => trial.batchSize === batchSize);
  const advice =
    recommended === null
      ? ''
      : recommended === batchSize
        ? l10n.t('This is the recommended size.')
        : l10n.t('Recommended: {size}', { size: format.count(recommended) });
  const unknown = isRun ? '' : l10n.t('{size} was not run.', { size: format.count(batchSize) });
  const summary = [advice, unknown].filter(Boolean).join(' ');
  return html`<section>
    <h2>${l10n.t('Time to target')}</h2>
    <p class="quiet">${[standing(subject), summary].filter(Boolean).join(' · ')}</p>
    <div class="plot">
      <canvas
        data-chart="time"
        role="img"
        aria-label="${l10n.t('Time to target')}. ${summary}"
      ></canvas>
    </div>
    ${legendOf([
      charts.time.reached.length > 0
        ? key('point', l10n.t('reached, with its 95% interval'))
        : null,
      charts.time.stopped.length > 0
        ? key('arrow', l10n.t('stopped there, target not reached'))
        : null,
      hasPredictions(charts.time) ? key('hollow', l10n.t('predicted')) : null,
    ])}
  </section>`;
}

function memorySection({ charts, format }: SideContext, subject: Subject) {
  if (!charts || charts.memory.bars.every(({ peakBytes, modelBytes }) => !peakBytes && !modelBytes))
    return nothing;
  const { estimated } = charts;
  const { unknownLayers, measured } = subject;
  const title = l10n.t('Peak memory');
  return html`<section>
    <h2>${title}</h2>
    <p class="quiet">
      ${measured ? html`${l10n.t('Bars: measured. ')}` : nothing}
      ${estimated ? l10n.t('Dashed: estimated from the layers, for TensorFlow.js (WASM).') : nothing}
      ${
        unknownLayers.length > 0
          ? l10n.t('Too low: these layers are not known: {layers}.', {
              layers: format.list(unknownLayers),
            })
          : nothing
      }
    </p>
    <div class="plot">
      <canvas data-chart="memory" role="img" aria-label=${title}></canvas>
    </div>
  </section>`;
}

/** The charts' numbers, for those who read rather than look. */
function table({ charts, format }: SideContext, subject: Subject) {
  if (!charts || charts.sizes.length < 2) return nothing;
  const dash = '–';
  return html`<details>
    <summary>${l10n.t('As a table')}</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">${l10n.t('Batch size')}</th>
          ${charts.estimated ? html`<th scope="col">${l10n.t('Estimate')}</th>` : nothing}
          <th scope="col">${l10n.t('Peak')}</th>
          <th scope="col">${l10n.t('Time to target')}</th>
        </tr>
      </thead>
      <tbody>
        ${charts.memory.bars.map(({ batchSize, peakBytes, modelBytes }) => {
          const seconds =
            charts.time.reached.find((point) => point.batchSize === batchSize)?.seconds ?? null;
          return html`<tr aria-current=${batchSize === subject.batchSize ? 'true' : nothing}>
            <th scope="row">${format.count(batchSize)}</th>
            ${
              charts.estimated
                ? html`<td>${modelBytes === null ? dash : format.bytes(modelBytes)}</td>`
                : nothing
            }
            <td>${peakBytes === null ? dash : format.bytes(peakBytes)}</td>
            <td>${seconds === null ? dash : format.seconds(seconds)}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </details>`;
}
