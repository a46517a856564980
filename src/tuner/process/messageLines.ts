/** Longer lines are no messages: nothing of them is kept. */
export const longestMessage = 2 ** 24;

/**
 * Cuts text that arrives in pieces into lines: JSON objects with a "kind" are messages, all else is
 * what a launcher or the program itself has printed.
 * @param receive takes a message; what it throws is the message's fault, and told as another line
 */
export function messageLines(
  receive: (message: object) => void,
  other: (line: string) => void,
): (piece: string) => void {
  let held: string[] = [];
  let length = 0;
  const take = (line: string) => {
    try {
      const message = parsed(line);
      if (message) receive(message);
      else other(line);
    } catch {
      other(line);
    }
  };
  const keep = (part: string) => {
    length += part.length;
    if (length > longestMessage) held = [];
    else held.push(part);
  };
  return (piece) => {
    let from = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
      keep(piece.slice(from, end));
      if (length <= longestMessage) take(held.join(''));
      held = [];
      length = 0;
      from = end + 1;
    }
    if (from < piece.length) keep(piece.slice(from));
  };
}

function parsed(line: string): object | null {
  if (!line.startsWith('{')) return null;
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null && 'kind' in value ? value : null;
}
