import { summaryLines } from '../core/report/report';
import type { SweepResult } from '../core/sweep/result';
import type { Language } from '../core/text/problem';
import { trialTable } from './trialTable';

/** The end of a tune as text: table, recommendation, reasons, cost. */
export function conclusion(result: SweepResult, language: Language): string {
  return `${trialTable(result, language)}\n\n${summaryLines(result, language).join('\n')}\n`;
}
