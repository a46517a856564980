import { Stretches } from '../clock';

/** Where an outermost key and what belongs to it stand. */
export interface Section {
  readonly from: number;
  readonly to: number;
}

/** Characters with which a line at the left edge starts something other than a key of its own. */
const noKeys = new Set([' ', '\t', '\r', '\n', '#', '-', '?', ':', ']', '}', '']);

/**
 * Cuts YAML before every line that starts a key at the left edge; what stands before the first of
 * them is a section, too. Null for what has more than one document: each has keys of its own.
 */
export function* yamlSections(text: string): Generator<undefined, Section[] | null> {
  const stretches = new Stretches();
  const sections: Section[] = [];
  let from = 0;
  for (let line = 0; line < text.length;) {
    if (stretches.isDue(line)) yield;
    const first = text.charAt(line);
    if (first === '%' || (line > 0 && isMark(text, line))) return null;
    if (!noKeys.has(first) && line > from) {
      sections.push({ from, to: line });
      from = line;
    }
    const end = text.indexOf('\n', line);
    if (end < 0) break;
    line = end + 1;
  }
  sections.push({ from, to: text.length });
  return sections;
}

function isMark(text: string, line: number): boolean {
  return text.startsWith('---', line) || text.startsWith('...', line);
}

/** The properties of the object that a JSON text is; null where it is none, or is not closed. */
export function* jsonSections(text: string): Generator<undefined, Section[] | null> {
  const stretches = new Stretches();
  const sections: Section[] = [];
  let depth = 0;
  let from = -1;
  for (let i = 0; i < text.length; i++) {
    if (stretches.isDue(i)) yield;
    const code = text.charCodeAt(i);
    if (code === 34) {
      if (depth === 0) return null;
      i = stringEnd(text, i);
    } else if (code === 123 || code === 91) {
      if (depth === 0 && (from >= 0 || code === 91)) return null;
      depth++;
      if (depth === 1) from = i + 1;
    } else if (code === 125 || code === 93) {
      depth--;
      if (depth < 0 || (depth === 0 && code === 93)) return null;
      if (depth === 0) sections.push({ from, to: i });
    } else if (code === 44 && depth === 1) {
      sections.push({ from, to: i });
      from = i + 1;
    } else if (depth === 0 && !isSpace(code)) return null;
  }
  return depth === 0 && from >= 0 ? sections : null;
}

function stringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 34 || code === 10) return i;
  }
  return text.length;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13 || code === 0xfeff;
}
