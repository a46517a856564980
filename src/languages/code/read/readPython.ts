import type { TreeCursor } from '@lezer/common';
import type { ChunkedLanguage } from './readChunks';
import { PythonExpressionReader } from './readPythonExpression';
import { eachChild } from './reader';
import {
  newScope,
  runsOnly,
  type CallExpr,
  type ClassInfo,
  type Expr,
  type FunctionInfo,
  type Place,
  type Scope,
} from './syntax';

/** Python, in chunks. */
export const pythonInChunks: ChunkedLanguage = {
  newReader: (text, clock, interned) => new PythonReader(text, clock, interned),
  bodies: new Set(['Body']),
};

/** Reads Python as `@lezer/python` parses it. */
class PythonReader extends PythonExpressionReader {
  protected override *statementOf(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    switch (cursor.name) {
      case 'Comment':
        this.comment(cursor);
        return;
      case 'ImportStatement':
        this.#importStatement(cursor, scope);
        return;
      case 'AssignStatement':
        this.#assignStatement(cursor, scope);
        return;
      case 'FunctionDefinition':
        yield* this.#functionDefinition(cursor, scope, []);
        return;
      case 'ClassDefinition':
        yield* this.#classDefinition(cursor, scope, []);
        return;
      case 'DecoratedStatement':
        yield* this.#decorated(cursor, scope);
        return;
      case 'ForStatement':
        yield* this.#forStatement(cursor, scope);
        return;
      case 'ReturnStatement':
        eachChild(cursor, () => {
          if (cursor.name !== 'return') {
            const value = this.child(cursor, scope);
            if (value) this.addReturn(scope, value);
          }
        });
        return;
      case 'YieldStatement':
        this.yieldIn(scope);
        yield* this.#block(cursor, scope);
        return;
      case 'WithStatement':
        yield* this.#withStatement(cursor, scope);
        return;
      default:
        yield* this.#block(cursor, scope);
    }
  }

