import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit-html';
import { actionButton, emblem } from './parts';
import type { ViewContext } from './viewContext';
import { notices, problemList } from './header';

/** Before there is anything to show: what Batchwise does and the one thing to do next. */
export function emptyState(context: ViewContext): TemplateResult {
  return html`<div class="empty">${emblem()} ${content(context)} ${notices(context)}</div>`;
}

function content(context: ViewContext): TemplateResult {
  if (context.phase === 'waiting') return waiting(context);
  if (context.phase === 'invalid') return invalid(context);
  return context.phase === 'noConfig' ? noConfig(context) : noSweep(context);
}

function waiting(context: ViewContext): TemplateResult {
  return html`<h1>${l10n.t('Waiting for another sweep to end')}</h1>
    <p>
      ${l10n.t(
        'Another sweep is training on this machine. Two at once would slow each other down and measure that, so {config} is tuned as soon as the other has ended.',
        { config: context.state.config ?? '' },
      )}
    </p>
    ${
      context.state.waitingFor === null
        ? nothing
        : html`<p>${l10n.t('Running now: {owner}', { owner: context.state.waitingFor })}</p>`
    }
    <progress aria-label=${l10n.t('Waiting for another sweep to end')}></progress>
    <div class="actions">${actionButton(context, 'cancel', l10n.t('Cancel'))}</div>`;
}

function invalid(context: ViewContext): TemplateResult {
  return html`<h1>
      ${l10n.t('{config} cannot be tuned yet', { config: context.state.config ?? '' })}
    </h1>
    ${problemList(context)}
    <div class="actions">${actionButton(context, 'openConfig', l10n.t('Open Config'))}</div>`;
}

function noConfig(context: ViewContext): TemplateResult {
  return html`<h1>${l10n.t('Find the batch size your model trains best with')}</h1>
    <p>
      ${l10n.t(
        'Batchwise trains your model on your data at several batch sizes and measures time, memory and loss. It needs a config that names the model, the data and the loss.',
      )}
    </p>
    <div class="actions">
      ${actionButton(context, 'createConfig', l10n.t('Create Config'), 'primary')}
    </div>`;
}

function noSweep(context: ViewContext): TemplateResult {
  const { state, format } = context;
  return html`<h1>${l10n.t('{config} has not been tuned yet', { config: state.config ?? '' })}</h1>
    <p>
      ${
        state.batchSize === null
          ? l10n.t(
              'Tuning trains the model for a short while at several batch sizes, measures time, memory and loss, and recommends one.',
            )
          : l10n.t(
              'It trains with batch size {size} now. Tuning measures time, memory and loss at several batch sizes and recommends one.',
              { size: format.count(state.batchSize) },
            )
      }
    </p>
    <div class="actions">
      ${
        state.trusted
          ? actionButton(context, 'tune', l10n.t('Tune Batch Size'), 'primary')
          : nothing
      }
      ${actionButton(context, 'openConfig', l10n.t('Open Config'))}
    </div>`;
}
