/** A text as HTML and SVG may hold it, in elements and in double-quoted attributes. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** A text as one line of Markdown that shows it and nothing else: no link, no markup, no HTML. */
export function plainMarkdown(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<|]/g, '\\$&')
    .replaceAll('://', ':\\//')
    .replaceAll(/\s+/g, ' ');
}
