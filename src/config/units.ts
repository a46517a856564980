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

const secondsPerUnit: Readonly<Record<string, number>> = { '': 1, ms: 1e-3, s: 1, m: 60, h: 3600 };

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
  const [, amount, unit = ''] = durationPattern.exec(duration) ?? [];
  const factor = secondsPerUnit[unit === 'ms' ? unit : unit.slice(0, 1)];
  return amount === undefined || factor === undefined ? null : positive(Number(amount) * factor);
}

/** Names of units, right and usual, with what is written for them. */
const units: Readonly<Record<string, string>> = {
  ...{ ms: 'ms', msec: 'ms', millisecond: 'ms', milliseconds: 'ms' },
  ...{ s: 's', sec: 's', secs: 's', second: 's', seconds: 's' },
  ...{ m: 'min', min: 'min', mins: 'min', minute: 'min', minutes: 'min' },
  ...{ h: 'h', hour: 'h', hours: 'h' },
};

/** The duration that was most likely meant: `2 min` for `2 minits`; null where none is near. */
export function nearestDuration(text: string): string | null {
  const [, amount, word = ''] = /^\s*(\d+(?:[.,]\d+)?)\s*([a-z]+)\.?\s*$/i.exec(text) ?? [];
  const unit = units[nearest(word, Object.keys(units)) ?? ''];
  if (amount === undefined || unit === undefined) return null;
  const duration = `${amount.replace(',', '.')} ${unit}`;
  return parseDuration(duration) === null ? null : duration;
}

function positive(value: number): number | null {
  return Number.isFinite(value) && value > 0 ? value : null;
}