  /** Any statement that only holds expressions and bodies; Python has no block scopes. */
  *#block(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    if (cursor.name === 'Body' && this.isLeftOut(cursor, scope)) return;
    if (!cursor.firstChild()) return;
    do {
      if (cursor.name === 'Body' || isStatement(cursor.name)) {
        if (cursor.name === 'Body') yield* this.#block(cursor, scope);
        else yield* this.statement(cursor, scope);
      } else {
        this.child(cursor, scope);
      }
    } while (cursor.nextSibling());
    cursor.parent();
  }

  #importStatement(cursor: TreeCursor, scope: Scope): void {
    let from = null as string | null;
    let dotted = '';
    let local = null as Place | null;
    let state: 'module' | 'names' | 'alias' | 'from' = 'module';
    const finish = (alias: string | null, at: Place | null): void => {
      if (dotted === '') return;
      const root = dotted.split('.')[0] ?? dotted;
      const qualified = from === null ? dotted : `${from}.${dotted}`;
      // `import a.b` binds `a`; `import a.b as c` binds a.b.
      const bound = alias ?? (from === null ? root : dotted);
      const imported = alias === null && from === null ? root : qualified;
      const place = at ?? local;
      if (place) this.bind(scope, bound, place, 'import', null, { imported });
      if (from === null) this.chunk.modules.push(dotted);
      dotted = '';
      local = null;
    };
    eachChild(cursor, () => {
      switch (cursor.name) {
        case 'from':
          state = 'from';
          return;
        case 'import':
          if (state === 'from') {
            from = dotted;
            this.chunk.modules.push(dotted);
          }
          dotted = '';
          state = 'names';
          return;
        case 'as':
          state = 'alias';
          return;
        case ',':
        case ')':
          finish(null, null);
          state = 'names';
          return;
        case '*':
          if (from !== null) this.chunk.modules.push(`${from}.*`);
          return;
        case '.':
        case 'Ellipsis':
          dotted += dotted === '' || dotted.endsWith('.') ? '.' : '';
          return;
        case 'VariableName': {
          const name = this.source(cursor);
          if (state === 'alias') {
            finish(name, this.place(cursor));
            state = 'names';
            return;
          }
          local ??= this.place(cursor);
          dotted += dotted === '' || dotted.endsWith('.') ? name : `.${name}`;
          return;
        }
        default:
      }
    });
    finish(null, null);
  }

  #assignStatement(cursor: TreeCursor, scope: Scope): void {
    // `a = b = 1`: every group but the last is a target.
    const groups: Expr[][] = [[]];
    eachChild(cursor, () => {
      if (cursor.name === 'AssignOp') groups.push([]);
      else {
        const expr = this.child(cursor, scope);
        if (expr) groups.at(-1)?.push(expr);
      }
    });
    const group = (exprs: Expr[]): Expr | null => {
      const [first] = exprs;
      if (!first || exprs.length === 1) return first ?? null;
      const { chunk, from } = first;
      return { type: 'array', chunk, from, to: exprs.at(-1)?.to ?? from, items: exprs };
    };
    const value = groups.length > 1 ? group(groups.at(-1) ?? []) : null;
    if (!value) return;
    for (const targets of groups.slice(0, -1)) {
      const target = group(targets);
      if (target) this.assign(target, value, scope);
    }
  }

  *#decorated(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    const decorators: Expr[] = [];
    if (!cursor.firstChild()) return;
    do {
      if (cursor.name === 'Decorator') decorators.push(this.#decorator(cursor, scope));
      else if (cursor.name === 'FunctionDefinition')
        yield* this.#functionDefinition(cursor, scope, decorators);
      else if (cursor.name === 'ClassDefinition')
        yield* this.#classDefinition(cursor, scope, decorators);
      else this.child(cursor, scope);
    } while (cursor.nextSibling());
    cursor.parent();
  }

  /** `@click.option("--batch-size", default=32)`: a dotted name without a node of its own. */
  #decorator(cursor: TreeCursor, scope: Scope): Expr {
    const whole = this.place(cursor);
    let callee: Expr = { type: 'opaque', ...whole };
    let call = null as CallExpr | null;
    eachChild(cursor, () => {
      if (cursor.name === 'VariableName') {
        const at = this.place(cursor);
        const name = this.source(cursor);
        callee =
          callee.type === 'opaque'
            ? { type: 'name', ...at, name, scope }
            : {
                type: 'member',
                ...at,
                from: callee.from,
                object: callee,
                property: name,
                propertyAt: at,
              };
      } else if (cursor.name === 'ArgList') {
        call = this.callWith(cursor, callee, callee.from, scope);
      }
    });
    return call ?? callee;
  }

  *#functionDefinition(cursor: TreeCursor, scope: Scope, decorators: Expr[]): Generator<undefined> {
    const owner = scope.kind === 'class' ? scope : null;
    let name = null as string | null;
    let nameAt = this.place(cursor);
    let info = null as FunctionInfo | null;
    let inner = scope;
    const at = this.place(cursor);
    if (!cursor.firstChild()) return;
    do {
      if (cursor.name === 'VariableName') {
        name = this.source(cursor);
        nameAt = this.place(cursor);
      } else if (cursor.name === 'ParamList') {
        info = this.newFunction(at, name, owner, decorators);
        inner = newScope(scope, 'function', undefined, info);
        this.parameters(cursor, inner, scope, info);
      } else if (cursor.name === 'Body') {
        yield* this.#block(cursor, inner);
      }
    } while (cursor.nextSibling());
    cursor.parent();
    if (name === null || !info) return;
    if (owner) this.addMethod(owner, name, info);
    else this.bind(scope, name, nameAt, 'function', null, { functionInfo: info });
  }

  *#classDefinition(cursor: TreeCursor, scope: Scope, decorators: Expr[]): Generator<undefined> {
    const bases: Expr[] = [];
    const info: ClassInfo = this.newClass(cursor, bases, decorators);
    const inner = newScope(scope, 'class', info, null);
    if (!cursor.firstChild()) return;
    do {
      if (cursor.name === 'VariableName') {
        info.name = this.source(cursor);
        this.bind(scope, info.name, this.place(cursor), 'class', null, { classInfo: info });
      } else if (cursor.name === 'ArgList') {
        bases.push(...this.arguments(cursor, scope).list.map(({ value }) => value));
      } else if (cursor.name === 'Body') {
        yield* this.#block(cursor, inner);
      }
    } while (cursor.nextSibling());
    cursor.parent();
  }

  *#forStatement(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    const at = this.place(cursor);
    const targets: Expr[] = [];
    let iterable = null as Expr | null;
    let afterIn = false as boolean;
    if (!cursor.firstChild()) return;
    do {
      if (cursor.name === 'in') afterIn = true;
      else if (cursor.name === 'Body') yield* this.#block(cursor, scope);
      else {
        const expr = this.child(cursor, scope);
        if (expr && afterIn) iterable ??= expr;
        else if (expr) targets.push(expr);
      }
    } while (cursor.nextSibling());
    cursor.parent();
    for (const target of targets) {
      if (target.type !== 'name') continue;
      this.bind(scope, target.name, target, 'loop', null);
      this.chunk.loops.push({ ...at, variable: target.name, iterable, bound: null });
    }
  }

  *#withStatement(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    const at = this.place(cursor);
    let context = null as Expr | null;
    let alias = false as boolean;
    if (!cursor.firstChild()) return;
    do {
      if (cursor.name === 'as') alias = true;
      else if (cursor.name === 'Body') yield* this.#block(cursor, scope);
      else {
        const expr = this.child(cursor, scope);
        if (expr && alias) this.assign(expr, context, scope);
        else if (expr) context = expr;
        if (expr && runsOnly(expr)) this.chunk.passive.push(at);
        if (expr) alias = false;
      }
    } while (cursor.nextSibling());
    cursor.parent();
  }
}

function isStatement(name: string): boolean {
  return name.endsWith('Statement') || name.endsWith('Definition') || name === 'StatementGroup';
}
