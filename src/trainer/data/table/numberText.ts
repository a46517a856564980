import { isDecimal } from '../rawData';
import type { NumberStyle } from './plan';

/** A sign, a currency or per cent sign and accounting's parentheses around digits. */
const currency = String.raw`\p{Sc}|[A-Z]{1,2}\$|USD|EUR|GBP|JPY|CNY|INR|CHF|Rs\.?|kr\.?|円|元`;
const decorated = new RegExp(
  String.raw`^(\()?\s*([+-]?)\s*(?:${currency})?\s*([+-]?)\s*` +
    String.raw`([\d.,'’\s]*\d[\d.,]*(?:[eE][+-]?\d+)?)\s*(?:%|${currency})?\s*(\))?$`,
  'u',
);

const bodies: Readonly<Record<NumberStyle, RegExp>> = {
  point: /^(?:[1-9]\d{0,2}(?:[,'’\s]\d{2,3})*[,'’\s]\d{3}|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?$/,
  comma: /^(?:[1-9]\d{0,2}(?:[.'’\s]\d{3})+|\d+)?(?:,\d*)?(?:[eE][+-]?\d+)?$/,
};

const grouping: Readonly<Record<NumberStyle, RegExp>> = {
  point: /[,'’\s]/g,
  comma: /[.'’\s]/g,
};

/** Longer texts are no numbers; the pattern would try each way to share their spaces. */
const longestNumber = 64;

/** The number that a text writes in a style; NaN where it writes none. A per cent sign says nothing. */
export function parseNumber(text: string, style: NumberStyle): number {
  if (style === 'point' && isDecimal(text)) return Number(text);
  const trimmed = text.trim().replace('\u2212', '-');
  if (trimmed.length > longestNumber) return NaN;
  const [, open, before = '', after = '', body = '', close] = decorated.exec(trimmed) ?? [];
  if ((open === undefined) !== (close === undefined) || (before !== '' && after !== '')) return NaN;
  if (body === '' || !bodies[style].test(body)) return NaN;
  const digits = body.replace(grouping[style], '').replace(',', '.');
  const value = digits === '.' ? NaN : Number(digits);
  return open !== undefined || before === '-' || after === '-' ? -value : value;
}
