import type { BatchCount } from '../../core/batches/updates';
import { countsByName } from '../counts';
import type { Call, Site, SiteKind, Span } from '../site';
import type { SiteBuilder } from '../siteBuilder';
import type { Command, Stretch, Word } from './commands';

/** `--batch_size 8`, `--batch-size=8` or `data.batch_size=8`. */
export interface Flag {
  readonly name: string;
  readonly nameAt: Span;
  readonly value: Word;
}

/** A number that a variable holds, and how it is quoted. */
export interface Literal {
  readonly value: number;
  readonly range: Span;
  readonly name: string | null;
  readonly nameRange: Span | null;
}

export function span({ from, to }: Stretch): Span {
  return { cell: 0, from, to };
}

/** `BATCH_SIZE=64` and `export BATCH_SIZE=64`, at the start of a command; in makefiles `SIZE ?= 64`. */
export function assignmentsIn(command: Command): Flag[] {
  const found: Flag[] = [];
  const [name, sign, value] = command;
  if (name && sign && value && makeSigns.has(sign.text) && isVariable(name.text))
    return [{ name: name.text, nameAt: span(name), value }];
  for (const word of command) {
    if (['export', 'declare', 'local', 'readonly', 'set'].includes(word.text)) continue;
    const flag = splitAtEquals(word, 0);
    const variable = flag?.name.replace(/[?:]+$/, '');
    if (!flag || !variable || !isVariable(variable)) break;
    const nameAt = { ...flag.nameAt, to: flag.nameAt.from + variable.length };
    found.push({ ...flag, name: variable, nameAt });
  }
  return found;
}

const makeSigns = new Set(['=', ':=', '::=', '?=']);

function isVariable(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

function splitAtEquals(word: Word, skip: number): Flag | null {
  const equals = word.text.indexOf('=');
  if (equals <= skip) return null;
  const from = word.from + equals + 1;
  return {
    name: word.text.slice(skip, equals),
    nameAt: span({ from: word.from + skip, to: word.from + equals }),
    value: { ...word, text: word.text.slice(equals + 1), from },
  };
}

/** The flags and overrides of a command. */
export function flagsIn(command: Command): Flag[] {
  const flags: Flag[] = [];
  command.forEach((word, index) => {
    const dashes = word.text.startsWith('--') ? 2 : word.text.startsWith('-') ? 1 : 0;
    const joined = splitAtEquals(word, dashes);
    if (joined) flags.push(joined);
    else if (dashes > 0) {
      const value = command[index + 1];
      const name = word.text.slice(dashes);
      if (value && !value.text.startsWith('--'))
        flags.push({ name, nameAt: span({ from: word.from + dashes, to: word.to }), value });
    }
  });
  return flags;
}

/** The number that a word is, quoted or as the default of a variable (`${BATCH_SIZE:-64}`). */
export function literalIn({ text, from }: Word, named: Flag | null): Literal | null {
  let start = 0;
  let end = text.length;
  const quote = text.charAt(0);
  if ((quote === '"' || quote === "'") && text.endsWith(quote) && text.length > 1) {
    start = 1;
    end--;
  }
  const standard = text.slice(start, end);
  if (standard.startsWith('${') && standard.endsWith('}')) {
    const dash = standard.indexOf(':-');
    if (dash < 0) return null;
    start += dash + 2;
    end--;
  }
  const digits = text.slice(start, end);
  const value = Number(digits);
  if (digits.trim() === '' || !Number.isFinite(value)) return null;
  return {
    value,
    range: span({ from: from + start, to: from + end }),
    name: named?.name ?? null,
    nameRange: named?.nameAt ?? null,
  };
}

/** The literal behind a value: its own, or that of the variable it names. */
export function resolve(flag: Flag, variables: ReadonlyMap<string, Literal>): Literal | null {
  const own = literalIn(flag.value, flag);
  if (own) return own;
  const plain = flag.value.text.replaceAll(/["'{}]/g, '');
  return plain.startsWith('$') ? (variables.get(plain.slice(1)) ?? null) : null;
}

/** Adds the number that a flag is given. */
export function addFlag(
  builder: SiteBuilder,
  kind: SiteKind,
  flag: Flag,
  { value, range, name, nameRange }: Literal,
  call: Call,
  counted: BatchCount | null = countsByName(flag.name),
): Site | null {
  const counts = kind === 'batchSize' ? counted : null;
  const number = { kind, value, range, quote: '', name, nameRange, counts };
  return builder.add(number, span(flag.value), call);
}
