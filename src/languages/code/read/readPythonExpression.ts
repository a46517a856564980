import type { TreeCursor } from '@lezer/common';
import { numberInText } from './literals';
import { Reader, eachChild, exactly, isTrial } from './reader';
import {
  newScope,
  type Argument,
  type Binding,
  type CallExpr,
  type Entry,
  type Expr,
  type FunctionInfo,
  type NameExpr,
  type Place,
  type Scope,
} from './syntax';

/** Reads Python expressions as `@lezer/python` parses them. */
export abstract class PythonExpressionReader extends Reader {
  /** The expression under the cursor; null for punctuation, keywords and comments. */
  protected child(cursor: TreeCursor, scope: Scope): Expr | null {
    const { name } = cursor;
    if (name === 'Comment') {
      this.comment(cursor);
      return null;
    }
    const first = name.charCodeAt(0);
    const named = first >= 65 && first <= 90;
    if (!named || name === 'AssignOp' || name.endsWith('Op') || name === 'TypeDef') return null;
    return this.expression(cursor, scope);
  }

  protected parameters(cursor: TreeCursor, scope: Scope, outer: Scope, owner: FunctionInfo): void {
    let name: { text: string; at: Place } | null = null;
    let standard = null as Expr | null;
    let index = 0;
    let starred = false as boolean;
    const bound: Binding[] = [];
    const finish = (): void => {
      if (name && !starred) {
        const { text, at } = name;
        const { chunk, from, to } = at;
        const passed: Expr = { type: 'parameter', chunk, from, to, owner, index, name: text };
        const value: Expr = standard
          ? { type: 'choice', chunk, from, to, options: [passed, standard] }
          : passed;
        bound.push(this.bind(scope, text, at, 'parameter', value));
        index++;
      }
      name = null;
      standard = null;
      starred = false;
    };
    eachChild(cursor, () => {
      switch (cursor.name) {
        case ',':
        case ')':
          finish();
          return;
        case '*':
        case '**':
          starred = true;
          return;
        case 'VariableName':
          if (name) standard = this.expression(cursor, outer);
          else name = { text: this.source(cursor), at: this.place(cursor) };
          return;
        default: {
          const expr = this.child(cursor, outer);
          if (expr && name) standard = expr;
        }
      }
    });
    finish();
    owner.parameters = exactly(bound);
  }

  protected override expressionOf(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    switch (cursor.name) {
      case 'VariableName':
        return this.name({ type: 'name', chunk, from, to, name: this.source(cursor), scope });
      case 'Number': {
        const value = numberInText(this.source(cursor));
        return value === null ? this.opaque(cursor) : { type: 'number', chunk, from, to, value };
      }
      case 'String':
        return this.stringAt(cursor);
      case 'Boolean':
        return { type: 'opaque', chunk, from, to, flag: this.source(cursor) === 'True' };
      case 'CallExpression':
        return this.#callExpression(cursor, scope);
      case 'MemberExpression':
        return this.#memberExpression(cursor, scope);
      case 'DictionaryExpression':
        return this.#dictionary(cursor, scope);
      case 'ArrayExpression':
      case 'TupleExpression':
      case 'SetExpression':
        return { type: 'array', chunk, from, to, items: exactly(this.list(cursor, scope)) };
      case 'ParenthesizedExpression':
      case 'AwaitExpression': {
        const [inner] = this.list(cursor, scope);
        return inner ?? this.opaque(cursor);
      }
      case 'ConditionalExpression': {
        const [then, condition, otherwise] = this.list(cursor, scope);
        if (!then || !otherwise) return this.opaque(cursor);
        if (condition && isTrial(condition)) return otherwise;
        return { type: 'choice', chunk, from, to, options: [then, otherwise] };
      }
      case 'BinaryExpression':
        return this.#binary(cursor, scope);
      case 'NamedExpression': {
        const [target, value] = this.list(cursor, scope);
        if (target && value) this.assign(target, value, scope);
        return value ?? this.opaque(cursor);
      }
      case 'LambdaExpression':
        return this.#lambda(cursor, scope);
      default:
        this.list(cursor, scope);
        return { type: 'opaque', chunk, from, to };
    }
  }

