import { isLookup, lastName, passedThrough } from './passThrough';
import { ProgramOrigins } from './programOrigins';
import type {
  CallExpr,
  ClassInfo,
  Expr,
  MemberExpr,
  NameExpr,
  ParameterExpr,
  Place,
} from '../read/syntax';

/** What an expression may stand for, and the name that holds it directly. */
export interface Value {
  readonly expr: Expr;
  readonly holder: { readonly name: string; readonly at: Place } | null;
}

const deepest = 24;
/** Most values followed per question; no program written by hand needs more. */
const most = 200;
const mostDeclarations = 8;

/** One program (a document, or the cells of a notebook in order): its names, and where values come from. */
export class Program extends ProgramOrigins {
  #budget = most;

  /** Looks at one chunk, noting what is read of the others. */
  lookAt<T>(look: () => T): { readonly value: T; readonly reads: ReadonlySet<string> } {
    this.forgetNames();
    return this.reads.during(look);
  }

  /** Everything an expression may stand for, the likeliest first. */
  resolve(expr: Expr): Value[] {
    this.#budget = most;
    return unique(this.#follow(expr, 0));
  }

  #follow(expr: Expr, depth: number): Value[] {
    if (depth > deepest || this.#budget-- <= 0) return [];
    switch (expr.type) {
      case 'name':
        return this.#followName(expr, depth);
      case 'member':
        return this.#followMember(expr, depth);
      case 'choice':
        return expr.options.flatMap((option) => this.#follow(option, depth + 1));
      case 'parameter':
        return this.#followParameter(expr, depth);
      case 'call':
        return this.#followCall(expr, depth);
      case 'number':
      case 'string':
      case 'slice':
      case 'object':
      case 'array':
      case 'binary':
      case 'function':
      case 'opaque':
        return [{ expr, holder: null }];
    }
  }

  #followName(name: NameExpr, depth: number): Value[] {
    const binding = this.lookup(name);
    if (!binding?.value) return binding ? [{ expr: name, holder: null }] : [];
    const at = { name: binding.name, at: binding };
    return this.#follow(binding.value, depth + 1).map(({ expr, holder }) => ({
      expr,
      holder: holder ?? at,
    }));
  }

  #followParameter({ owner, index, name }: ParameterExpr, depth: number): Value[] {
    const passed = this.argumentsFor(owner, index, name, true).flatMap((value) =>
      this.#follow(value, depth + 1),
    );
    // Command-line libraries pass options to the function they decorate.
    const decorated = passed.length === 0 && owner.decorators.length > 0;
    return decorated ? this.#declaredValues(name, depth) : passed;
  }

  #followMember(member: MemberExpr, depth: number): Value[] {
    const { object, property } = member;
    const own = object.type === 'name' && ownNames.has(object.name);
    const info = own ? object.scope.classInfo : this.classOf(object);
    if (info) {
      const values = this.#fieldOf(info, property, depth);
      if (values.length > 0) return values;
    } else {
      const values = this.#follow(object, depth + 1).flatMap(({ expr }) =>
        this.#propertyOf(expr, property, depth + 1),
      );
      if (values.length > 0) return values;
    }
    // What a caller passes for a pattern's property is not what other code sets under that name.
    return isPassed(object) ? [] : this.#declaredValues(property, depth, lastName(object));
  }

  /** What an option, field or key of that name is set to, anywhere in the program. */
  #declaredValues(property: string, depth: number, owner: string | null = null): Value[] {
    const all = this.settingsOf(property);
    // Of `train.batch` and `test.batch` the one of the same name is meant.
    const own = owner !== null && all.some((declaration) => declaration.owner === owner);
    const meant = own ? all.filter((one) => one.owner === undefined || one.owner === owner) : all;
    // A name set in many places does not show which of them is meant.
    const declarations = meant.slice(0, mostDeclarations);
    return declarations.flatMap(({ name, at, value }) =>
      this.#follow(value, depth + 1).map(({ expr, holder }) => ({
        expr,
        holder: holder ?? { name, at },
      })),
    );
  }

  #propertyOf(expr: Expr, property: string, depth: number): Value[] {
    if (expr.type === 'object') {
      const entry = expr.entries.find(({ key }) => key === property);
      if (entry)
        return this.#follow(entry.value, depth + 1).map((value) => ({
          expr: value.expr,
          holder: value.holder ?? { name: entry.key, at: entry.keyAt },
        }));
      return expr.spreads.flatMap((spread) =>
        this.#follow(spread, depth + 1).flatMap((value) =>
          this.#propertyOf(value.expr, property, depth + 1),
        ),
      );
    }
    if (expr.type !== 'call' || depth > deepest) return [];
    const passed = expr.args.find(({ keyword }) => keyword === property);
    if (passed?.keywordAt) {
      const at = { name: property, at: passed.keywordAt };
      return this.#follow(passed.value, depth + 1).map(({ expr, holder }) => ({
        expr,
        holder: holder ?? at,
      }));
    }
    const classInfo = this.classOf(expr.callee);
    if (classInfo) return this.#fieldOf(classInfo, property, depth);
    const hook = lastName(expr.callee);
    const [first] = expr.args;
    if (property === '0' && first && (hook === 'useState' || hook === 'useRef'))
      return this.#follow(first.value, depth + 1);
    if (property === 'current' && first && hook === 'useRef')
      return this.#follow(first.value, depth + 1);
    return [];
  }

  #fieldOf(info: ClassInfo, property: string, depth: number): Value[] {
    const fields = this.fieldsOf(info, property);
    if (fields) {
      return fields.flatMap((binding) =>
        binding.value
          ? this.#follow(binding.value, depth + 1).map(({ expr, holder }) => ({
              expr,
              holder: holder ?? { name: binding.name, at: binding },
            }))
          : [],
      );
    }
    if (depth > deepest) return [];
    return this.basesOf(info).flatMap((base) => {
      const parent = this.classOf(base);
      return parent && parent !== info ? this.#fieldOf(parent, property, depth + 4) : [];
    });
  }

  #followCall(call: CallExpr, depth: number): Value[] {
    const inner = passedThrough(call);
    if (inner) {
      // `settings.get('epochs', 1)`: the default only counts where nothing else is known.
      const [values = []] = isLookup(call)
        ? inner.map((expr) => this.#follow(expr, depth + 1)).filter(({ length }) => length > 0)
        : [inner.flatMap((expr) => this.#follow(expr, depth + 1))];
      return values.filter(({ expr }) => expr.type !== 'opaque' && expr.type !== 'object');
    }
    const info = this.functionOf(call.callee);
    if (info && depth < deepest) {
      const values = this.returnsOf(info).flatMap((value) => this.#follow(value, depth + 2));
      if (values.length > 0) return values;
    }
    return [{ expr: call, holder: null }];
  }
}

const ownNames = new Set(['self', 'this', 'cls']);

/** A parameter that is taken apart (`function f({ batchSize = 32 } = {})`). */
function isPassed(expr: Expr): boolean {
  return (
    expr.type === 'parameter' || (expr.type === 'choice' && expr.options[0]?.type === 'parameter')
  );
}

function unique(values: Value[]): Value[] {
  const seen = new Set<Expr>();
  return values.filter(({ expr }) => !seen.has(expr) && seen.add(expr));
}
