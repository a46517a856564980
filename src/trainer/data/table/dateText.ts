import type { DateOrder } from './plan';

const msPerDay = 86_400_000;
const time = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(AM|PM)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?`;
const yearFirst = new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?${time}$`, 'i');
const yearLast = new RegExp(String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})${time}$`, 'i');
const dayMonthName = new RegExp(
  String.raw`^(\d{1,2})[-/. ]+([a-z]{3,9})\.?[-/., ]+(\d{4}|\d{2})${time}$`,
  'i',
);
const monthNameDay = new RegExp(String.raw`^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})${time}$`, 'i');
const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(AM|PM)?$/i;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

type Clock = readonly (string | undefined)[];

/** Days since 1970-01-01 of a date or time of day, with their fraction; NaN for other texts. */
export function parseDate(text: string, order: DateOrder): number {
  // Every form has a digit and a separator; most cells of a table are not worth four expressions.
  if (text.length < 4 || text.length > 40 || !/\d/.test(text)) return NaN;
  const [, year, month, day = '1', ...at] = yearFirst.exec(text) ?? [];
  if (year !== undefined) return days(year, Number(month), Number(day), at);
  const [, one, two, last, ...lastAt] = yearLast.exec(text) ?? [];
  if (last !== undefined) {
    const [dayOf, monthOf] = order === 'dayFirst' ? [one, two] : [two, one];
    return days(last, Number(monthOf), Number(dayOf), lastAt);
  }
  const [, namedDay, name, ofYear, ...namedAt] = dayMonthName.exec(text) ?? [];
  if (name !== undefined) return days(ofYear, monthNumber(name), Number(namedDay), namedAt);
  const [, first, then, inYear, ...thenAt] = monthNameDay.exec(text) ?? [];
  if (first !== undefined) return days(inYear, monthNumber(first), Number(then), thenAt);
  const found = clock.exec(text);
  return found ? fractionOf(found.slice(1)) : NaN;
}

/** The two leading numbers of a date, whose order the rest of its column shows; null for other texts. */
export function ambiguousParts(text: string): readonly [number, number] | null {
  const [, one, two] = yearLast.exec(text) ?? [];
  return one === undefined ? null : [Number(one), Number(two)];
}

function monthNumber(name: string): number {
  return months.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

function days(year: string | undefined, month: number, day: number, at: Clock): number {
  const written = Number(year);
  const full = (year?.length ?? 0) > 2 ? written : written + (written < 70 ? 2000 : 1900);
  if (month < 1 || month > 12 || day < 1 || day > 31) return NaN;
  return Date.UTC(full, month - 1, day) / msPerDay + fractionOf(at);
}

function fractionOf([hours = '0', minutes = '0', seconds = '0', half]: Clock): number {
  const noon = half?.toUpperCase() === 'PM' ? 12 : 0;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + noon;
  if (hour > 24 || Number(minutes) > 59 || Number(seconds) > 60) return NaN;
  return (hour + (Number(minutes) + Number(seconds) / 60) / 60) / 24;
}
