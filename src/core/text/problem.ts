import { escaped } from './format';
import { messages, type MessageId } from './messages';
import { spoken, type Translate, type Values } from './spoken';

export type { Translate, Values };

/** A text meant for people: its id and values travel, and the sentence is made where it is shown. */
export interface Text {
  readonly id: MessageId;
  readonly values: Values;
}

/** How sentences are made: the person's language, for words and for numbers. */
export interface Language {
  /** BCP 47 tag for numbers and dates. */
  readonly tag: string;
  readonly translate: Translate;
  readonly say: (id: MessageId, values?: Values) => string;
}

/** Where a problem stands. Lines and columns count from 1. */
export interface Place {
  /** Absolute path of the file. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Path of keys into the config, for those who know the key but not the position. */
  readonly pointer?: readonly (string | number)[];
}

/** An error as a value. It becomes a sentence only when it reaches a person. */
export interface Problem {
  readonly reason: MessageId;
  readonly values: Values;
  readonly place: Place | null;
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function problem(
  reason: MessageId,
  values: Values = {},
  place: Place | null = null,
): Problem {
  return { reason, values, place };
}

export function fail<T = never>(
  reason: MessageId,
  values: Values = {},
  place: Place | null = null,
): Result<T> {
  return { ok: false, problem: problem(reason, values, place) };
}

/** Carries a problem through code that must throw (callbacks of libraries); caught at the edge. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(describe(problem));
    this.name = 'ProblemError';
  }
}

/** The English sentence, for logs and for where no translation is at hand. */
export const english: Translate = (template, values) =>
  template.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    name in values ? String(values[name]) : placeholder,
  );

/** A text as a sentence in the person's language. */
export function render({ id, values }: Text, translate: Translate = english, tag = 'en'): string {
  return translate(messages[id], spoken(values, { translate, tag, messages }));
}

/** A problem as `path:line:column: sentence` (place left out where there is none). */
export function describe(problem: Problem, translate: Translate = english): string {
  const sentence = render({ id: problem.reason, values: problem.values }, translate);
  if (!problem.place) return sentence;
  const { file, line, column } = problem.place;
  const position = line === undefined ? '' : `:${line}:${column ?? 1}`;
  return `${escaped(file)}${position}: ${sentence}`;
}
