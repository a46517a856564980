import type { Hint, Span } from './site';

const mark = 'batchwise:';
const key = 'samples';

/** The `batchwise: samples=60000` in a comment's text, or null. */
export function hintIn(text: string, range: Span): Hint | null {
  const samples = samplesHinted(text);
  return samples === null ? null : { samples, range };
}

/** The number of samples that a comment gives, or null. */
export function samplesHinted(text: string): number | null {
  const start = text.toLowerCase().indexOf(mark);
  if (start < 0) return null;
  const rest = text.slice(start + mark.length);
  const found = rest.toLowerCase().indexOf(key);
  if (found < 0) return null;
  let at = found + key.length;
  while (rest[at] === ' ') at++;
  if (rest[at] !== '=' && rest[at] !== ':') return null;
  at++;
  while (rest[at] === ' ') at++;
  let digits = '';
  for (; at < rest.length; at++) {
    const character = rest.charAt(at);
    if (character >= '0' && character <= '9') digits += character;
    else if (character !== '_' && character !== ',') break;
  }
  const samples = Number(digits);
  return digits !== '' && Number.isSafeInteger(samples) && samples > 0 ? samples : null;
}
