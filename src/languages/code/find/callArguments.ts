import type { Api, Parameter } from '../knowledge/api';
import { numbersOf } from './numbers';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { Named } from './recorder';
import type { Argument, CallExpr, Expr } from '../read/syntax';

/** What an argument is given, and the keyword that names it. */
export interface Given {
  readonly expr: Expr;
  readonly named: Named | null;
}

/** What a call gives one parameter of a known library: by keyword, position or in a bag of options. */
export function argumentOf(
  program: Program,
  call: CallExpr,
  api: Api,
  { names, position }: Parameter,
): Given | null {
  const { args } = call;
  const keyword = args.find((arg) => arg.keyword !== null && names.includes(arg.keyword));
  if (keyword) return { expr: keyword.value, named: keywordOf(keyword) };
  const positional = args.filter((arg) => arg.keyword === null);
  if (position !== null) {
    const before = positional.slice(0, position + 1);
    const found = before[position];
    if (found && !before.some(({ spread }) => spread)) return { expr: found.value, named: null };
  }
  // `fit(x, **settings)` and `fit(x, y, {...settings, batchSize})`.
  const bags = args
    .filter(({ spread, keyword }) => spread && keyword === null)
    .map(({ value }) => value);
  const options = api.options === null ? undefined : args[api.options]?.value;
  for (const bag of options ? [options, ...bags] : bags) {
    const found = names.flatMap((property) => propertyIn(program, bag, property));
    if (found[0]) return found[0];
  }
  return null;
}

/** The keyword of an argument. */
export function keywordOf({ keyword, keywordAt }: Argument): Named | null {
  return keyword !== null && keywordAt ? { name: keyword, at: keywordAt } : null;
}

/** What an options object gives a property, through the names and spreads it is made of. */
function propertyIn(program: Program, options: Expr, property: string): Given[] {
  const given: Given[] = [];
  for (const { expr } of program.resolve(options)) {
    if (expr.type === 'object') {
      const entry = expr.entries.find(({ key }) => key === property);
      if (entry) given.push({ expr: entry.value, named: null });
      else
        given.push(
          ...expr.spreads.slice(0, 8).flatMap((spread) => spreadIn(program, spread, property)),
        );
    } else if (expr.type === 'call' && lastName(expr.callee) === 'dict') {
      const entry = expr.args.find(({ keyword }) => keyword === property);
      if (entry) given.push({ expr: entry.value, named: null });
    }
  }
  return given;
}

function spreadIn(program: Program, spread: Expr, property: string): Given[] {
  const { chunk, from, to } = spread;
  const at = { chunk, from, to };
  const member: Expr = { type: 'member', ...at, object: spread, property, propertyAt: at };
  return numbersOf(program, member).length > 0 ? [{ expr: member, named: null }] : [];
}
