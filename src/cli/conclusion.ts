import { formatCount, formatList, formatNumberShort } from '../core/text/format';
import type { SweepResult } from '../core/sweep/result';
import type { Language } from './language';
import { inLanguage } from './progressDisplay';
import { trialRows, trialTable } from './trialTable';

/** The end of a tune as text: table, recommendation, reasons, cost. */
export function conclusion(result: SweepResult, language: Language): string {
  return `${trialTable(result, language)}\n\n${summaryLines(result, language).join('\n')}\n`;
}

function summaryLines(result: SweepResult, language: Language): string[] {
  const { say, tag } = language;
  const { recommendation, notes = [], cost } = result;
  const lines = [headline(result, language)];
  for (const reason of recommendation?.reasons ?? [])
    lines.push(`  • ${inLanguage(reason, language)}`);
  for (const note of notes) lines.push(`  • ${inLanguage(note, language)}`);
  const others = alternatives(result, language);
  if (others !== '') lines.push(say('cliAlternatives', { list: others }));
  lines.push(
    say('cliCost', {
      seconds: formatNumberShort(cost.seconds, tag, 3),
      samples: formatCount(cost.samplesTrained, tag),
    }),
  );
  return lines;
}

/** The recommendation in one line, or that there is none. */
export function headline({ recommendation }: SweepResult, { say, tag }: Language): string {
  if (!recommendation) return say('cliNoRecommendation');
  const { batchSize, learningRate } = recommendation;
  return say('cliRecommendation', {
    batchSize: formatCount(batchSize, tag),
    learningRate: formatNumberShort(learningRate, tag, 4),
  });
}

function alternatives({ recommendation }: SweepResult, { tag }: Language): string {
  const all = recommendation?.alternatives ?? [];
  return formatList(
    all.map(({ objective, batchSize }) => `${objective} ${formatCount(batchSize, tag)}`),
    tag,
  );
}

/** The same as a Markdown document. */
export function markdownReport(result: SweepResult, language: Language): string {
  const { head, rows } = trialRows(result, language);
  const row = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const [first = '', ...rest] = summaryLines(result, language);
  return [
    `# ${result.config}`,
    '',
    `**${first}**`,
    '',
    ...rest.map((line) => line.replace(/^ {2}• /, '- ')),
    '',
    row(head),
    row(head.map(() => '---')),
    ...rows.map(row),
    '',
    `${result.backend.name}, ${result.backend.device}; ${result.finishedAt ?? ''}`,
    '',
  ].join('\n');
}

/** The same as an HTML document that needs nothing else. */
export function htmlReport(result: SweepResult, language: Language): string {
  const { head, rows } = trialRows(result, language);
  const [first = '', ...rest] = summaryLines(result, language);
  const cells = (tag: 'th' | 'td', values: string[]) =>
    `<tr>${values.map((value) => `<${tag}>${escapeHtml(value)}</${tag}>`).join('')}</tr>`;
  return `<!doctype html>
<html lang="${language.tag}"><head><meta charset="utf-8"><title>${escapeHtml(result.config)}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
table{border-collapse:collapse}th,td{border:1px solid #8888;padding:.25rem .6rem;text-align:right}</style>
</head><body><h1>${escapeHtml(result.config)}</h1><p><strong>${escapeHtml(first)}</strong></p>
<ul>${rest.map((line) => `<li>${escapeHtml(line.replace(/^ {2}• /, ''))}</li>`).join('')}</ul>
<table><thead>${cells('th', head)}</thead><tbody>${rows.map((each) => cells('td', each)).join('\n')}</tbody></table>
<p>${escapeHtml(`${result.backend.name}, ${result.backend.device}; ${result.finishedAt ?? ''}`)}</p>
</body></html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
