import { canonicalModule, libraryOf } from './frameworks';
import { isEvaluationTarget, plainName } from '../names';
import { Pace } from './pace';
import { isLookup, lastName, passedThrough } from './passThrough';
import type {
  Binding,
  CallExpr,
  Chunk,
  ClassInfo,
  Expr,
  FunctionInfo,
  MemberExpr,
  NameExpr,
  ObjectExpr,
  ParameterExpr,
  Place,
  Scope,
} from './syntax';

/** What an expression may stand for, and the name that holds it directly. */
export interface Value {
  readonly expr: Expr;
  readonly holder: { readonly name: string; readonly at: Place } | null;
}

/** A place that gives a property its value: an option, a field, an entry, an assignment. */
export interface Declaration {
  readonly name: string;
  readonly at: Place;
  readonly value: Expr;
  readonly from: 'option' | 'field' | 'entry' | 'assignment' | 'keyword';
  readonly object: ObjectExpr | null;
}

const deepest = 24;
/** Values followed per question; more than any program one would edit by hand needs. */
const most = 200;
const mostDeclarations = 8;

/** One program (a document, or the cells of a notebook in order): its names, and where values come from. */
export class Program {
  readonly calls: CallExpr[] = [];
  private readonly module = new Map<string, Binding[]>();
  private readonly classNames = new Map<ClassInfo, string>();
  private readonly qualified = new Map<Expr, string | null>();
  private readonly callers = new Map<string, CallExpr[]>();
  private readonly declarations = new Map<string, Declaration[]>();
  /** The machine-learning module whose names were all imported. */
  private star: string | null = null;
  private budget = most;

  private constructor(
    readonly chunks: readonly Chunk[],
    readonly language: 'python' | 'javascript',
  ) {}

  /** Gathers what the chunks bind and call. */
  static *of(
    chunks: readonly Chunk[],
    language: 'python' | 'javascript',
  ): Generator<undefined, Program> {
    const program = new Program(chunks, language);
    yield* program.gather();
    return program;
  }

  private *gather(): Generator<undefined> {
    const pace = new Pace();
    for (const chunk of this.chunks) {
      for (const module of chunk.modules)
        if (module.endsWith('.*') && libraryOf(module) !== null) this.star ??= module.slice(0, -2);
      for (const binding of chunk.bindings) {
        if (pace.isDue()) yield;
        if (binding.scope.kind === 'module') push(this.module, binding.name, binding);
        if (binding.classInfo) this.classNames.set(binding.classInfo, binding.name);
      }
      for (const call of chunk.calls) {
        if (pace.isDue()) yield;
        this.calls.push(call);
        push(this.callers, lastName(call.callee), call);
      }
    }
  }

  declare(declaration: Declaration): void {
    push(this.declarations, plainName(declaration.name), declaration);
  }

  /** Every declaration so far. */
  declared(): readonly Declaration[] {
    return [...this.declarations.values()].flat();
  }

  callsOf(name: string): readonly CallExpr[] {
    return this.callers.get(name) ?? [];
  }

  /** The binding a name refers to: the nearest one before it, or the last of an outer function. */
  lookup(name: NameExpr): Binding | null {
    const position = order(name);
    let crossed = false;
    for (let scope: Scope | null = name.scope; scope; scope = scope.parent) {
      const visible = scope.kind !== 'class' || scope === name.scope;
      const list = visible ? this.bindingsOf(scope, name.name) : undefined;
      if (list) {
        if (crossed) return list.findLast((binding) => binding.role !== 'loop') ?? null;
        const before = list.findLast(
          (binding) => order(binding) < position && !within(name, binding),
        );
        return before ?? list[0] ?? null;
      }
      crossed ||= scope.kind === 'function';
    }
    return null;
  }

  private bindingsOf(scope: Scope, name: string): Binding[] | undefined {
    return scope.kind === 'module' ? this.module.get(name) : scope.bindings.get(name);
  }

