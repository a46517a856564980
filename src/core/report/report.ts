import { formatCount, formatList, formatNumberShort } from '../text/format';
import { inLanguage } from '../sweep/renderedText';
import { lastMetrics, metricNames } from '../sweep/readings';
import type { SweepResult, Trial } from '../sweep/result';
import type { Language } from '../text/problem';
import { reportCharts } from './charts';
import { escapeMarkup, plainMarkdown } from './markup';
import { trialRows } from './trialRows';

/** A result as a document to take along. */

/** The recommendation, its reasons, what it cost. */
export function summaryLines(result: SweepResult, language: Language): string[] {
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
  const { batchSize, learningRate, isEstimate = false } = recommendation;
  return say(isEstimate ? 'cliEstimate' : 'cliRecommendation', {
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
  const { head, rows } = trialRows(result, language, () => true);
  const row = (cells: string[]) => `| ${cells.map(plainMarkdown).join(' | ')} |`;
  const [first = '', ...rest] = summaryLines(result, language);
  return [
    `# ${plainMarkdown(result.config)}`,
    '',
    `**${plainMarkdown(first)}**`,
    '',
    ...rest.map((line) => plainMarkdown(line).replace(/^ • /, '- ')),
    '',
    row(head),
    row(head.map(() => '---')),
    ...rows.map(row),
    '',
    plainMarkdown(`${result.backend.name}, ${result.backend.device}; ${result.finishedAt ?? ''}`),
    '',
  ].join('\n');
}

/** The same as an HTML document that needs nothing else. */
export function htmlReport(result: SweepResult, language: Language): string {
  const { head, rows } = trialRows(result, language, () => true);
  const [first = '', ...rest] = summaryLines(result, language);
  const cells = (tag: 'th' | 'td', values: string[]) =>
    `<tr>${values.map((value) => `<${tag}>${escapeMarkup(value)}</${tag}>`).join('')}</tr>`;
  return `<!doctype html>
<html lang="${language.tag}"><head><meta charset="utf-8"><title>${escapeMarkup(result.config)}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
table{border-collapse:collapse}th,td{border:1px solid #8888;padding:.25rem .6rem;text-align:right}
:root{color-scheme:light}.table{overflow-x:auto}h2{font-size:1.1rem}svg{width:100%;max-width:40rem;height:auto}</style>
</head><body><h1>${escapeMarkup(result.config)}</h1><p><strong>${escapeMarkup(first)}</strong></p>
<ul>${rest.map((line) => `<li>${escapeMarkup(line.replace(/^ {2}• /, ''))}</li>`).join('')}</ul>
${reportCharts(result, language)
  .map(({ title, svg }) => `<h2>${escapeMarkup(title)}</h2>\n${svg}`)
  .join('\n')}
<div class="table"><table><thead>${cells('th', head)}</thead><tbody>${rows.map((each) => cells('td', each)).join('\n')}</tbody></table></div>
<p>${escapeMarkup(`${result.backend.name}, ${result.backend.device}; ${result.finishedAt ?? ''}`)}</p>
</body></html>
`;
}

/** One row a trial, with numbers as they were measured; units are in the names of the columns. */
export function csvReport({ trials }: SweepResult): string {
  const columns = {
    id: (trial: Trial) => trial.id,
    batchSize: (trial) => trial.batchSize,
    learningRate: (trial) => trial.learningRate,
    gradientAccumulation: (trial) => trial.gradientAccumulation,
    seed: (trial) => trial.seed,
    phase: (trial) => trial.phase,
    purpose: (trial) => trial.purpose ?? null,
    status: (trial) => trial.status,
    stopReason: (trial) => trial.stopReason,
    stepMs: (trial) => trial.stepMs,
    samplesPerSecond: (trial) => trial.samplesPerSecond,
    peakBytes: (trial) => trial.peakBytes,
    iterations: (trial) => trial.iterations,
    timeToTargetSeconds: (trial) => trial.timeToTargetSeconds,
    predictedTimeToTargetSeconds: (trial) => trial.predictedTimeToTargetSeconds,
    validationLoss: (trial) => trial.loss.at(-1)?.validation ?? null,
    ...Object.fromEntries(
      metricNames(trials).map((name) => [
        `metrics.${name}`,
        (trial: Trial) => lastMetrics(trial).get(name) ?? null,
      ]),
    ),
  } satisfies Record<string, (trial: Trial) => string | number | null>;
  const lines = [
    Object.keys(columns).map(quoted),
    ...trials.map((trial) => Object.values(columns).map((value) => quoted(value(trial)))),
  ];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** RFC 4180. */
function quoted(value: string | number | null): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
