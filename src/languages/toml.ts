import { Clock } from './clock';
import { isLeftAlone } from './limits';
import { findNow, type DocumentParser } from './parsedDocument';
import { searchSettings } from './settings/searchSettings';
import type { Entry, Mapping, SettingsFile } from './settings/settingsTree';
import { readToml, type TomlSection } from './settings/tomlTree';
import { nothingFound, type Findings } from './site';

/** Longer tables would not be parsed in a slice. */
const longestTable = 20_000;

/** TOML, parsed table by table: those that no edit touched are kept. */
class TomlDocument implements DocumentParser {
  private readonly clock = new Clock();
  private known = new Map<string, TomlSection | null>();
  private steps: Generator<undefined, Findings> | null = null;
  private found: Findings | null = null;

  get findings(): Findings | null {
    return this.found;
  }

  update(text: string): void {
    this.found = null;
    this.steps = this.search(text);
  }

  work(milliseconds: number): boolean {
    this.clock.start(milliseconds);
    while (this.steps) {
      const next = this.steps.next();
      if (next.done) {
        this.steps = null;
        this.found = next.value;
      } else if (this.clock.isOver()) return false;
    }
    return this.found !== null;
  }

  private *search(text: string): Generator<undefined, Findings> {
    if (isLeftAlone(text)) return nothingFound;
    const kept = new Map<string, TomlSection | null>();
    const entries: Entry[] = [];
    const comments: SettingsFile['comments'][number][] = [];
    for (const { from, to } of tablesOf(text)) {
      if (to - from > longestTable) continue;
      const table = text.slice(from, to);
      const known = kept.has(table) ? undefined : this.known.get(table);
      const section = known === undefined ? readToml(table) : known;
      kept.set(table, section);
      yield;
      if (!section) continue;
      section.part.base = from;
      entries.push(...section.entries);
      comments.push(...section.comments);
    }
    this.known = kept;
    const root: Mapping = { type: 'mapping', part: { base: 0 }, from: 0, to: text.length, entries };
    return yield* searchSettings({ roots: [root], comments }, null);
  }
}

/** Cut before each line that starts a table. */
function tablesOf(text: string): { readonly from: number; readonly to: number }[] {
  const tables: { from: number; to: number }[] = [];
  let from = 0;
  for (let line = 0; line < text.length;) {
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
  return new TomlDocument();
}

export function findSites(text: string): Findings {
  return findNow(createParser(), text);
}
