import {
  applyEdits,
  findNodeAtLocation,
  getNodePath,
  modify,
  parseTree,
  type Edit,
  type FormattingOptions,
  type Node,
} from 'jsonc-parser';
import { byteOrderMarkLength, findValue, parseJsonText, type Pointer } from './jsonText';

/** What "apply" writes into a config's `training` section; keys left out stay as they are. */
interface TrainingValues {
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly gradientAccumulation?: number;
  readonly epochs?: number;
}

/** A value to write at a place in a config; missing objects on the way are made, an index appends. */
interface Assignment {
  readonly pointer: Pointer;
  readonly value: unknown;
}

/**
 * Edits (offsets of the text as given, none overlapping) that set values of `training`, keeping
 * comments and formatting. Null when they cannot be set: broken syntax, a key given twice, or a
 * "training" that is no object.
 */
export function setTrainingValues(text: string, values: TrainingValues): Edit[] | null {
  const assignments = (
    ['batchSize', 'learningRate', 'gradientAccumulation', 'epochs'] as const
  ).flatMap((key) =>
    values[key] === undefined ? [] : [{ pointer: ['training', key], value: values[key] }],
  );
  return setValues(text, assignments);
}

/** Edits that write values into a config; see setTrainingValues. */
export function setValues(text: string, assignments: readonly Assignment[]): Edit[] | null {
  const skipped = byteOrderMarkLength(text);
  const body = text.slice(skipped);
  const root = parsedObject(body);
  if (!root) return null;
  const existing = assignments.map(({ pointer }) => findValue(root, pointer));
  if (existing.every((node) => node !== null)) {
    return assignments.map(({ value }, index) => ({
      offset: (existing[index]?.offset ?? 0) + skipped,
      length: existing[index]?.length ?? 0,
      content: JSON.stringify(value),
    }));
  }
  // Insertions into one object depend on each other: make them one after the other, as one edit.
  let edited = body;
  for (const assignment of assignments) {
    const next = insert(edited, assignment);
    if (next === null) return null;
    edited = next;
  }
  return [shift(difference(body, edited), skipped)];
}

function insert(text: string, { pointer, value }: Assignment): string | null {
  const { root } = parseJsonText(text);
  const parent = root && nearestParent(root, pointer);
  const isArrayInsertion = parent?.type === 'array' && typeof pointer.at(-1) === 'number';
  if (parent?.type !== 'object' && !isArrayInsertion) return null;
  const isOnOneLine = !/[\r\n]/.test(text.slice(parent.offset, parent.offset + parent.length));
  if (!isOnOneLine) {
    const formattingOptions = formattingOf(text);
    return behindComments(text, parent, (bare) =>
      applyEdits(bare, modify(bare, [...pointer], value, { formattingOptions, isArrayInsertion })),
    );
  }
  const edits = modify(text, [...pointer], value, { isArrayInsertion });
  return applyEdits(
    text,
    edits.map((edit) => ({ ...edit, content: edit.content.replace(/^,(?=\S)/, ', ') })),
  );
}

/** What may stand on a value's line behind it: comments, with a comma before or between them. */
const restOfLine =
  /^((?:[ \t]|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*)(,?)(?:[ \t]|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*(?:\/\/[^\r\n]*)?(?=[\r\n])/;

/**
 * Inserts after the last entry of an object or list, and leaves the comments on that entry's line
 * where they are: jsonc-parser would insert before them.
 */
function behindComments(text: string, parent: Node, insertInto: (text: string) => string): string {
  const end = endOf(parent.children?.at(-1));
  const [rest = '', , comma = ''] = (end && restOfLine.exec(text.slice(end))) || [];
  if (!end || !rest.includes('/')) return insertInto(text);
  const edited = insertInto(text.slice(0, end) + text.slice(end + rest.length));
  const grown = findNodeAtLocation(parseTree(edited) ?? parent, getNodePath(parent));
  const entries = grown?.children ?? [];
  const [last, added] = [endOf(entries.at(-2)), endOf(entries.at(-1))];
  if (!last || !added) return insertInto(text);
  const [start, middle, tail] = [
    edited.slice(0, last),
    edited.slice(last + 1, added),
    edited.slice(added),
  ];
  // A list that ends with a comma keeps doing so.
  return comma ? `${start}${rest}${middle},${tail}` : `${start},${rest}${middle}${tail}`;
}

function endOf(node: Node | undefined): number | null {
  return node ? node.offset + node.length : null;
}

/** The value that the next missing key of a pointer would go into. */
function nearestParent(root: Node, pointer: Pointer): Node {
  for (let length = pointer.length - 1; length > 0; length--) {
    const found = findValue(root, pointer.slice(0, length));
    if (found) return found;
  }
  return root;
}

/** The text after edits. */
export function applyTextEdits(text: string, edits: readonly Edit[]): string {
  return applyEdits(text, [...edits]);
}

function parsedObject(body: string) {
  try {
    const { root, errors, duplicateKeys } = parseJsonText(body);
    const isSound = errors.length === 0 && duplicateKeys.length === 0;
    return isSound && root?.type === 'object' ? root : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Indentation and line ends as the text has them; two spaces where it has none. */
function formattingOf(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 4 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

/** The smallest single edit that turns one text into the other. */
function difference(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < shorter - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end++;
  }
  const content = after.slice(start, after.length - end);
  return { offset: start, length: before.length - start - end, content };
}

function shift(edit: Edit, by: number): Edit {
  return { ...edit, offset: edit.offset + by };
}
