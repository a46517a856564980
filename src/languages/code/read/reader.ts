import type { TreeCursor } from '@lezer/common';
import type { Clock } from '../../clock';
import { samplesHinted } from '../../hints';
import { isEvaluationTarget, kindOfName, namesTrial } from '../../names';
import type { Interned } from './interned';
import { parseString } from './literals';
import {
  SharedScope,
  type Binding,
  type CallExpr,
  type Chunk,
  type ClassInfo,
  type Expr,
  type FunctionInfo,
  type MemberExpr,
  type NameExpr,
  type ObjectExpr,
  type OpaqueExpr,
  type Place,
  type Scope,
  type StringExpr,
} from './syntax';

/** Expressions nested deeper than this are not looked into: batch sizes are not written there. */
const deepest = 120;
/** The same for statements: the stack of an editor's process is shallow. */
const deepestStatement = 150;
/** Of long literal lists only the head is read: data, not configuration. */
const longest = 400;
/** A pattern of more names is no shape: what stands beside them says nothing of each. */
const mostAxes = 8;
/** Longer strings are texts, not names or numbers. */
const longestString = 500;

/** Where long bodies start and end, in offsets of the text. */
export type LongBodies = ReadonlyMap<number, number>;
/** The scope to read the chunks of a long body in. */
type ShareScope = (scope: Scope) => SharedScope;

const nothingMore = {};
const noNames: readonly string[] = [];

/** What the readers of all languages share: the text, the chunk that is being read, and its facts. */
export abstract class Reader {
  readonly #clock: Clock;
  readonly #interned: Interned;
  protected chunk!: Chunk;
  protected depth = 0;
  #statementDepth = 0;
  #bodies: LongBodies = new Map();
  #shareScope: ShareScope = (scope) => scope.shared ?? new SharedScope(scope);

  constructor(
    protected readonly text: string,
    clock: Clock,
    interned: Interned,
  ) {
    this.#clock = clock;
    this.#interned = interned;
  }

  /**
   * Reads the statement under the cursor into `chunk`; yields between statements when the clock says
   * so. The cursor ends where it started.
   * @param bodies bodies inside the statement that are left out, and noted in `chunk.bodies`
   */
  *read(
    cursor: TreeCursor,
    chunk: Chunk,
    scope: Scope,
    bodies: LongBodies,
    shareScope: ShareScope,
  ): Generator<undefined> {
    this.chunk = chunk;
    this.depth = 0;
    this.#statementDepth = 0;
    this.#bodies = bodies;
    this.#shareScope = shareScope;
    yield* this.statement(cursor, scope);
  }

