import { Stretches } from './clock';
import { findNow, type DocumentParser } from './parsedDocument';
import { searchSettings } from './settings/searchSettings';
import type { Section } from './settings/sections';
import type { Entry, Mapping, SettingsFile } from './settings/settingsTree';
import { readToml, type TomlSection } from './settings/tomlTree';
import type { Findings } from './site';
import { SteppedDocument } from './steppedDocument';

/** Longer tables would not be parsed in a slice. */
const longestTable = 20_000;

/** Tables of TOML as they were read: those that no edit touched are not read again. */
class TomlTables {
  #known = new Map<string, TomlSection | null>();

  *search(text: string): Generator<undefined, Findings> {
    const kept = new Map<string, TomlSection | null>();
    const entries: Entry[] = [];
    const comments: SettingsFile['comments'][number][] = [];
    for (const { from, to } of yield* tablesOf(text)) {
      const table = text.slice(from, to);
      // The spaces for lines that are left out are quickly read.
      if (to - from > longestTable && table.replaceAll(/ {200,}/g, '').length > longestTable)
        continue;
      const known = kept.has(table) ? undefined : this.#known.get(table);
      const section = known === undefined ? readToml(table) : known;
      kept.set(table, section);
      yield;
      if (!section) continue;
      section.part.base = from;
      entries.push(...section.entries);
      comments.push(...section.comments);
    }
    this.#known = kept;
    const root: Mapping = { type: 'mapping', part: { base: 0 }, from: 0, to: text.length, entries };
    return yield* searchSettings({ roots: [root], comments }, text, null);
  }
}

/** Cut before each line that starts a table. */
function* tablesOf(text: string): Generator<undefined, readonly Section[]> {
  const stretches = new Stretches();
  const tables: Section[] = [];
  let from = 0;
  for (let line = 0; line < text.length;) {
    if (stretches.isDue(line)) yield;
    if (text.charAt(line) === '[' && line > from) {
      tables.push({ from, to: line });
      from = line;
    }
    const end = text.indexOf('\n', line);
    if (end < 0) break;
    line = end + 1;
  }
  tables.push({ from, to: text.length });
  return tables;
}

export function createParser(): DocumentParser {
  const tables = new TomlTables();
  return new SteppedDocument((text) => tables.search(text));
}

export function findSites(text: string): Findings {
  return findNow(createParser(), text);
}
