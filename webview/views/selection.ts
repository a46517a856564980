import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit-html';
import { compare } from '../model/sizeModels';
import { applyButtons } from './apply';
import type { SweepContext } from './viewContext';

/** The size the marker was moved to: how it compares with the recommended one, and its button. */
export function selection(context: SweepContext): TemplateResult | typeof nothing {
  const { chosen, sweep, summaries, models, format, state } = context;
  const size = summaries.find(({ batchSize }) => batchSize === chosen);
  const recommended = sweep.recommendation;
  if (!size || !recommended) return nothing;
  const base = summaries.find(({ batchSize }) => batchSize === recommended.batchSize);
  if (size.batchSize === recommended.batchSize || !base) {
    if (models.time.sizes.length < 2) return nothing;
    return html`<p class="selection hint">
      ${l10n.t('Drag the ring, or use the arrow keys, to compare another batch size.')}
    </p>`;
  }
  const { time, memory, throughput } = compare(size, base);
  const differences = [
    size.seconds === null ? l10n.t('target not reached') : null,
    time === null
      ? null
      : time >= 0
        ? l10n.t('{share} slower to the target', { share: format.percent(time) })
        : l10n.t('{share} faster to the target', { share: format.percent(-time) }),
    throughput === null
      ? null
      : throughput >= 0
        ? l10n.t('{share} more samples per second', { share: format.percent(throughput) })
        : l10n.t('{share} fewer samples per second', { share: format.percent(-throughput) }),
    memory === null
      ? null
      : memory >= 0
        ? l10n.t('{share} more memory', { share: format.percent(memory) })
        : l10n.t('{share} less memory', { share: format.percent(-memory) }),
  ].filter((text) => text !== null);
  const shown = format.count(size.batchSize);
  return html`<div class="selection" role="status">
    <p>
      ${l10n.t('{size}, compared with {recommended}: {differences}.', {
        size: shown,
        recommended: format.count(recommended.batchSize),
        differences: differences.join(l10n.t(', ')),
      })}
    </p>
    <div class="actions">
      ${
        state.batchSize === size.batchSize
          ? html`<span class="inUse">${l10n.t('The config uses this batch size.')}</span>`
          : applyButtons(context, size.batchSize, size.trial.learningRate, 'secondary')
      }
      <button
        type="button"
        class="link"
        @click=${() => {
          context.dispatch({ type: 'selected', batchSize: null });
        }}
      >
        ${l10n.t('Back to {size}', { size: format.count(recommended.batchSize) })}
      </button>
    </div>
  </div>`;
}
