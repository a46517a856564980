import { isMissing, type ColumnSurvey } from './columnSurvey';
import { parseDate } from './dateText';
import { parseNumber } from './numberText';

/**
 * Whether the first row of a table is data and no header: where columns of numbers (or dates) hold
 * one there, too, or texts of the first row stand further down in the same columns.
 * @param surveys of all further rows
 * @param label that the config names
 */
export function looksLikeData(
  first: readonly string[],
  surveys: readonly ColumnSurvey[],
  label: string | undefined,
): boolean {
  if (isSequence(first) || isNamed(first, surveys, label)) return false;
  let numeric = 0;
  let alike = 0;
  let texts = 0;
  let repeated = 0;
  surveys.forEach((survey, column) => {
    const cell = first[column] ?? '';
    const { type } = survey;
    if (type === 'number' || type === 'date') {
      numeric++;
      const value =
        type === 'number' ? parseNumber(cell, survey.style) : parseDate(cell, survey.dateOrder);
      if (!Number.isNaN(value)) alike++;
    } else if ((type === 'text' || type === 'boolean') && !isMissing(cell)) {
      if (survey.distinct === null || 2 * survey.distinct.size > survey.rows) return;
      texts++;
      if (survey.distinct.has(cell)) repeated++;
    }
  });
  if (surveys.every(({ rows }) => rows === 0))
    return first.every((cell) => /^[\d.+-]+$/.test(cell));
  if (numeric > 0) return alike > 0 && 2 * alike >= numeric && (texts === 0 || repeated > 0);
  return texts > 0 && 2 * repeated > texts;
}

/** Whether the config's label is the name of a column, and none of its values. */
function isNamed(
  first: readonly string[],
  surveys: readonly ColumnSurvey[],
  label: string | undefined,
): boolean {
  if (label === undefined || /^[\d.,+-]*$/.test(label)) return false;
  const survey = surveys[first.indexOf(label)];
  return survey?.distinct != null && !survey.distinct.has(label);
}

/** 0, 1, 2 … or years: numbers that name columns. An empty first name is that of pandas' index. */
function isSequence(names: readonly string[]): boolean {
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
  if (numbers.length < 3 || names.some((name) => /^[+-]?\d*[.,]\d+$/.test(name))) return false;
  const [first = 0, second = 0] = numbers;
  const step = second - first;
  return step > 0 && numbers.every((value, at) => value === first + step * at);
}
