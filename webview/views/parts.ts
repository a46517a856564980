import { html, svg, type TemplateResult } from 'lit-html';
import type { SimpleAction, ViewContext } from './viewContext';

/** The coloured dot of a batch size; an SVG, since the page allows no inline styles. */
export function dot(colour: string | undefined): TemplateResult {
  return html`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true">
    <circle cx="5" cy="5" r="4.5" fill=${colour ?? 'currentColor'}></circle>
  </svg>`;
}

/** A button that asks the host for something and waits for its answer. */
export function actionButton(
  context: ViewContext,
  action: SimpleAction,
  label: string,
  kind: 'primary' | 'secondary' = 'secondary',
): TemplateResult {
  return html`<button
    type="button"
    class="button ${kind}"
    data-action=${action}
    ?disabled=${context.state.pending !== null}
    @click=${() => {
      context.ask(action);
    }}
  >
    ${label}
  </button>`;
}

export function linkButton(label: string, onClick: () => void): TemplateResult {
  return html`<button type="button" class="link" @click=${onClick}>${label}</button>`;
}

/** Facts in one quiet line, separated by middle dots. */
export function facts(items: readonly (string | TemplateResult | null)[]): TemplateResult {
  const shown = items.filter((item) => item !== null);
  return html`<p class="facts">${shown.map((item) => html`<span>${item}</span>`)}</p>`;
}

/** The panel's emblem: the curve that a sweep looks for, with its lowest point marked. */
export function emblem(): TemplateResult {
  return html`<svg class="emblem" viewBox="0 0 120 64" aria-hidden="true">
    ${svg`<path d="M8 8 C 24 44, 40 54, 62 54 S 100 44, 112 22" />
      <circle class="other" cx="18" cy="28" r="3.5" />
      <circle class="other" cx="37" cy="48" r="3.5" />
      <circle class="best" cx="62" cy="54" r="6" />
      <circle class="other" cx="88" cy="49" r="3.5" />
      <circle class="other" cx="106" cy="33" r="3.5" />`}
  </svg>`;
}
