import * as l10n from '@vscode/l10n';

/** Numbers as a person reads them, in the host's language. */
export interface Format {
  /** 1,437 */
  count(value: number): string;
  /** 0.0028: three significant digits. */
  number(value: number): string;
  /** 81.8 MB */
  bytes(value: number): string;
  /** 3.1 ms */
  milliseconds(value: number): string;
  /** 1.9 s, 2 min 10 s */
  seconds(value: number): string;
  /** 10.3k/s */
  perSecond(value: number): string;
  /** 12% */
  percent(fraction: number): string;
  /** 10.3k */
  short(value: number): string;
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
    count: (value) => whole.format(value),
    number: (value) => (Math.abs(value) >= 1000 ? whole : significant).format(value),
    bytes: (value) => inUnits(value, byteUnits).join(' '),
    milliseconds: (value) =>
      l10n.t('{value} ms', { value: value < 100 ? oneDecimal(value) : whole.format(value) }),
    seconds: (value) => {
      if (value < 60) return l10n.t('{value} s', { value: oneDecimal(value) });
      const minutes = Math.floor(Math.round(value) / 60);
      const seconds = Math.round(value) % 60;
      if (seconds === 0) return l10n.t('{minutes} min', { minutes: whole.format(minutes) });
      return l10n.t('{minutes} min {seconds} s', { minutes: whole.format(minutes), seconds });
    },
    perSecond: (value) => l10n.t('{value}/s', { value: short(value) }),
    percent: (fraction) => percentage.format(fraction),
    short,
  };

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
