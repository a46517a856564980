/** What an error says of itself; of one without a message its code or its name. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/** The first line of what an error says, without its full stop: for the middle of a sentence. */
export function firstLine(error: unknown): string {
  return (causeOf(error).split('\n')[0] ?? '').replace(/\.$/, '');
}
