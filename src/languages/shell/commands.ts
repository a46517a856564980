/** A word of a command, quotes taken off. */
export interface Word {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** The words of one command, which backslashes may carry over several lines. */
export type Command = readonly Word[];

export interface ShellComment {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Longer words are data. */
const longestWord = 500;

/**
 * Reads a shell script into commands, as far as launch scripts need it: quotes, comments, continued
 * lines, and command separators. Yields after every word.
 */
export function* commandsOf(
  text: string,
  comments: ShellComment[],
): Generator<undefined, Command[]> {
  const commands: Command[] = [];
  let words: Word[] = [];
  const finish = (): void => {
    if (words.length > 0) commands.push(words);
    words = [];
  };
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '\n' || ';|&()'.includes(character)) {
      finish();
      at++;
    } else if (character === '\\' && isLineEnd(text, at + 1)) at = lineEnd(text, at) + 1;
    else if (character === ' ' || character === '\t' || character === '\r') at++;
    else if (character === '#') {
      const to = lineEnd(text, at);
      comments.push({ text: text.slice(at, to), from: at, to });
      at = to;
    } else {
      const word = wordAt(text, at);
      if (word.to - word.from <= longestWord) words.push(word);
      at = word.to;
      yield;
    }
  }
  finish();
  return commands;
}

function isLineEnd(text: string, at: number): boolean {
  return text[at] === '\n' || (text[at] === '\r' && text[at + 1] === '\n');
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function wordAt(text: string, from: number): Word {
  let quote = '';
  let braces = 0;
  let to = from;
  for (; to < text.length; to++) {
    const character = text.charAt(to);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '{') braces++;
    else if (character === '}') braces = Math.max(0, braces - 1);
    else if (character === '\\' && isLineEnd(text, to + 1)) break;
    else if (braces === 0 && ' \t\r\n;|&()'.includes(character)) break;
    else if (character === '\n') break;
  }
  // A character that ends words and starts none is skipped.
  return { text: text.slice(from, Math.max(to, from + 1)), from, to: Math.max(to, from + 1) };
}