  #binary(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    const operands: Expr[] = [];
    let operator = '';
    eachChild(cursor, () => {
      const expr = this.child(cursor, scope);
      if (expr) operands.push(expr);
      else if (cursor.name !== 'Comment') operator += this.source(cursor);
    });
    const [left, right] = operands;
    if (left?.type === 'name' && left.name === '__name__') this.chunk.isScript = true;
    if (!left || !right) return { type: 'opaque', chunk, from, to };
    if (operator === 'or') return { type: 'choice', chunk, from, to, options: [left, right] };
    return { type: 'binary', chunk, from, to, operator, left, right };
  }

  #lambda(cursor: TreeCursor, scope: Scope): Expr {
    const info = this.newFunction(this.place(cursor), null, null);
    const inner = newScope(scope, 'function', undefined, info);
    eachChild(cursor, () => {
      if (cursor.name === 'ParamList') this.parameters(cursor, inner, scope, info);
      else {
        const value = this.child(cursor, inner);
        if (value) info.returns.push(value);
      }
    });
    const { chunk, from, to } = info;
    return { type: 'function', chunk, from, to, info };
  }

  #memberExpression(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    let object = null as Expr | null;
    let property = null as { text: string; at: Place } | null;
    const subscript: (Expr | ':')[] = [];
    eachChild(cursor, () => {
      if (cursor.name === 'PropertyName') {
        property = { text: this.source(cursor), at: this.place(cursor) };
      } else if (cursor.name === ':') subscript.push(':');
      else {
        const expr = this.child(cursor, scope);
        if (!expr) return;
        if (object) subscript.push(expr);
        else object = expr;
      }
    });
    if (!object) return { type: 'opaque', chunk, from, to };
    if (property) {
      const { text, at } = property;
      return { type: 'member', chunk, from, to, object, property: text, propertyAt: at };
    }
    const [first, second, third] = subscript;
    if (first === ':' || second === ':') {
      const start = first === ':' || first === undefined ? null : first;
      const end = first === ':' ? second : third;
      return {
        type: 'slice',
        chunk,
        from,
        to,
        object,
        start,
        end: end === ':' ? null : (end ?? null),
      };
    }
    if (first?.type !== 'string') return { type: 'opaque', chunk, from, to };
    const propertyAt = { chunk, from: first.from, to: first.to };
    return { type: 'member', chunk, from, to, object, property: first.value, propertyAt };
  }

  #dictionary(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    const entries: Entry[] = [];
    const spreads: Expr[] = [];
    let key = null as Expr | null;
    let spread = false as boolean;
    let close = null as number | null;
    eachChild(cursor, () => {
      if (cursor.name === '**') spread = true;
      else if (cursor.name === ',') key = null;
      else if (cursor.name === '}') close = cursor.from - this.chunk.base;
      else {
        const expr = this.child(cursor, scope);
        if (!expr) return;
        if (spread) spreads.push(expr);
        else if (key?.type === 'string') entries.push({ key: key.value, keyAt: key, value: expr });
        // `{BATCH_SIZE: 128}`: a constant that is named after the key it holds.
        else if (key?.type === 'name') entries.push({ key: key.name, keyAt: key, value: expr });
        key = key ? null : expr;
        spread = false;
      }
    });
    return this.object({
      type: 'object',
      chunk,
      from,
      to,
      entries: exactly(entries),
      spreads: exactly(spreads),
      close,
      holder: null,
    });
  }

  #callExpression(cursor: TreeCursor, scope: Scope): Expr {
    const { from } = this.place(cursor);
    let callee: Expr = this.opaque(cursor);
    let call = null as CallExpr | null;
    eachChild(cursor, () => {
      if (cursor.name === 'ArgList') call = this.callWith(cursor, callee, from, scope);
      else callee = this.child(cursor, scope) ?? callee;
    });
    return call ?? callee;
  }

  /** The call whose argument list is under the cursor. */
  protected callWith(cursor: TreeCursor, callee: Expr, from: number, scope: Scope): CallExpr {
    const { chunk, to } = this.place(cursor);
    const { list: args, close, last, comma } = this.arguments(cursor, scope);
    const lastArgument = last === null ? null : { to: last, comma };
    const target = null;
    return this.call({
      type: 'call',
      chunk,
      from,
      to,
      callee,
      args,
      close,
      lastArgument,
      scope,
      target,
    });
  }

  protected arguments(
    cursor: TreeCursor,
    scope: Scope,
  ): { list: readonly Argument[]; close: number | null; last: number | null; comma: boolean } {
    const list: Argument[] = [];
    let close = null as number | null;
    let last = null as number | null;
    let comma = false as boolean;
    let pending = null as NameExpr | null;
    let keyword = null as NameExpr | null;
    let spread = false as boolean;
    const finish = (): void => {
      if (pending) list.push({ keyword: null, keywordAt: null, spread, value: pending });
      pending = null;
      keyword = null;
      spread = false;
    };
    eachChild(cursor, () => {
      const { name } = cursor;
      if (name === ',') {
        finish();
        comma = true;
      } else if (name === ')') {
        finish();
        close = cursor.from - this.chunk.base;
      } else if (name === '*' || name === '**') spread = true;
      else if (name === 'AssignOp') {
        keyword = pending;
        pending = null;
        // A keyword's name reads no variable.
        const { sizeNames } = this.chunk;
        if (sizeNames.at(-1) === keyword) sizeNames.pop();
      } else {
        const value = this.child(cursor, scope);
        if (!value) return;
        last = cursor.to - this.chunk.base;
        comma = false;
        if (value.type === 'name' && !keyword && !spread) {
          pending = value;
          return;
        }
        list.push({ keyword: keyword?.name ?? null, keywordAt: keyword, spread, value });
        keyword = null;
        spread = false;
      }
    });
    finish();
    return { list: exactly(list), close, last, comma };
  }
}
