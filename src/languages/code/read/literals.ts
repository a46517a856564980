/** The value of a number as JavaScript or Python writes it (`1_000`, `0x20`, `32n`); null when it is none. */
export function parseNumber(text: string): number | null {
  const digits = text.replaceAll('_', '');
  const plain = digits.endsWith('n') ? digits.slice(0, -1) : digits;
  if (plain === '') return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

/** A string literal's content and the quotes that start and end it; prefixes (`r`, `f`) are skipped. */
export function parseString(text: string): { value: string; quote: string; start: number } {
  let start = 0;
  while (start < text.length && start < 3 && !isQuote(text.charAt(start))) start++;
  const mark = text.charAt(start);
  const quote =
    text.startsWith(mark.repeat(3), start) && text.length >= start + 6 ? mark.repeat(3) : mark;
  const end =
    text.endsWith(quote) && text.length >= start + 2 * quote.length ? -quote.length : undefined;
  return { value: text.slice(start + quote.length, end), quote, start };
}

function isQuote(character: string): boolean {
  return character === '"' || character === "'" || character === '`';
}

/** The number in a text that holds nothing else, or null. */
export function numberInText(text: string): number | null {
  const trimmed = text.trim();
  const first = trimmed.charCodeAt(0);
  const digit = (first >= 48 && first <= 57) || trimmed.startsWith('.');
  return digit ? parseNumber(trimmed) : null;
}
