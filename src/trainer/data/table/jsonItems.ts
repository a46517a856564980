import { refuse, type Source } from '../rawData';

const mostLetters = 2 ** 26;

/** The items of one JSON list as texts, each with the line it begins on; in constant memory. */
export async function* jsonItems(
  pieces: AsyncIterable<string>,
  { name, file }: Source,
): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  let depth = 0;
  let inText = false;
  let escaped = false;
  let line = 1;
  let start = 1;
  let held: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    let from = 0;
    const cut = (to: number) => {
      const text = [...held, piece.slice(from, to)].join('');
      held = [];
      length = 0;
      from = to + 1;
      return { text, line: start };
    };
    for (let at = 0; at < piece.length; at++) {
      const letter = piece.charCodeAt(at);
      if (letter === 10) line++;
      if (inText) {
        if (escaped) escaped = false;
        else if (letter === 92) escaped = true;
        else if (letter === 34) inText = false;
      } else if (letter === 34) {
        inText = true;
      } else if (letter === 91 || letter === 123) {
        if (++depth === 1) from = at + 1;
        else if (depth === 2) start = line;
      } else if (letter === 93 || letter === 125) {
        if (--depth === 0) {
          yield cut(at);
          return;
        }
      } else if (letter === 44 && depth === 1) {
        yield cut(at);
      }
    }
    held.push(piece.slice(from));
    length += piece.length - from;
    if (length > mostLetters)
      refuse('dataLineTooLong', { path: name, most: mostLetters }, { file, line });
  }
  refuse('dataJsonCut', { path: name }, { file, line });
}
