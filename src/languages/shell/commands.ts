/** A word of a command, quotes included. */
export interface Word {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** What stands in its quotes or in its brackets (`ARGS="--lr 1"`, `ARGS=(--lr 1)`), if that is several words. */
  readonly inner?: Stretch;
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The words of one command, which backslashes may carry over several lines. */
export type Command = readonly Word[];

export interface ShellComment extends Stretch {
  readonly text: string;
}

/** Longer words are data; */
const longestWord = 500;
/** so are longer lists of options in quotes. */
const longestInner = 20_000;

/**
 * Reads a shell script into commands, as far as launch scripts need it: quotes, arrays, comments, lines
 * that go on, and what separates commands. Yields after every word.
 */
export function* commandsOf(
  text: string,
  comments: ShellComment[],
  within: Stretch = { from: 0, to: text.length },
): Generator<undefined, Command[]> {
  const commands: Command[] = [];
  let words: Word[] = [];
  const finish = (): void => {
    if (words.length > 0) commands.push(words);
    words = [];
  };
  let at = within.from;
  while (at < within.to) {
    const character = text.charAt(at);
    if (character === '\n' || ';|&()'.includes(character)) {
      finish();
      at++;
    } else if (character === '\\' && isLineEnd(text, at + 1)) at = lineEnd(text, at) + 1;
    else if (character === ' ' || character === '\t' || character === '\r') at++;
    else if (character === '#') {
      const to = Math.min(lineEnd(text, at), within.to);
      comments.push({ text: text.slice(at, to), from: at, to });
      at = to;
    } else {
      const word = wordAt(text, at, within.to);
      const longest = word.inner ? longestInner : longestWord;
      if (word.to - word.from <= longest) words.push(word);
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

function wordAt(text: string, from: number, end: number): Word {
  let quote = '';
  let braces = 0;
  let opened = from;
  let inner: Stretch | null = null;
  let to = from;
  for (; to < end; to++) {
    const character = text.charAt(to);
    if (quote !== '') {
      if (character === '\\') to++;
      else if (character === quote) {
        quote = '';
        inner ??= severalWords(text, opened, to);
      }
    } else if (character === '"' || character === "'") {
      quote = character;
      opened = to + 1;
    } else if (character === '{') braces++;
    else if (character === '}') braces = Math.max(0, braces - 1);
    else if (character === '(' && to > from && text[to - 1] === '=') {
      const close = closingBracket(text, to, end);
      inner = { from: to + 1, to: close };
      to = close;
    } else if (character === '\\' && isLineEnd(text, to + 1)) break;
    else if (braces === 0 && ' \t\r\n;|&()'.includes(character)) break;
    else if (character === '\n') break;
  }
  // A character that ends words and starts none is passed over.
  const last = Math.min(end, Math.max(to, from + 1));
  const word = { text: text.slice(from, last), from, to: last };
  return inner ? { ...word, inner } : word;
}

function severalWords(text: string, from: number, to: number): Stretch | null {
  for (let at = from; at < to; at++) if (' \t\n'.includes(text.charAt(at))) return { from, to };
  return null;
}

/** Where an array ends; the end of the text where it is not closed. */
function closingBracket(text: string, open: number, end: number): number {
  let depth = 0;
  for (let at = open; at < end; at++) {
    const character = text.charAt(at);
    if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return at;
  }
  return end;
}
