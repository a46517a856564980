import type { TreeCursor } from '@lezer/common';
import type {
  Binding,
  CallExpr,
  Chunk,
  ClassInfo,
  Expr,
  FunctionInfo,
  MemberExpr,
  ObjectExpr,
  OpaqueExpr,
  Place,
  Scope,
} from './syntax';

/** Expressions nested deeper than this are not looked into: nobody writes a batch size there. */
const deepest = 120;
/** Of long literal lists only the head is read: data, not configuration. */
export const longest = 400;

/** What the readers of all languages share: the text, the chunk that is being read, and its facts. */
export abstract class Reader {
  protected chunk!: Chunk;
  protected depth = 0;

  constructor(protected readonly text: string) {}

  /**
   * Reads the top-level statement under the cursor into `chunk`; yields now and then between
   * statements so that the caller can stop for other work. The cursor ends where it started.
   */
  *read(cursor: TreeCursor, chunk: Chunk, scope: Scope): Generator<undefined> {
    this.chunk = chunk;
    this.depth = 0;
    yield* this.statement(cursor, scope);
  }

  protected abstract statement(cursor: TreeCursor, scope: Scope): Generator<undefined>;
  protected abstract expressionOf(cursor: TreeCursor, scope: Scope): Expr;

  protected expression(cursor: TreeCursor, scope: Scope): Expr {
    if (this.depth >= deepest) return this.opaque(cursor);
    this.depth++;
    const expr = this.expressionOf(cursor, scope);
    this.depth--;
    return expr;
  }

  protected source(cursor: TreeCursor): string {
    return this.text.slice(cursor.from, cursor.to);
  }

  protected place(cursor: TreeCursor): Place {
    const { base } = this.chunk;
    return { chunk: this.chunk, from: cursor.from - base, to: cursor.to - base };
  }

  protected opaque(cursor: TreeCursor): OpaqueExpr {
    return { type: 'opaque', ...this.place(cursor) };
  }

  protected comment(cursor: TreeCursor): void {
    this.chunk.comments.push({ ...this.place(cursor), text: this.source(cursor) });
  }

  /** Binds a name in `scope`, and tells the value what it is called. */
  protected bind(
    scope: Scope,
    name: string,
    at: Place,
    role: Binding['role'],
    value: Expr | null,
    more: Partial<Pick<Binding, 'imported' | 'functionInfo' | 'classInfo' | 'beside'>> = {},
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
      beside: more.beside ?? [],
      imported: more.imported ?? null,
      functionInfo: more.functionInfo ?? null,
      classInfo: more.classInfo ?? null,
    };
    if (value) nameValue(value, name);
    if (scope.kind === 'class' && scope.classInfo) append(scope.classInfo.fields, name, binding);
    // The module's names are gathered by every search anew: chunks come and go.
    if (scope.kind === 'module') chunk.bindings.push(binding);
    else {
      append(scope.bindings, name, binding);
      chunk.bindings.push(binding);
    }
    return binding;
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
      this.assignMember(target, value, scope);
    } else if (target.type === 'array') {
      const names = target.items.map((item) => (item.type === 'name' ? item.name : ''));
      target.items.forEach((item, index) => {
        const others = names.filter((name, at) => name !== '' && at !== index);
        this.assign(item, value && itemOf(value, index), scope, others);
      });
    }
  }

  private assignMember(target: MemberExpr, value: Expr | null, scope: Scope): void {
    if (!value) return;
    nameValue(value, target.property);
    const { object } = target;
    const own = object.type === 'name' && (object.name === 'self' || object.name === 'this');
    if (own && scope.classInfo) {
      const { chunk, from, to } = target.propertyAt;
      append(scope.classInfo.fields, target.property, {
        chunk,
        from,
        to,
        name: target.property,
        role: 'field',
        value,
        scope,
        beside: [],
        imported: null,
        functionInfo: null,
        classInfo: null,
      });
    }
    this.chunk.assignments.push({ target, value });
  }

  protected newFunction(
    cursor: TreeCursor,
    name: string | null,
    classInfo: ClassInfo | null,
    decorators: Expr[] = [],
  ): FunctionInfo {
    const info: FunctionInfo = {
      ...this.place(cursor),
      name,
      parameters: [],
      returns: [],
      decorators,
      classInfo,
    };
    this.chunk.functions.push(info);
    return info;
  }

  protected newClass(
    cursor: TreeCursor,
    name: string | null,
    bases: Expr[],
    decorators: Expr[],
  ): ClassInfo {
    const info: ClassInfo = {
      ...this.place(cursor),
      name,
      bases,
      decorators,
      fields: new Map(),
      methods: new Map(),
    };
    this.chunk.classes.push(info);
    return info;
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

function nameValue(value: Expr, name: string): void {
  if (value.type === 'object') value.holder ??= name;
  else if (value.type === 'call') {
    value.target ??= name;
    // In `ds.map(f).batch(32).prefetch(1)` every call of the chain makes what gets the name.
    const { callee } = value;
    if (callee.type === 'member') nameValue(callee.object, name);
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
