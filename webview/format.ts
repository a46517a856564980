import * as l10n from '@vscode/l10n';
import { formatList, listParts } from '../src/core/text/format';

/** Numbers as a person reads them, in the host's language. */
export interface Format {
  /** The language itself, as the platform knows it. */
  readonly language: string;
  /** 1,437 */
  readonly count: (value: number) => string;
  /** 0.0028: three significant digits. */
  readonly number: (value: number) => string;
  /** 81.8 MB */
  readonly bytes: (value: number) => string;
  /** 3.1 ms */
  readonly milliseconds: (value: number) => string;
  /** 0.320: three significant digits, zeros kept, so that columns align. */
  readonly loss: (value: number) => string;
  /** 219 ms, 1.9 s, 2 min 10 s */
  readonly seconds: (value: number) => string;
  /** 10 s, 500 ms: for axes and estimates. */
  readonly roughSeconds: (value: number) => string;
  /** 10.3k/s */
  readonly perSecond: (value: number) => string;
  /** 12% */
  readonly percent: (fraction: number) => string;
  /** 10.3k */
  readonly short: (value: number) => string;
  /** `a, b, c` */
  readonly list: (items: readonly string[]) => string;
  /** The same in parts, of which those of type `element` are the items. */
  readonly listParts: (items: readonly string[]) => ReturnType<typeof listParts>;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
const prefixes = ['', 'k', 'M', 'G'] as const;

/** @param language BCP 47 tag; one the browser does not know falls back to English. */
export function createFormat(language: string): Format {
  const locale = supported(language);
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const significant = new Intl.NumberFormat(locale, {
    maximumSignificantDigits: 3,
    useGrouping: true,
  });
  const precise = new Intl.NumberFormat(locale, {
    minimumSignificantDigits: 3,
    maximumSignificantDigits: 3,
  });
  const fixed1 = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const percentage = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });

  const inUnits = (value: number, units: readonly string[]): [string, string] => {
    let index = 0;
    let scaled = value;
    // 999.6 would read "1,000 kB": step up before rounding gets there.
    while (Math.abs(scaled) >= 999.5 && index < units.length - 1) {
      scaled /= 1000;
      index += 1;
    }
    return [significant.format(scaled), units[index] ?? ''];
  };

  const short = (value: number) => inUnits(value, prefixes).join('');
  return {
    language: locale,
    list: (items) => formatList(items, locale),
    listParts: (items) => listParts(items, locale),
    count: (value) => whole.format(value),
    number: (value) => (Math.abs(value) >= 1000 ? whole : significant).format(value),
    bytes: (value) => inUnits(value, byteUnits).join(' '),
    milliseconds,
    loss: (value) => (Math.abs(value) >= 1000 ? whole : precise).format(value),
    roughSeconds: (value) =>
      value > 0 && value < 1
        ? l10n.t('{value} ms', { value: significant.format(value * 1000) })
        : value < 60
          ? l10n.t('{value} s', { value: significant.format(value) })
          : seconds(value),
    seconds,
    perSecond: (value) => l10n.t('{value}/s', { value: short(value) }),
    percent: (fraction) => percentage.format(fraction),
    short,
  };

  function milliseconds(value: number): string {
    const shown = value < 100 ? oneDecimal(value) : whole.format(value);
    return l10n.t('{value} ms', { value: shown });
  }

  function seconds(value: number): string {
    // What rounds to a second is one.
    if (value > 0 && value < 0.9995) return milliseconds(value * 1000);
    if (value < 60) return l10n.t('{value} s', { value: oneDecimal(value) });
    const minutes = Math.floor(Math.round(value) / 60);
    const rest = Math.round(value) % 60;
    if (rest === 0) return l10n.t('{minutes} min', { minutes: whole.format(minutes) });
    return l10n.t('{minutes} min {seconds} s', { minutes: whole.format(minutes), seconds: rest });
  }

  function oneDecimal(value: number): string {
    // Below 0.1 one decimal says nothing.
    return (value > 0 && value < 0.1 ? significant : fixed1).format(value);
  }
}

function supported(language: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(language)[0] ?? 'en';
  } catch {
    return 'en';
  }
}