  /** Everything an expression may stand for, the likeliest first. */
  resolve(expr: Expr): Value[] {
    this.budget = most;
    return unique(this.follow(expr, 0));
  }

  private follow(expr: Expr, depth: number): Value[] {
    if (depth > deepest || this.budget-- <= 0) return [];
    switch (expr.type) {
      case 'name':
        return this.followName(expr, depth);
      case 'member':
        return this.followMember(expr, depth);
      case 'choice':
        return expr.options.flatMap((option) => this.follow(option, depth + 1));
      case 'parameter':
        return this.followParameter(expr, depth);
      case 'call':
        return this.followCall(expr, depth);
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

  private followName(name: NameExpr, depth: number): Value[] {
    const binding = this.lookup(name);
    if (!binding?.value) return binding ? [{ expr: name, holder: null }] : [];
    const at = { name: binding.name, at: binding };
    return this.follow(binding.value, depth + 1).map(({ expr, holder }) => ({
      expr,
      holder: holder ?? at,
    }));
  }

  private followParameter({ owner, index, name }: ParameterExpr, depth: number): Value[] {
    const passed = this.argumentsFor(owner, index, name, true).flatMap((value) =>
      this.follow(value, depth + 1),
    );
    // Command-line libraries pass options to the function they decorate.
    const decorated = passed.length === 0 && owner.decorators.length > 0;
    return decorated ? this.declaredValues(name, depth) : passed;
  }

  private followMember(member: MemberExpr, depth: number): Value[] {
    const { object, property } = member;
    const own = object.type === 'name' && (object.name === 'self' || object.name === 'this');
    if (own && object.scope.classInfo) {
      const values = this.fieldOf(object.scope.classInfo, property, depth);
      if (values.length > 0) return values;
    } else {
      const values = this.follow(object, depth + 1).flatMap(({ expr }) =>
        this.propertyOf(expr, property, depth + 1),
      );
      if (values.length > 0) return values;
    }
    // What a caller passes for a pattern's property is not what other code sets under that name.
    return isPassed(object) ? [] : this.declaredValues(property, depth);
  }

  /** What an option, field or key of that name is set to, anywhere in the program. */
  private declaredValues(property: string, depth: number): Value[] {
    // A name set in many places says nothing about which of them is meant.
    const declarations = (this.declarations.get(plainName(property)) ?? []).slice(
      0,
      mostDeclarations,
    );
    return declarations.flatMap(({ name, at, value }) =>
      this.follow(value, depth + 1).map(({ expr, holder }) => ({
        expr,
        holder: holder ?? { name, at },
      })),
    );
  }

  private propertyOf(expr: Expr, property: string, depth: number): Value[] {
    if (expr.type === 'object') {
      const entry = expr.entries.find(({ key }) => key === property);
      if (entry)
        return this.follow(entry.value, depth + 1).map((value) => ({
          expr: value.expr,
          holder: value.holder ?? { name: entry.key, at: entry.keyAt },
        }));
      return expr.spreads.flatMap((spread) =>
        this.follow(spread, depth + 1).flatMap((value) =>
          this.propertyOf(value.expr, property, depth + 1),
        ),
      );
    }
    if (expr.type !== 'call' || depth > deepest) return [];
    const passed = expr.args.find(({ keyword }) => keyword === property);
    if (passed?.keywordAt) {
      const at = { name: property, at: passed.keywordAt };
      return this.follow(passed.value, depth + 1).map(({ expr, holder }) => ({
        expr,
        holder: holder ?? at,
      }));
    }
    const classInfo = this.classOf(expr.callee);
    if (classInfo) return this.fieldOf(classInfo, property, depth);
    const hook = lastName(expr.callee);
    const [first] = expr.args;
    if (property === '0' && first && (hook === 'useState' || hook === 'useRef'))
      return this.follow(first.value, depth + 1);
    if (property === 'current' && first && hook === 'useRef')
      return this.follow(first.value, depth + 1);
    return [];
  }

  private fieldOf(info: ClassInfo, property: string, depth: number): Value[] {
    const fields = info.fields.get(property);
    if (fields) {
      return fields.flatMap((binding) =>
        binding.value
          ? this.follow(binding.value, depth + 1).map(({ expr, holder }) => ({
              expr,
              holder: holder ?? { name: binding.name, at: binding },
            }))
          : [],
      );
    }
    if (depth > deepest) return [];
    return info.bases.flatMap((base) => {
      const parent = this.classOf(base);
      return parent && parent !== info ? this.fieldOf(parent, property, depth + 4) : [];
    });
  }

  private followCall(call: CallExpr, depth: number): Value[] {
    const inner = passedThrough(call);
    if (inner) {
      // `settings.get('epochs', 1)`: the default only counts where nothing else is known.
      const [values = []] = isLookup(call)
        ? inner.map((expr) => this.follow(expr, depth + 1)).filter(({ length }) => length > 0)
        : [inner.flatMap((expr) => this.follow(expr, depth + 1))];
      return values.filter(({ expr }) => expr.type !== 'opaque' && expr.type !== 'object');
    }
    const info = this.functionOf(call.callee);
    if (info && info.returns.length > 0 && depth < deepest) {
      const values = info.returns.flatMap((value) => this.follow(value, depth + 2));
      if (values.length > 0) return values;
    }
    return [{ expr: call, holder: null }];
  }

  /**
   * What the calls of a function pass for one of its parameters.
   * @param training leaves out calls that make something for evaluation
   */
  argumentsFor(owner: FunctionInfo, index: number, name: string, training = false): Expr[] {
    const method = owner.classInfo !== null;
    const constructs = owner.name === '__init__' || owner.name === 'constructor';
    const known = constructs ? this.nameOf(owner.classInfo) : owner.name;
    if (known === null) return [];
    const self = method && this.language === 'python' ? 1 : 0;
    return this.callsOf(known).flatMap((call) => {
      const { args, target } = call;
      if (training && target !== null && isEvaluationTarget(target)) return [];
      if (args.some(({ spread, keyword }) => spread && keyword === null && index > 0)) return [];
      const passed =
        args.find(({ keyword }) => keyword !== null && keyword === name) ??
        args.filter(({ keyword }) => keyword === null)[index - self];
      if (!passed || passed.spread || (index - self < 0 && passed.keyword === null)) return [];
      return [passed.value];
    });
  }

  private nameOf(info: ClassInfo | null): string | null {
    return info && (this.classNames.get(info) ?? null);
  }

  functionOf(callee: Expr): FunctionInfo | null {
    if (callee.type === 'name') {
      const binding = this.lookup(callee);
      if (binding?.functionInfo) return binding.functionInfo;
      return binding?.value?.type === 'function' ? binding.value.info : null;
    }
    if (callee.type === 'member' && callee.object.type === 'name') {
      const { object } = callee;
      if (object.name === 'self' || object.name === 'this')
        return object.scope.classInfo?.methods.get(callee.property) ?? null;
    }
    return null;
  }

  classOf(callee: Expr): ClassInfo | null {
    return callee.type === 'name' ? (this.lookup(callee)?.classInfo ?? null) : null;
  }

  /** The full name of what an expression refers to: `torch.utils.data.DataLoader`; null when unknown. */
  qualify(expr: Expr, depth = 0): string | null {
    const known = this.qualified.get(expr);
    if (known !== undefined) return known;
    const found = this.findQualified(expr, depth);
    this.qualified.set(expr, found);
    return found;
  }

  private findQualified(expr: Expr, depth: number): string | null {
    if (depth > deepest) return null;
    if (expr.type === 'name') {
      const binding = this.lookup(expr);
      if (!binding) return this.globalName(expr.name);
      if (binding.imported !== null) return canonicalModule(binding.imported, binding.name);
      const { value } = binding;
      if (value?.type === 'call') return required(value);
      return value && (value.type === 'name' || value.type === 'member')
        ? this.qualify(value, depth + 1)
        : null;
    }
    if (expr.type === 'call') return required(expr);
    if (expr.type !== 'member') return null;
    const object = this.qualify(expr.object, depth + 1);
    return object === null ? null : canonicalModule(`${object}.${expr.property}`, expr.property);
  }

  /** `from fastai.vision.all import *`; scripts load TensorFlow.js and ml5 into globals. */
  private globalName(name: string): string | null {
    if (this.language === 'python')
      return this.star === null ? null : canonicalModule(`${this.star}.${name}`, name);
    return name === 'tf' ? 'tfjs' : name === 'ml5' || name === 'tfvis' ? name : null;
  }

  /**
   * The full name of what made an object, at the start of its chain of calls and names:
   * `tensorflow.data.Dataset.range` for `ds` after `ds = tf.data.Dataset.range(9).map(f)`.
   */
  origin(expr: Expr, depth = 0): string | null {
    if (depth > deepest) return null;
    switch (expr.type) {
      case 'name': {
        const binding = this.lookup(expr);
        if (!binding) return this.globalName(expr.name);
        if (binding.imported !== null) return canonicalModule(binding.imported, binding.name);
        return binding.value ? this.origin(binding.value, depth + 1) : null;
      }
      case 'call': {
        const info = this.functionOf(expr.callee);
        const [made] = info?.returns ?? [];
        if (made) return this.origin(made, depth + 1);
        const base = this.classOf(expr.callee)?.bases[0];
        if (base) return this.qualify(base);
        return this.qualify(expr.callee) ?? this.origin(expr.callee, depth + 1);
      }
      case 'member': {
        const known = this.qualify(expr);
        if (known !== null) return known;
        const { object } = expr;
        if (object.type === 'name' && object.scope.classInfo && isSelf(object.name)) {
          const field = object.scope.classInfo.fields.get(expr.property)?.[0];
          if (field?.value) return this.origin(field.value, depth + 1);
        }
        return this.origin(object, depth + 1);
      }
      case 'choice': {
        for (const option of expr.options) {
          const found = this.origin(option, depth + 1);
          if (found !== null) return found;
        }
        return null;
      }
      case 'parameter': {
        const [passed] = this.argumentsFor(expr.owner, expr.index, expr.name);
        return passed ? this.origin(passed, depth + 2) : null;
      }
      case 'slice':
        return this.origin(expr.object, depth + 1);
      case 'number':
      case 'string':
      case 'object':
      case 'array':
      case 'binary':
      case 'function':
      case 'opaque':
        return null;
    }
  }
}

export function isSelf(name: string): boolean {
  return name === 'self' || name === 'this';
}

/** Where something stands in the whole program, cells in order. */
export function order(at: Place): number {
  return at.chunk.cell * 2 ** 32 + at.chunk.base + at.from;
}

/** A parameter that is taken apart (`function f({ batchSize = 32 } = {})`). */
function isPassed(expr: Expr): boolean {
  return (
    expr.type === 'parameter' || (expr.type === 'choice' && expr.options[0]?.type === 'parameter')
  );
}

/** A name inside the value that is being bound (`ds = ds.map(f)`) means the earlier binding. */
function within(name: NameExpr, binding: Binding): boolean {
  const { value } = binding;
  return (
    value !== null &&
    value.chunk === name.chunk &&
    binding.role === 'variable' &&
    value.from <= name.from &&
    name.to <= value.to
  );
}

/** `require('x')` and `await import('x')` as the module they load. */
function required(call: CallExpr): string | null {
  if (call.callee.type !== 'name' || call.callee.name !== 'require') return null;
  const [first] = call.args;
  return first?.value.type === 'string' ? canonicalModule(first.value.value, '') : null;
}

function unique(values: Value[]): Value[] {
  const seen = new Set<Expr>();
  return values.filter(({ expr }) => !seen.has(expr) && seen.add(expr));
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
