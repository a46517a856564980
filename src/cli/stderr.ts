/** A sentence for the person, beside whatever stdout carries. */
export function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** Shows on a terminal what takes a while, for as long as it does; elsewhere nothing. */
export async function shownWhile<T>(sentence: string, act: () => Promise<T>): Promise<T> {
  const { stderr } = process;
  if (!stderr.isTTY) return act();
  stderr.write(`${sentence}…`);
  try {
    return await act();
  } finally {
    stderr.write('\r\u001b[K');
  }
}
