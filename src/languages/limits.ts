/**
 * Characters of a document that is still read. Longer ones are generated, or hold data: building
 * their syntax trees would keep the extension host from its other work.
 */
export const longestDocument = 1_000_000;
/**
 * Characters of a line in a document that is read: longer ones are minified, or hold data, and the
 * parser builds what stands in one of them in one go.
 */
export const longestLine = 120_000;
/** Lines of one: to count the characters of more takes VS Code long. */
export const mostLines = 50_000;

/** Whether a text is left alone: it was not written by hand, and parsing it would take long. */
export function isLeftAlone(text: string): boolean {
  if (text.length > longestDocument) return true;
  if (text.length <= longestLine) return false;
  for (let from = 0; from + longestLine < text.length;) {
    // Only a line that may be too long is measured.
    const end = text.lastIndexOf('\n', from + longestLine);
    if (end < from) return true;
    from = end + 1;
  }
  return false;
}
