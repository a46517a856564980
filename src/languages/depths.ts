import { Stretches } from './clock';

/** Code written by hand nests brackets less deeply. */
const deepestUsual = 200;

/**
 * A text in which spaces replace what is nested in too many brackets; every offset is kept.
 * Brackets in strings and comments are counted as well, so this is only for texts whose nesting is
 * too deep for a parser.
 */
export function* withoutDepths(text: string, deepest = deepestUsual): Generator<undefined, string> {
  const stretches = new Stretches();
  const parts: string[] = [];
  let depth = 0;
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    if (stretches.isDue(i)) yield;
    const code = text.charCodeAt(i);
    if (opens(code)) {
      if (depth === deepest) parts.push(text.slice(copied, (copied = i)));
      depth++;
    } else if (closes(code) && depth > 0) {
      depth--;
      if (depth === deepest) parts.push(blank(text.slice(copied, (copied = i + 1))));
    }
  }
  const rest = text.slice(copied);
  parts.push(depth > deepest ? blank(rest) : rest);
  return parts.join('');
}

/** Lines written by hand are shorter. */
const longestLine = 2000;

/** A text in which spaces replace the longest lines, which may chain thousands of operators. */
export function withoutLongLines(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.length > longestLine ? ' '.repeat(line.length) : line))
    .join('\n');
}

function opens(code: number): boolean {
  return code === 40 || code === 91 || code === 123;
}
function closes(code: number): boolean {
  return code === 41 || code === 93 || code === 125;
}

function blank(text: string): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(line.length))
    .join('\n');
}
