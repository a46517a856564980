import type { TreeCursor } from '@lezer/common';
import { numberInText } from './literals';
import { JavaScriptPatternReader } from './readJavaScriptPatterns';
import { eachChild, exactly, isTrial } from './reader';
import { newScope, type Argument, type Entry, type Expr, type Place, type Scope } from './syntax';

const wrappers = new Set([
  'ParenthesizedExpression',
  'AwaitExpression',
  'PrefixCast',
  'InstantiationExpression',
]);
const ignored = new Set([
  'Equals',
  'Star',
  'Spread',
  'Optional',
  'Privacy',
  'Arrow',
  'TypeAnnotation',
  'TypeArgList',
  'TypeParamList',
  'TypePredicate',
  'JSXText',
]);

/** Reads JavaScript expressions; function bodies inside them are read without a pause. */
export abstract class JavaScriptExpressionReader extends JavaScriptPatternReader {
  protected abstract children(cursor: TreeCursor, scope: Scope): Generator<undefined>;

  /** The expression under the cursor; null for punctuation, keywords, types and comments. */
  protected override child(cursor: TreeCursor, scope: Scope): Expr | null {
    const { name } = cursor;
    if (name === 'LineComment' || name === 'BlockComment') {
      this.comment(cursor);
      return null;
    }
    const first = name.charCodeAt(0);
    if (name === 'this' || name === 'super') {
      const { chunk, from, to } = this.place(cursor);
      return { type: 'name', chunk, from, to, name, scope };
    }
    if (first < 65 || first > 90 || name.endsWith('Op') || name.endsWith('Type')) return null;
    if (ignored.has(name)) return null;
    return this.expression(cursor, scope);
  }

  protected override expressionOf(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    const { name } = cursor;
    switch (name) {
      case 'VariableName':
      case 'VariableDefinition':
        return { type: 'name', chunk, from, to, name: this.source(cursor), scope };
      case 'Number': {
        const value = numberInText(this.source(cursor));
        return value === null ? this.opaque(cursor) : { type: 'number', chunk, from, to, value };
      }
      case 'String':
        return this.stringAt(cursor);
      case 'BooleanLiteral':
        return { type: 'opaque', chunk, from, to, flag: this.source(cursor) === 'true' };
      case 'CallExpression':
      case 'NewExpression':
        return this.#callExpression(cursor, scope);
      case 'MemberExpression':
        return this.#memberExpression(cursor, scope);
      case 'ObjectExpression':
        return this.#objectExpression(cursor, scope);
      case 'ArrayExpression':
        return { type: 'array', chunk, from, to, items: exactly(this.list(cursor, scope)) };
      case 'ConditionalExpression': {
        const [condition, then, otherwise] = this.list(cursor, scope);
        if (!then || !otherwise) return { type: 'opaque', chunk, from, to };
        if (condition && isTrial(condition)) return otherwise;
        return { type: 'choice', chunk, from, to, options: [then, otherwise] };
      }
      case 'BinaryExpression':
        return this.#binary(cursor, scope);
      case 'AssignmentExpression':
        return this.#assignment(cursor, scope);
      case 'ArrowFunction':
      case 'FunctionExpression':
        return this.#functionExpression(cursor, scope);
      case 'Block': {
        this.#drain(cursor, newScope(scope, 'block'));
        return { type: 'opaque', chunk, from, to };
      }
      default: {
        const inner = this.list(cursor, scope);
        const [first] = inner;
        if (wrappers.has(name) && first) return first;
        // `x!` and `x++`: the former is x.
        if (name === 'PostfixExpression' && first && this.text[cursor.to - 1] === '!') return first;
        return { type: 'opaque', chunk, from, to };
      }
    }
  }

