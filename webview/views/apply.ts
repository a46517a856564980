import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit-html';
import type { SweepContext } from './viewContext';

/**
 * Writes a batch size into the config, together with the learning rate that it was measured with:
 * the size alone would not train as measured, so that this is the lesser choice.
 */
export function applyButtons(
  context: SweepContext,
  batchSize: number,
  learningRate: number,
  kind: 'primary' | 'secondary',
): TemplateResult {
  const { state, format } = context;
  const isSize = state.batchSize === batchSize;
  const isRate = state.learningRate !== null && nearly(state.learningRate, learningRate);
  if (isSize && isRate) {
    return html`<p class="inUse">
      ${l10n.t('The config uses this batch size and learning rate.')}
    </p>`;
  }
  const size = format.count(batchSize);
  const rate = format.number(learningRate);
  const label = isSize
    ? l10n.t('Apply learning rate {rate}', { rate })
    : isRate
      ? l10n.t('Apply {size}', { size })
      : l10n.t('Apply {size} with learning rate {rate}', { size, rate });
  const button = (text: string, look: 'primary' | 'secondary', newRate: number | null) =>
    html`<button
      type="button"
      class="button ${look}"
      data-action="apply"
      title=${l10n.t('Write it into {config}', { config: state.config ?? '' })}
      ?disabled=${state.pending !== null}
      @click=${() => {
        context.apply(batchSize, newRate);
      }}
    >
      ${text}
    </button>`;
  return html`<div class="actions">
    ${button(label, kind, learningRate)}
    ${isSize || isRate ? nothing : button(l10n.t('Size only'), 'secondary', null)}
    ${isSize ? html`<p class="inUse">${l10n.t('The config uses this batch size.')}</p>` : nothing}
  </div>`;
}

/** Learning rates are shown with three digits, so they are compared with three. */
function nearly(a: number, b: number): boolean {
  return Math.abs(a - b) <= 5e-3 * Math.max(Math.abs(a), Math.abs(b));
}
