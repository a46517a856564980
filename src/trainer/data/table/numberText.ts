import { isDecimal } from '../rawData';
import type { NumberStyle } from './plan';

/** A sign, a currency or per cent sign and accounting's parentheses around digits. */
const decorated =
  /^(\()?\s*([+-]?)\s*[$€£¥₹]?\s*([+-]?)\s*([\d.,'’\s]*\d[\d.,]*(?:[eE][+-]?\d+)?)\s*[%$€£¥₹]?\s*(\))?$/;

const bodies: Readonly<Record<NumberStyle, RegExp>> = {
  point: /^(?:\d{1,3}(?:[,'’\s]\d{2,3})*[,'’\s]\d{3}|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?$/,
  comma: /^(?:\d{1,3}(?:[.'’\s]\d{3})+|\d+)?(?:,\d*)?(?:[eE][+-]?\d+)?$/,
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
  const trimmed = text.trim();
  if (trimmed.length > longestNumber) return NaN;
  const [, open, before = '', after = '', body = '', close] = decorated.exec(trimmed) ?? [];
  if ((open === undefined) !== (close === undefined) || (before !== '' && after !== '')) return NaN;
  if (body === '' || !bodies[style].test(body)) return NaN;
  const digits = body.replace(grouping[style], '').replace(',', '.');
  const value = digits === '.' ? NaN : Number(digits);
  return open !== undefined || before === '-' || after === '-' ? -value : value;
}