  #drain(cursor: TreeCursor, scope: Scope): void {
    const steps = this.children(cursor, scope);
    while (!steps.next().done);
  }

  #functionExpression(cursor: TreeCursor, scope: Scope): Expr {
    const info = this.newFunction(this.place(cursor), null, null);
    const inner = newScope(scope, 'function', undefined, info);
    eachChild(cursor, () => {
      if (cursor.name === 'ParamList') this.parameters(cursor, inner, info);
      else if (cursor.name === 'Block') this.#drain(cursor, inner);
      else if (cursor.name !== 'VariableDefinition') {
        const value = this.child(cursor, inner);
        if (value) info.returns.push(value);
      }
    });
    const { chunk, from, to } = info;
    return { type: 'function', chunk, from, to, info };
  }

  #assignment(cursor: TreeCursor, scope: Scope): Expr {
    let target = null as Expr | null;
    let value = null as Expr | null;
    let plain = false as boolean;
    eachChild(cursor, () => {
      if (cursor.name === 'Equals') plain = true;
      else if (!target)
        target = cursor.name.endsWith('Pattern')
          ? this.readPattern(cursor, scope)
          : this.child(cursor, scope);
      else value = this.child(cursor, scope) ?? value;
    });
    const [goal, given] = [target, value];
    if (plain && goal && given) this.pattern(goal, given, scope);
    return given ?? this.opaque(cursor);
  }

  #binary(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    const operands: Expr[] = [];
    let operator = '';
    eachChild(cursor, () => {
      const expr = this.child(cursor, scope);
      if (expr) operands.push(expr);
      else if (cursor.name.endsWith('Op') || cursor.name === 'as' || cursor.name === 'satisfies')
        operator ||= this.source(cursor);
    });
    const [left, right] = operands;
    if (left && (operator === 'as' || operator === 'satisfies')) return left;
    if (!left || !right) return { type: 'opaque', chunk, from, to };
    if (operator === '||' || operator === '??')
      return { type: 'choice', chunk, from, to, options: [left, right] };
    return { type: 'binary', chunk, from, to, operator, left, right };
  }

  #memberExpression(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    let object = null as Expr | null;
    let property: { text: string; at: Place } | null = null;
    eachChild(cursor, () => {
      if (cursor.name === 'PropertyName' || cursor.name === 'PrivatePropertyName') {
        property = { text: this.source(cursor), at: this.place(cursor) };
      } else {
        const expr = this.child(cursor, scope);
        if (!expr) return;
        if (!object) object = expr;
        else if (expr.type === 'string') property = { text: expr.value, at: expr };
      }
    });
    const found = property as { text: string; at: Place } | null;
    if (!object || !found) return { type: 'opaque', chunk, from, to };
    return { type: 'member', chunk, from, to, object, property: found.text, propertyAt: found.at };
  }

  #objectExpression(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    const entries: Entry[] = [];
    const spreads: Expr[] = [];
    let close = null as number | null;
    eachChild(cursor, () => {
      if (cursor.name === '}') close = cursor.from - this.chunk.base;
      else if (cursor.name === 'Property') this.#property(cursor, scope, entries, spreads);
      else this.child(cursor, scope);
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

  #property(cursor: TreeCursor, scope: Scope, entries: Entry[], spreads: Expr[]): void {
    let key: { text: string; at: Place } | null = null;
    let value = null as Expr | null;
    let spread = false as boolean;
    let colon = false as boolean;
    let inner = null as Scope | null;
    eachChild(cursor, () => {
      const { name } = cursor;
      if (name === 'Spread') spread = true;
      else if (name === ':') colon = true;
      else if (!colon && (name === 'PropertyDefinition' || name === 'String'))
        key = {
          text: name === 'String' ? this.stringValue(cursor) : this.source(cursor),
          at: this.place(cursor),
        };
      else if (name === 'ParamList') {
        const info = this.newFunction(this.place(cursor), key?.text ?? null, null);
        inner = newScope(scope, 'function', undefined, info);
        this.parameters(cursor, inner, info);
        const { chunk, from, to } = info;
        value = { type: 'function', chunk, from, to, info };
      } else if (name === 'Block') this.#drain(cursor, inner ?? scope);
      else value = this.child(cursor, scope) ?? value;
    });
    const found = key as { text: string; at: Place } | null;
    if (spread && value) spreads.push(value);
    else if (found) {
      const { text, at } = found;
      const { chunk, from, to } = at;
      const shorthand: Expr = { type: 'name', chunk, from, to, name: text, scope };
      entries.push({ key: text, keyAt: at, value: value ?? shorthand });
    }
  }

  #callExpression(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    let callee = null as Expr | null;
    let args: Argument[] = [];
    let close = null as number | null;
    let last = null as number | null;
    let comma = false as boolean;
    eachChild(cursor, () => {
      if (cursor.name !== 'ArgList') {
        callee = this.child(cursor, scope) ?? callee;
        return;
      }
      let spread = false as boolean;
      args = [];
      eachChild(cursor, () => {
        if (cursor.name === ')') close = cursor.from - chunk.base;
        else if (cursor.name === ',') comma = true;
        else if (cursor.name === 'Spread') spread = true;
        else {
          const value = this.child(cursor, scope);
          if (!value) return;
          args.push({ keyword: null, keywordAt: null, spread, value });
          last = cursor.to - chunk.base;
          comma = false;
          spread = false;
        }
      });
    });
    if (!callee) return { type: 'opaque', chunk, from, to };
    const lastArgument = last === null ? null : { to: last, comma };
    const target = null;
    return this.call({
      type: 'call',
      chunk,
      from,
      to,
      callee,
      args: exactly(args),
      close,
      lastArgument,
      scope,
      target,
    });
  }
}
