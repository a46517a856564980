import Table from 'cli-table3';
import { trialRows } from '../core/report/trialRows';
import { accuracyName } from '../core/sweep/readings';
import type { SweepResult } from '../core/sweep/result';
import type { Language } from '../core/text/problem';

/** The trials as a table for a terminal, without colours. */
export function trialTable(
  result: Pick<SweepResult, 'trials' | 'target' | 'recommendation'>,
  language: Language,
): string {
  const { head, rows } = trialRows(result, language, (metric) => metric === accuracyName);
  return plainTable(head, rows);
}

/** A table with lines; numbers stand at the right, the second column (words) at the left. */
export function plainTable(head: string[], rows: string[][], wordColumns = [1]): string {
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => (wordColumns.includes(column) ? 'left' : 'right')),
  });
  table.push(...rows);
  return table.toString();
}
