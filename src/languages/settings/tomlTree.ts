import { parseTOML, type AST } from 'toml-eslint-parser';
import type { At, Entry, Mapping, Node, Part, SettingsFile } from './settingsTree';

/** A table (or what stands before the first) that was read by itself. */
export interface TomlSection {
  readonly part: Part;
  readonly entries: readonly Entry[];
  readonly comments: SettingsFile['comments'];
}

/**
 * Reads one table of a TOML text into the same tree as YAML and JSON.
 * @returns null where the table has a mistake: the parser tolerates none
 */
export function readToml(text: string): TomlSection | null {
  const part: Part = { base: 0 };
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text);
  } catch {
    return null;
  }
  const [top] = program.body;
  const comments = program.comments.map(({ range, value }) => ({
    ...at(part, range),
    text: value,
  }));
  return { part, entries: top.body.flatMap((node) => entryOf(node, part)), comments };
}

function at(part: Part, [from, to]: AST.Range): At {
  return { part, from, to };
}

/** `a.b = 1` and `[a.b]` as nested mappings. */
function entryOf(node: AST.TOMLKeyValue | AST.TOMLTable, part: Part): Entry[] {
  const value = node.type === 'TOMLTable' ? tableOf(node, part) : valueOf(node.value, part);
  const keys = node.key.keys;
  let entry: Entry | null = null;
  for (const key of keys.toReversed()) {
    const keyAt = at(part, key.range);
    const name = key.type === 'TOMLBare' ? key.name : key.value;
    const held: Node | null = entry
      ? { type: 'mapping', ...at(part, node.range), entries: [entry] }
      : value;
    entry = { key: name, keyAt, value: held };
  }
  return entry ? [entry] : [];
}

function tableOf({ body, range }: AST.TOMLTable, part: Part): Mapping {
  return {
    type: 'mapping',
    ...at(part, range),
    entries: body.flatMap((node) => entryOf(node, part)),
  };
}

function valueOf(node: AST.TOMLContentNode, part: Part): Node {
  const place = at(part, node.range);
  switch (node.type) {
    case 'TOMLArray':
      return {
        type: 'sequence',
        ...place,
        items: node.elements.map((element) => valueOf(element, part)),
      };
    case 'TOMLInlineTable':
      return {
        type: 'mapping',
        ...place,
        entries: node.body.flatMap((pair) => entryOf(pair, part)),
      };
    case 'TOMLValue': {
      const value = node.kind === 'integer' || node.kind === 'float' ? node.value : null;
      const text = String(node.value);
      return { type: 'scalar', ...place, text, value, quote: '' };
    }
  }
}
