/**
 * Characters of a document that is still read. Longer ones are generated, or hold data: building
 * their syntax trees would keep the extension host from its other work.
 */
export const longestDocument = 1_000_000;
/** Characters of a line that is read: longer ones are minified, or hold data. */
export const longestLine = 10_000;
/** Characters of all longer lines together, where the rest of the document is still read. */
const mostInLongLines = 120_000;
/** Lines of a document that is read: to count the characters of more takes VS Code long. */
export const mostLines = 50_000;

/** Why nothing is looked for in a document or in a part of it: it is long, or its lines are. */
export type LeftAlone = 'long' | 'longLines';

/** Why a text, or some of it, is not read: nobody wrote it by hand, and to parse it would take long. */
export function leftAlone(text: string): LeftAlone | null {
  if (text.length > longestDocument) return 'long';
  return longLines(text).length > 0 ? 'longLines' : null;
}

/**
 * What is read of a text: spaces stand for its longest lines, so that every offset is kept. Null for a
 * text that is left alone.
 */
export function readable(text: string): string | null {
  if (text.length > longestDocument) return null;
  const lines = longLines(text);
  if (lines.length === 0) return text;
  const blanked = lines.reduce((sum, { from, to }) => sum + to - from, 0);
  if (blanked > mostInLongLines) return null;
  const parts: string[] = [];
  let copied = 0;
  for (const { from, to } of lines) {
    parts.push(text.slice(copied, from), ' '.repeat(to - from));
    copied = to;
  }
  parts.push(text.slice(copied));
  const read = parts.join('');
  return read.trim() === '' ? null : read;
}

/** Only lines that may be too long are measured. */
function longLines(text: string): { readonly from: number; readonly to: number }[] {
  const lines: { from: number; to: number }[] = [];
  for (let from = 0; from + longestLine < text.length;) {
    const end = text.lastIndexOf('\n', from + longestLine);
    if (end >= from) {
      from = end + 1;
      continue;
    }
    const next = text.indexOf('\n', from);
    const to = next < 0 ? text.length : next;
    lines.push({ from, to });
    from = to + 1;
  }
  return lines;
}
