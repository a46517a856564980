import { html, svg, type TemplateResult } from 'lit-html';

type Mark = 'point' | 'hollow' | 'arrow' | 'solid' | 'dashed' | 'earlier' | 'cross';

const marks: Record<Mark, TemplateResult> = {
  point: svg`<circle class="fill" cx="8" cy="5" r="4" />`,
  hollow: svg`<circle cx="8" cy="5" r="3.6" />`,
  arrow: svg`<path d="M8 9.5V1M5 4l3-3 3 3M4.5 9.5h7" />`,
  solid: svg`<path d="M1 5h14" />`,
  earlier: svg`<path class="dashed" d="M1 5h14" /><path class="hollow" d="m8 1.5 3.5 3.5L8 8.5 4.5 5z" />`,
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