  protected *statement(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    if (this.#statementDepth >= deepestStatement) return;
    if (this.#clock.isDue()) yield;
    this.#statementDepth++;
    yield* this.statementOf(cursor, scope);
    this.#statementDepth--;
  }

  protected abstract statementOf(cursor: TreeCursor, scope: Scope): Generator<undefined>;

  /** Whether the body under the cursor is read as chunks of its own. */
  protected isLeftOut(cursor: TreeCursor, scope: Scope): boolean {
    if (this.#bodies.get(cursor.from) !== cursor.to) return false;
    const { from, to } = this.place(cursor);
    const own = scope instanceof SharedScope || scope.shared ? null : scope;
    this.chunk.bodies.push({ from, to, scope: this.#shareScope(scope), own });
    return true;
  }

  protected abstract expressionOf(cursor: TreeCursor, scope: Scope): Expr;

  protected expression(cursor: TreeCursor, scope: Scope): Expr {
    if (this.depth >= deepest) return this.opaque(cursor);
    if (cursor.name === 'YieldExpression') this.yieldIn(scope);
    this.depth++;
    const expr = this.expressionOf(cursor, scope);
    this.depth--;
    return expr;
  }

  /** Notes that the function around is a generator. */
  protected yieldIn({ functionInfo }: Scope): void {
    if (functionInfo?.chunk === this.chunk) functionInfo.yields = true;
  }

  /** The expression under the cursor; null for what is none. */
  protected abstract child(cursor: TreeCursor, scope: Scope): Expr | null;

  /** The expressions below the cursor, as many of them as are kept. */
  protected list(cursor: TreeCursor, scope: Scope): Expr[] {
    const list: Expr[] = [];
    eachChild(cursor, () => {
      if (list.length >= longest) return;
      const expr = this.child(cursor, scope);
      if (expr) list.push(expr);
    });
    return list;
  }

  protected source(cursor: TreeCursor): string {
    return this.#interned.get(this.text.slice(cursor.from, cursor.to));
  }

  protected stringAt(cursor: TreeCursor): StringExpr | OpaqueExpr {
    if (cursor.to - cursor.from > longestString) return this.opaque(cursor);
    const { value, quote, start } = parseString(this.text.slice(cursor.from, cursor.to));
    const at = this.place(cursor);
    return {
      type: 'string',
      chunk: at.chunk,
      from: at.from + start,
      to: at.to,
      value: this.#interned.get(value),
      quote: this.#interned.get(quote),
    };
  }

  protected place(cursor: TreeCursor): Place {
    const { base } = this.chunk;
    return { chunk: this.chunk, from: cursor.from - base, to: cursor.to - base };
  }

  protected opaque(cursor: TreeCursor): OpaqueExpr {
    const { chunk, from, to } = this.place(cursor);
    return { type: 'opaque', chunk, from, to };
  }

  protected comment(cursor: TreeCursor): void {
    const samples = samplesHinted(this.text.slice(cursor.from, cursor.to));
    if (samples !== null) this.chunk.hints.push({ ...this.place(cursor), samples });
  }

  /** Binds a name in `scope`, and records the name on the value. */
  protected bind(
    scope: Scope,
    name: string,
    at: Place,
    role: Binding['role'],
    value: Expr | null,
    more: Partial<
      Pick<Binding, 'imported' | 'functionInfo' | 'classInfo' | 'beside'>
    > = nothingMore,
  ): Binding {
    const { chunk, from, to } = at;
    const binding: Binding = {
      chunk,
      from,
      to,
      name,
      role,
      value,
      scope,
      beside: more.beside ?? noNames,
      imported: more.imported ?? null,
      functionInfo: more.functionInfo ?? null,
      classInfo: more.classInfo ?? null,
    };
    if (value) nameValue(value, name);
    if (scope.kind === 'class') this.addField(scope, binding);
    // Shared scopes are refilled by every search, since chunks come and go.
    if (scope instanceof SharedScope)
      chunk.exports.push({ owner: scope, kind: 'name', name, binding });
    else append(scope.bindings, name, binding);
    chunk.bindings.push(binding);
    return binding;
  }

  /** A field of the class that `scope` is in. */
  protected addField(scope: Scope, binding: Binding): void {
    const { classInfo } = scope;
    if (!classInfo) return;
    const { name } = binding;
    const owner = outermostShared(scope, (outer) => outer.classInfo === classInfo);
    if (owner) this.chunk.exports.push({ owner, kind: 'field', name, binding });
    else append(classInfo.fields, name, binding);
  }

  /** A method of the class whose scope `scope` is. */
  protected addMethod(scope: Scope, name: string, method: FunctionInfo): void {
    if (scope instanceof SharedScope)
      this.chunk.exports.push({ owner: scope, kind: 'method', name, method });
    else scope.classInfo?.methods.set(name, method);
  }

  /** A value that the function around `scope` returns. */
  protected addReturn(scope: Scope, value: Expr): void {
    const { functionInfo } = scope;
    if (!functionInfo) return;
    const owner = outermostShared(scope, (outer) => outer.functionInfo === functionInfo);
    if (owner) this.chunk.exports.push({ owner, kind: 'return', value });
    else functionInfo.returns.push(value);
  }

  /** `target = value`, for a name, a member, or a pattern of them. */
  protected assign(
    target: Expr,
    value: Expr | null,
    scope: Scope,
    beside: readonly string[] = [],
  ): void {
    if (target.type === 'name') {
      this.bind(scope, target.name, target, 'variable', value, { beside });
    } else if (target.type === 'member') {
      this.#assignMember(target, value, scope);
    } else if (target.type === 'array') {
      const names = target.items.map((item) => (item.type === 'name' ? item.name : ''));
      if (value?.type === 'call') nameAfter(value, names);
      target.items.forEach((item, index) => {
        const others = (name: string, at: number) => name !== '' && at !== index;
        const shape = names.length > mostAxes ? [] : names.filter(others);
        this.assign(item, value && itemOf(value, index), scope, shape);
      });
    }
  }

  #assignMember(target: MemberExpr, value: Expr | null, scope: Scope): void {
    if (!value) return;
    nameValue(value, target.property);
    const { object } = target;
    const own = object.type === 'name' && (object.name === 'self' || object.name === 'this');
    if (own && scope.classInfo) {
      const { chunk, from, to } = target.propertyAt;
      this.addField(scope, {
        chunk,
        from,
        to,
        name: target.property,
        role: 'field',
        value,
        scope,
        beside: noNames,
        imported: null,
        functionInfo: null,
        classInfo: null,
      });
    }
    this.chunk.assignments.push({ target, value });
  }

  protected newFunction(
    at: Place,
    name: string | null,
    owner: Scope | null,
    decorators: Expr[] = [],
  ): FunctionInfo {
    const { chunk, from, to } = at;
    const info: FunctionInfo = {
      chunk,
      from,
      to,
      name,
      parameters: nothing,
      returns: [],
      decorators,
      owner,
      yields: false,
      open: [],
    };
    this.chunk.functions.push(info);
    return info;
  }

  protected newClass(cursor: TreeCursor, bases: Expr[], decorators: Expr[]): ClassInfo {
    const { chunk, from, to } = this.place(cursor);
    const info: ClassInfo = {
      chunk,
      from,
      to,
      name: null,
      bases,
      decorators,
      fields: new Map(),
      methods: new Map(),
      open: [],
    };
    this.chunk.classes.push(info);
    return info;
  }

  protected name(name: NameExpr): NameExpr {
    if (kindOfName(name.name) === 'batchSize') this.chunk.sizeNames.push(name);
    return name;
  }

  protected call(call: CallExpr): CallExpr {
    this.chunk.calls.push(call);
    return call;
  }

  protected object(object: ObjectExpr): ObjectExpr {
    this.chunk.objects.push(object);
    for (const { key, value } of object.entries) nameValue(value, key);
    return object;
  }
}

/** The outermost scope that others share, of those around `scope` that belong to the same. */
function outermostShared(scope: Scope, same: (outer: Scope) => boolean): SharedScope | null {
  let found: SharedScope | null = null;
  for (let outer: Scope | null = scope; outer && same(outer); outer = outer.parent)
    if (outer instanceof SharedScope) found = outer;
  return found;
}

/** A copy of a list without spare capacity, for lists that are kept. */
export function exactly<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? nothing : list.slice();
}
const nothing: readonly never[] = [];

/** Visits the children of the node under the cursor, which ends where it started. */
export function eachChild(cursor: TreeCursor, visit: () => void): void {
  if (!cursor.firstChild()) return;
  do visit();
  while (cursor.nextSibling());
  cursor.parent();
}

/** The element that destructuring takes from a list. */
function itemOf(value: Expr, index: number): Expr | null {
  if (value.type === 'array') return value.items[index] ?? null;
  const { chunk, from, to } = value;
  return {
    type: 'member',
    chunk,
    from,
    to,
    object: value,
    property: String(index),
    propertyAt: { chunk, from, to },
  };
}

/** `_, val_loader = make_loaders(8)`: what it makes is named where only one name, or a kind of them, is kept. */
function nameAfter(call: CallExpr, names: readonly string[]): void {
  const [first, ...others] = names.filter((name) => !/^_*$/.test(name));
  if (first === undefined) return;
  if (others.length === 0 || [first, ...others].every(isEvaluationTarget)) nameValue(call, first);
}

function nameValue(value: Expr, name: string): void {
  if (value.type === 'object') value.holder ??= name;
  else if (value.type === 'call') {
    value.target ??= name;
    // In `ds.map(f).batch(32).prefetch(1)` every call of the chain makes what gets the name.
    const { callee } = value;
    if (callee.type === 'member') nameValue(callee.object, name);
  }
}

/** `8 if debug else 512`: what holds of a trial of the program alone. */
export function isTrial(condition: Expr): boolean {
  if (condition.type === 'name') return namesTrial(condition.name);
  if (condition.type === 'member') return namesTrial(condition.property);
  return condition.type === 'call' && isTrial(condition.callee);
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
