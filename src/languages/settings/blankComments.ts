import { Stretches } from '../clock';

export interface TextComment {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * JSON without its comments, every offset kept: comments become spaces, because the JSON grammar
 * knows none and would read the settings that are commented out.
 */
export function* blankComments(
  text: string,
): Generator<undefined, { text: string; comments: TextComment[] }> {
  const stretches = new Stretches();
  const comments: TextComment[] = [];
  const parts: string[] = [];
  let copied = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (stretches.isDue(i)) yield;
    const character = text.charCodeAt(i);
    if (quoted) {
      if (character === 92) i++;
      else if (character === 34 || character === 10) quoted = false;
    } else if (character === 34) quoted = true;
    else if (character === 47) {
      const end = commentEnd(text, i);
      if (end === i) continue;
      const comment = text.slice(i, end);
      comments.push({ from: i, to: end, text: comment });
      parts.push(text.slice(copied, i), ' '.repeat(end - i));
      copied = end;
      i = end - 1;
    }
  }
  if (comments.length === 0) return { text, comments };
  parts.push(text.slice(copied));
  return { text: parts.join(''), comments };
}

/** Where the comment at `from` ends; `from` itself when there is none. */
function commentEnd(text: string, from: number): number {
  const next = text[from + 1];
  if (next === '/') {
    const end = text.indexOf('\n', from);
    return end < 0 ? text.length : end;
  }
  if (next !== '*') return from;
  const end = text.indexOf('*/', from + 2);
  return end < 0 ? text.length : end + 2;
}
