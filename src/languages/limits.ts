/**
 * Characters of a document that is still read. Longer ones are generated, or hold data: building
 * their syntax trees would keep the extension host from its other work.
 */
export const longestDocument = 1_000_000;
/** Lines of one: to count the characters of more takes VS Code long. */
export const mostLines = 50_000;
