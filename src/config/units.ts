import { nearest } from '../core/text/nearest';

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Units of time by each of their names: what is written for them, and their seconds. */
const timeUnits: Readonly<Record<string, { readonly name: string; readonly seconds: number }>> =
  Object.fromEntries(
    [
      { names: ['ms', 'msec', 'millisecond', 'milliseconds'], name: 'ms', seconds: 1e-3 },
      { names: ['s', 'sec', 'secs', 'second', 'seconds'], name: 's', seconds: 1 },
      { names: ['m', 'min', 'mins', 'minute', 'minutes'], name: 'min', seconds: 60 },
      { names: ['h', 'hour', 'hours'], name: 'h', seconds: 3600 },
    ].flatMap(({ names, ...unit }) => names.map((each) => [each, unit])),
  );

/** Sizes as people write them. It also goes into the JSON schema, which knows no flags. */
export const bytesPattern = /^\s*(\d+(?:\.\d+)?)\s*([kKmMgGtT]?i?)[bB]?\s*$/;
export const durationPattern =
  /^\s*(\d+(?:\.\d+)?)\s*(ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?)?\s*$/;

/**
 * Bytes of a size such as `"2 GB"` (10⁹ each), `"512 MiB"` (2²⁰ each) or a plain number, rounded to
 * whole bytes; null when it is not one, or not above 0.
 */
export function parseBytes(size: string | number): number | null {
  if (typeof size === 'number') return positive(Math.round(size));
  const [, amount, unit = ''] = bytesPattern.exec(size) ?? [];
  const factor = byteUnits[unit.toLowerCase()];
  return amount === undefined || factor === undefined
    ? null
    : positive(Math.round(Number(amount) * factor));
}

/**
 * Seconds of a duration such as `"2 min"`, `"90s"` or `"500 ms"`; a plain number counts seconds.
 * Null when it is not one, or not above 0.
 */
export function parseDuration(duration: string | number): number | null {
  if (typeof duration === 'number') return positive(duration);
  const [, amount, unit = 's'] = durationPattern.exec(duration) ?? [];
  const seconds = timeUnits[unit]?.seconds;
  return amount === undefined || seconds === undefined ? null : positive(Number(amount) * seconds);
}

/** The duration that was most likely meant: `2 min` for `2 minits`; null where none is near. */
export function nearestDuration(text: string): string | null {
  const [, amount, word = ''] = /^\s*(\d+(?:[.,]\d+)?)\s*([a-z]+)\.?\s*$/i.exec(text) ?? [];
  const unit = timeUnits[nearest(word, Object.keys(timeUnits)) ?? ''];
  if (amount === undefined || unit === undefined) return null;
  const duration = `${amount.replace(',', '.')} ${unit.name}`;
  return parseDuration(duration) === null ? null : duration;
}

function positive(value: number): number | null {
  return Number.isFinite(value) && value > 0 ? value : null;
}
