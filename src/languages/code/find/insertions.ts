import { siteKinds, type Insertion, type SiteKind } from '../../site';
import type { Api, Parameter } from '../knowledge/api';
import type { Language } from '../program/programNames';
import type { CallExpr } from '../read/syntax';
import { spanOf } from './places';

/** A place where an argument can be written, relative to the call's chunk. */
type FoundInsertion = Omit<Insertion, 'at'> & { readonly at: number };
export type InsertionsByKind = Partial<Record<SiteKind, FoundInsertion>>;
/** The text of a chunk's cell. */
export type TextOf = (call: CallExpr) => string;

/** Insertions where their call stands now. */
export function placed(
  insertions: InsertionsByKind,
  { chunk }: CallExpr,
): Partial<Record<SiteKind, Insertion>> {
  const all: Partial<Record<SiteKind, Insertion>> = {};
  for (const kind of siteKinds) {
    const found = insertions[kind];
    if (found) all[kind] = { ...found, at: spanOf({ chunk, from: found.at, to: found.at }) };
  }
  return all;
}

/** Where the arguments that a call leaves out can be written. */
export function insertionsFor(
  language: Language,
  textOf: TextOf,
  call: CallExpr,
  api: Api,
  own: Partial<Record<SiteKind, unknown>>,
): InsertionsByKind {
  const insertions: InsertionsByKind = {};
  if (call.close === null || call.args.some(({ spread }) => spread)) return insertions;
  for (const kind of siteKinds) {
    const parameter = api.parameters[kind];
    if (!parameter || parameter.implied === undefined || own[kind]) continue;
    if (isGiven(call, parameter)) continue;
    // Keras takes batch sizes for arrays only: datasets and generators bring theirs.
    if (kind === 'batchSize' && api.samples !== null && !takesArrays(call)) continue;
    const insertion =
      language === 'python'
        ? keyword(textOf, call, parameter)
        : option(textOf, call, api, parameter);
    const { counts } = parameter;
    if (insertion) insertions[kind] = counts ? { ...insertion, counts } : insertion;
  }
  return insertions;
}

function isGiven({ args }: CallExpr, { names, position }: Parameter): boolean {
  const positional = args.filter((argument) => argument.keyword === null).length;
  return (
    args.some((argument) => argument.keyword !== null && names.includes(argument.keyword)) ||
    (position !== null && positional > position)
  );
}

function takesArrays({ args }: CallExpr): boolean {
  const second = args[1];
  return second !== undefined && (second.keyword === null || second.keyword === 'y');
}

function keyword(textOf: TextOf, call: CallExpr, parameter: Parameter): FoundInsertion | null {
  const [name] = parameter.names;
  if (name === undefined) return null;
  return keywordInsertion(textOf, call, `${name}=`, parameter.implied);
}

/** Where a keyword argument can be written behind all others; null where the call is not closed. */
export function keywordInsertion(
  textOf: TextOf,
  call: CallExpr,
  name: string,
  implied: number | null = null,
): FoundInsertion | null {
  const at = call.lastArgument?.to ?? call.close;
  if (at === null || call.close === null) return null;
  return insertion(textOf, call, at, { first: call.lastArgument === null, name, implied });
}

function option(
  textOf: TextOf,
  call: CallExpr,
  api: Api,
  parameter: Parameter,
): FoundInsertion | null {
  const [name] = parameter.names;
  if (name === undefined || api.options === null) return null;
  const options = call.args[api.options]?.value;
  if (options?.type === 'object') {
    const last = options.entries.at(-1);
    if (options.spreads.length > 0 || options.close === null) return null;
    // What the program computes is given, too.
    if (options.entries.some(({ key }) => parameter.names.includes(key))) return null;
    const at = last ? last.value.to : options.from + 1;
    return insertion(textOf, call, at, {
      first: !last,
      name: `${name}: `,
      implied: parameter.implied ?? null,
    });
  }
  if (options !== undefined || call.args.length !== api.options) return null;
  const at = call.lastArgument?.to ?? call.close;
  if (at === null) return null;
  const found = insertion(textOf, call, at, {
    first: call.lastArgument === null,
    name: `{ ${name}: `,
    implied: parameter.implied ?? null,
  });
  return { ...found, after: ' }' };
}

interface Written {
  readonly first: boolean;
  readonly name: string;
  readonly implied: number | null;
}

function insertion(textOf: TextOf, call: CallExpr, at: number, written: Written): FoundInsertion {
  const { base } = call.chunk;
  const separator = written.first
    ? ''
    : `,${lineBreakBefore(textOf(call), base + at, base + call.from)}`;
  const before = separator + written.name;
  return { at, before, after: '', implied: written.implied };
}

/** A line break with the indentation of the line at `offset`, where each argument has its line. */
function lineBreakBefore(text: string, offset: number, start: number): string {
  const newline = text.lastIndexOf('\n', offset - 1);
  if (newline < start) return ' ';
  let end = newline + 1;
  while (text[end] === ' ' || text[end] === '\t') end++;
  // A line that starts before the last argument's own line is a wrapped one.
  const lineEnd = text[newline - 1] === '\r' ? '\r\n' : '\n';
  return lineEnd + text.slice(newline + 1, end);
}
