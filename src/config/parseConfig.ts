import { isTooDeep } from '../core/model/topology/json';
import type { MessageId } from '../core/text/messages';
import type { Place, Problem, Values } from '../core/text/problem';
import { findingsOf, keyName, shown, type Finding } from './issueProblem';
import {
  findKey,
  findValue,
  locate,
  parseJsonText,
  type JsonText,
  type TextRange,
} from './jsonText';
import { anyConfigSchema, type AnyConfig } from './schema';

/** A problem in a config's text, with the stretch it marks. */
interface ConfigProblem extends Problem {
  readonly place: Place & { readonly line: number; readonly column: number };
  readonly range: TextRange;
  /** An editor with the JSON schema says it already: syntax, types, unknown and missing keys. */
  readonly schemaToo: boolean;
}

interface ParsedConfig {
  /** Null when there is any problem. */
  readonly config: AnyConfig | null;
  /** Ordered by position. */
  readonly problems: readonly ConfigProblem[];
}

/** An example of a config, for those who have none yet. */
export const smallestConfig =
  '{ "model": { "topology": "model.json" }, "data": { "train": "train.csv" } }';

const syntaxReasons: Readonly<Record<string, MessageId>> = {
  InvalidSymbol: 'configSyntaxSymbol',
  InvalidNumberFormat: 'configSyntaxNumber',
  PropertyNameExpected: 'configSyntaxKey',
  ValueExpected: 'configSyntaxValue',
  ColonExpected: 'configSyntaxColon',
  CommaExpected: 'configSyntaxComma',
  CloseBraceExpected: 'configSyntaxBrace',
  CloseBracketExpected: 'configSyntaxBracket',
  EndOfFileExpected: 'configSyntaxEnd',
  UnexpectedEndOfComment: 'configSyntaxComment',
  UnexpectedEndOfString: 'configSyntaxString',
  UnexpectedEndOfNumber: 'configSyntaxNumber',
  InvalidUnicode: 'configSyntaxCharacter',
  InvalidEscapeCharacter: 'configSyntaxCharacter',
  InvalidCharacter: 'configSyntaxCharacter',
};

/** Null for a text that nests too deep for what reads it. */
function readable(text: string): JsonText | null {
  try {
    const json = parseJsonText(text);
    return isTooDeep(json.value) ? null : json;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Reads a config's text: JSON with comments and trailing commas. All errors are reported at once,
 * except that a text with broken syntax is not checked further.
 * @param file absolute path, for the problems' places; nothing is read from disk
 */
export function parseConfig(text: string, file: string): ParsedConfig {
  const json = readable(text);
  if (!json) {
    const range = { offset: 0, length: 0, line: 1, column: 1 };
    return { config: null, problems: [at(file, range, 'configTooDeep', {}, false)] };
  }
  const problems = syntaxProblems(json, file);
  if (problems.length > 0) return { config: null, problems };
  if (!json.root) {
    const range = json.range({ offset: 0, length: 0 });
    return {
      config: null,
      problems: [at(file, range, 'configEmpty', { example: smallestConfig }, false)],
    };
  }
  if (json.root.type !== 'object') {
    const values = { actual: shown(json.value), example: smallestConfig };
    return {
      config: null,
      problems: [at(file, json.range(json.root), 'configNotAnObject', values, true)],
    };
  }
  const parsed = anyConfigSchema.safeParse(json.value);
  const findings: Finding[] = [
    ...duplicateKeyFindings(json),
    ...(parsed.success
      ? []
      : parsed.error.issues.flatMap((issue) => findingsOf(json.value, issue))),
  ];
  const placed = distinct(findings)
    .map((finding) => place(json, file, finding))
    .sort(byPosition);
  return { config: parsed.success && placed.length === 0 ? parsed.data : null, problems: placed };
}

/** Gives a problem that knows its key in the config (`place.pointer`) its line and column. */
export function withPosition(problem: Problem, text: string, file: string): Problem {
  const { place } = problem;
  if (place?.file !== file || !place.pointer || place.line !== undefined) return problem;
  return { ...problem, place: { ...place, ...locate(text, place.pointer) } };
}

/** One value, one sentence: of findings on the same value the first stays. */
function distinct(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((finding) => {
    if (finding.part === 'key') return true;
    const key = JSON.stringify(finding.pointer);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function byPosition(first: ConfigProblem, second: ConfigProblem): number {
  return first.range.offset - second.range.offset;
}

function at(
  file: string,
  range: TextRange,
  reason: MessageId,
  values: Values,
  schemaToo: boolean,
  pointer?: Finding['pointer'],
): ConfigProblem {
  const place = { file, line: range.line, column: range.column, ...(pointer ? { pointer } : {}) };
  return { reason, values, place, range, schemaToo };
}

function syntaxProblems(json: JsonText, file: string): ConfigProblem[] {
  const seen = new Set<number>();
  const problems: ConfigProblem[] = [];
  for (const error of json.errors) {
    if (seen.has(error.offset)) continue;
    seen.add(error.offset);
    const reason = syntaxReasons[error.code] ?? 'configSyntax';
    const values = { cause: error.code, brace: '{' };
    problems.push(at(file, json.range(error), reason, values, true));
  }
  return problems.sort(byPosition);
}

function duplicateKeyFindings(json: JsonText): Finding[] {
  return json.duplicateKeys.map(({ pointer, node }) => ({
    reason: 'configDuplicateKey' as const,
    values: { key: keyName(pointer) },
    pointer,
    part: 'key' as const,
    schemaToo: true,
    node,
  }));
}

function place(
  json: JsonText,
  file: string,
  finding: Finding & { readonly node?: { offset: number; length: number } },
): ConfigProblem {
  const { root } = json;
  const found =
    finding.node ??
    (root && finding.part === 'key' ? findKey(root, finding.pointer) : null) ??
    (root ? findValue(root, finding.pointer) : null);
  // An object is marked at its opening brace: all of it would underline a whole section.
  const node = found ?? { offset: root?.offset ?? 0, length: 1 };
  const isContainer = 'type' in node && (node.type === 'object' || node.type === 'array');
  const range = json.range(isContainer ? { offset: node.offset, length: 1 } : node);
  return at(file, range, finding.reason, finding.values, finding.schemaToo, finding.pointer);
}
