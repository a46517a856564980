/** What an error says of itself; of one without a message its code or its name. */
export function causeOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error);
    return String(error.message || ('code' in error ? error.code : error.name));
  } catch {
    // Code of the workspace can throw anything, also what cannot be told.
    return typeof error;
  }
}

/** The first line of what an error says, without its full stop: for the middle of a sentence. */
export function firstLine(error: unknown): string {
  return (causeOf(error).split('\n')[0] ?? '').replace(/\.$/, '');
}

/** Ends the reading of a file whose parts do not fit together. @throws Error that says so */
export function damaged(): never {
  throw new Error('causeDamaged');
}

/**
 * What a library says of a file that it cannot read. Where it stumbled over its own code, as over what
 * lies beyond the end, the file is damaged: that, and not its code, is for people.
 */
export function causeInFile(error: unknown): string {
  const isStumble = error instanceof TypeError || error instanceof RangeError;
  return isStumble ? 'causeDamaged' : firstLine(error);
}
