import { html, svg, type TemplateResult } from 'lit-html';

type Mark = 'point' | 'triangle' | 'dotted' | 'dashed' | 'cross';

const marks: Record<Mark, TemplateResult> = {
  point: svg`<circle class="fill" cx="8" cy="5" r="4" />`,
  triangle: svg`<path d="M8 1.2 12 9H4z" />`,
  dotted: svg`<path class="dotted" d="M1 5h14" />`,
  dashed: svg`<path class="dashed" d="M1 5h14" />`,
  cross: svg`<path class="danger" d="m4.5 1.5 7 7m0-7-7 7" />`,
};

/** What one mark of a chart stands for. */
export function key(mark: Mark, label: string): TemplateResult {
  return html`<span class="key"
    ><svg viewBox="0 0 16 10" aria-hidden="true">${marks[mark]}</svg>${label}</span
  >`;
}

/** The keys of the marks that a chart has now. */
export function legendOf(keys: readonly (TemplateResult | null)[]): TemplateResult {
  return html`<p class="legend">${keys.filter((entry) => entry !== null)}</p>`;
}
