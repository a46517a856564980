import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvReport, htmlReport, markdownReport } from '../../../src/core/report/report';
import { trialTable } from '../../../src/cli/trialTable';
import type { Language } from '../../../src/core/text/problem';
import { english, render } from '../../../src/core/text/problem';
import { sweepEvents } from '../webview/sweepFixture';

const spoken: Language = {
  tag: 'en',
  translate: english,
  say: (id, values = {}) => render({ id, values }),
};
const finished = sweepEvents().find((event) => event.type === 'finished');
if (!finished) throw new Error('fixture');
const { result } = finished;

describe('metrics that the model was compiled with', () => {
  const trials = result.trials.map((trial) => ({
    ...trial,
    loss: trial.loss.map((point) => ({ ...point, metrics: { auc: 0.9123, 'out, mae': null } })),
  }));
  const measured = { ...result, trials };

  it('have a column of their own in every report', () => {
    const [head = ''] = markdownReport(measured, spoken).match(/^\| .*$/m) ?? [];
    expect(head).toContain('| loss | accuracy | auc | out, mae | time to target |');
    const page = htmlReport(measured, spoken);
    expect(page).toContain('<th>auc</th>');
    expect(page).toContain('<td>0.91</td><td>–</td>');
    const [first] = parse<Record<string, string>>(csvReport(measured), { columns: true });
    expect(first).toMatchObject({ 'metrics.auc': '0.9123', 'metrics.out, mae': '' });
    expect(Number(first?.['metrics.accuracy'])).toBe(trials[0]?.loss.at(-1)?.accuracy);
  });

  it('have none in the terminal, but for the accuracy', () => {
    const table = trialTable(measured, spoken);
    expect(table).toContain('accuracy');
    expect(table).not.toContain('auc');
  });
});

describe('htmlReport', () => {
  it('is one page with every chart, which loads nothing', () => {
    const page = htmlReport(result, spoken);
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page.match(/<polyline /g)).toHaveLength(8);
    expect(page).not.toMatch(/<script|<link|src=|href=|url\(/);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('draws what there is of a result with one trial, or none', () => {
    const one = result.trials.filter(({ batchSize }) => batchSize === 128);
    expect(htmlReport({ ...result, trials: one }, spoken)).not.toMatch(/NaN|Infinity/);
    expect(htmlReport({ ...result, trials: [] }, spoken)).not.toMatch(/<svg|NaN/);
  });

  it('draws in colours that programs without oklch() know', () => {
    const page = htmlReport(result, spoken);
    expect(page).not.toContain('oklch');
    expect(new Set(page.match(/#[0-9a-f]{6}\b/g)).size).toBeGreaterThanOrEqual(8);
  });

  it('shows texts as texts', () => {
    const config = '<img src=x onerror=alert(1)>&"';
    expect(htmlReport({ ...result, config }, spoken)).not.toContain('<img');
  });
});

describe('markdownReport', () => {
  it('has the answer, the reasons and a row for each trial', () => {
    const text = markdownReport(result, spoken);
    expect(text).toContain('128');
    expect(text.match(/^\| /gm)).toHaveLength(result.trials.length + 2);
    expect(text.match(/^- /gm)?.length).toBe(
      (result.recommendation?.reasons.length ?? 0) + (result.notes?.length ?? 0),
    );
  });

  it('has no link, picture or element that a file brought with it', () => {
    const hostile = '[a](command:x) ![b](https://example.com) <img src=x>\n# `c` <https://d.org>';
    const text = markdownReport(
      {
        ...result,
        config: hostile,
        backend: { ...result.backend, device: hostile },
        notes: [{ id: 'ofALaterVersion', values: {}, text: hostile }],
      },
      spoken,
    );
    expect(text).not.toMatch(/(?<!\\)[[\]<`]|:\/\/|^# `/m);
    expect(text.match(/^#/gm)).toHaveLength(1);
  });
});

describe('csvReport', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ noNaN: true, min: 1e-9, max: 1e9 }), (id, stepMs) => {
        const [trial] = result.trials;
        if (!trial) throw new Error('fixture');
        const text = csvReport({ ...result, trials: [{ ...trial, id, stepMs }] });
        const options = { columns: true, record_delimiter: '\r\n' } as const;
        const [row] = parse<Record<string, string>>(text, options);
        expect(row?.['id']).toBe(id);
        expect(Number(row?.['stepMs'])).toBe(stepMs);
      }),
    );
  });
});
