/** Numbers as people read them, in their language. Units are those of the result document. */

const kilo = 1000;
const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Making one takes a hundred times as long as using it. */
const numberFormats = new Map<string, Intl.NumberFormat>();

function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const made = numberFormats.get(key) ?? new Intl.NumberFormat(language, options);
  numberFormats.set(key, made);
  return made;
}

/** `60,000`; fractions are rounded to whole numbers. */
export function formatCount(value: number, language = 'en'): string {
  return numberFormat(language, { maximumFractionDigits: 0 }).format(value);
}

/** Up to `digits` significant digits, without trailing zeros: `2.4`, `0.3`, `0.0028`. */
export function formatNumberShort(value: number, language = 'en', digits = 2): string {
  return numberFormat(language, {
    maximumSignificantDigits: digits,
    useGrouping: Math.abs(value) >= 10_000,
  }).format(value);
}

/** A loss or accuracy, with two decimals where two are enough: `0.30`, `12.35`, `0.0042`. */
export function formatLoss(value: number, language = 'en'): string {
  if (value !== 0 && Math.abs(value) < 0.1) return formatNumberShort(value, language, 2);
  return numberFormat(language, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  }).format(value);
}

/** Bytes in decimal units and up to three digits: `310 MB`, `1.25 GB`. */
export function formatBytes(bytes: number, language = 'en'): string {
  let value = bytes;
  let unit = 0;
  while (unit < byteUnits.length - 1 && Math.abs(value) >= kilo - 0.5) {
    value /= kilo;
    unit++;
  }
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const number = numberFormat(language, {
    maximumFractionDigits: unit === 0 ? 0 : digits,
  }).format(value);
  return `${number} ${byteUnits[unit] ?? 'B'}`;
}

/** Seconds as the unit that reads best: `3.1 ms`, `12 s`, `4 min 5 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number, language = 'en', digits = 2): string {
  const short = (value: number) =>
    formatNumberShort(value, language, value >= 100 ? Math.max(3, digits) : digits);
  if (seconds < 1 - 5e-3) return `${short(seconds * 1000)} ms`;
  if (seconds < 99.5) return `${short(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return two(Math.floor(whole / 60), 'min', whole % 60, 's', language);
  const minutes = Math.round(whole / 60);
  return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min', language);
}

function two(large: number, largeUnit: string, small: number, smallUnit: string, language: string) {
  const first = `${formatCount(large, language)} ${largeUnit}`;
  return small === 0 ? first : `${first} ${formatCount(small, language)} ${smallUnit}`;
}

/** `a, b, c`, with the separators of the language. */
export function formatList(items: Iterable<string>, language = 'en'): string {
  return listFormat(language).format(items);
}

/** The same in parts, of which those of type `element` are the items. */
export function listParts(items: Iterable<string>, language = 'en') {
  return listFormat(language).formatToParts(items);
}

function listFormat(language: string): Intl.ListFormat {
  return new Intl.ListFormat(language, { style: 'narrow', type: 'conjunction' });
}

/** A point in time on the person's clock: `Nov 24, 2026, 3:45 AM`; what is none stays as it is. */
export function formatMoment(iso: string, language = 'en'): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
    moment,
  );
}

// eslint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * A text with its control characters as codes such as `\x1b`: names and cells come from files, and a
 * terminal would obey what they hold. Line breaks and tabs stay.
 */
export function escaped(text: string): string {
  return text.replace(control, (character) => {
    const code = character.charCodeAt(0);
    const digits = code.toString(16);
    return code < 256 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}
