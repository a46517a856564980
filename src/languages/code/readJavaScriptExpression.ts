import type { TreeCursor } from '@lezer/common';
import { numberInText } from './literals';
import { Reader, eachChild, longest } from './reader';
import {
  newScope,
  type Argument,
  type CallExpr,
  type Entry,
  type Expr,
  type FunctionInfo,
  type Place,
  type Scope,
} from './syntax';

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
export abstract class JavaScriptExpressionReader extends Reader {
  protected abstract children(cursor: TreeCursor, scope: Scope): Generator<undefined>;

  /** The expression under the cursor; null for punctuation, keywords, types and comments. */
  protected child(cursor: TreeCursor, scope: Scope): Expr | null {
    const { name } = cursor;
    if (name === 'LineComment' || name === 'BlockComment') {
      this.comment(cursor);
      return null;
    }
    const first = name.charCodeAt(0);
    if (name === 'this' || name === 'super')
      return { type: 'name', ...this.place(cursor), name, scope };
    if (first < 65 || first > 90 || name.endsWith('Op') || name.endsWith('Type')) return null;
    if (ignored.has(name)) return null;
    return this.expression(cursor, scope);
  }

  protected stringValue(cursor: TreeCursor): string {
    const string = this.stringAt(cursor);
    return string.type === 'string' ? string.value : '';
  }

  /** Binds the names of `const a = 1, {b = 2} = c`; returns the first. */
  protected variableDeclaration(cursor: TreeCursor, scope: Scope): string | null {
    let first = null as string | null;
    let target = null as Expr | null;
    let afterEquals = false as boolean;
    const finish = (value: Expr | null): void => {
      if (target) this.assign(target, value, scope);
      target = null;
      afterEquals = false;
    };
    eachChild(cursor, () => {
      const { name } = cursor;
      if (name === ',' || name === ';') finish(null);
      else if (name === 'Equals') afterEquals = true;
      else if (afterEquals) {
        const value = this.child(cursor, scope);
        if (!value) return;
        if (target) this.pattern(target, value, scope);
        target = null;
        afterEquals = false;
      } else if (name === 'VariableDefinition') {
        first ??= this.source(cursor);
        target = this.expression(cursor, scope);
      } else if (name === 'ObjectPattern' || name === 'ArrayPattern') {
        target = this.readPattern(cursor, scope);
      } else this.child(cursor, scope);
    });
    finish(null);
    return first;
  }

  /**
   * A pattern as an expression: an object whose values are what is bound (a name, another pattern,
   * or a choice of that and its default), or a list of them.
   */
  private readPattern(cursor: TreeCursor, scope: Scope): Expr {
    const at = this.place(cursor);
    if (cursor.name === 'VariableDefinition')
      return { type: 'name', ...at, name: this.source(cursor), scope };
    if (cursor.name === 'ArrayPattern') {
      const items: Expr[] = [];
      eachChild(cursor, () => {
        const { name } = cursor;
        if (name === 'VariableDefinition' || name.endsWith('Pattern'))
          items.push(this.readPattern(cursor, scope));
      });
      return { type: 'array', ...at, items };
    }
    const entries: Entry[] = [];
    eachChild(cursor, () => {
      if (cursor.name !== 'PatternProperty') return;
      let key: { text: string; at: Place } | null = null;
      let bound = null as Expr | null;
      let standard = null as Expr | null;
      let spread = false as boolean;
      eachChild(cursor, () => {
        const { name } = cursor;
        if (name === 'Spread') spread = true;
        else if (name === 'PropertyName' || (name === 'String' && !key)) {
          const text = name === 'String' ? this.stringValue(cursor) : this.source(cursor);
          key = { text, at: this.place(cursor) };
        } else if (!bound && (name === 'VariableDefinition' || name.endsWith('Pattern'))) {
          bound = this.readPattern(cursor, scope);
          if (bound.type === 'name') key ??= { text: bound.name, at: bound };
        } else standard = this.child(cursor, scope) ?? standard;
      });
      const found = key as { text: string; at: Place } | null;
      if (spread || !found || !bound) return;
      const value: Expr = standard
        ? { type: 'choice', ...this.place(cursor), options: [bound, standard] }
        : bound;
      entries.push({ key: found.text, keyAt: found.at, value });
    });
    return { type: 'object', ...at, entries, spreads: [], close: null, holder: null };
  }

  /** Binds the names of a pattern to the parts of `value` they take. */
  protected pattern(target: Expr, value: Expr, scope: Scope): void {
    if (target.type === 'object') {
      for (const { key, keyAt, value: bound } of target.entries) {
        const part: Expr = {
          ...{ type: 'member', chunk: value.chunk, from: value.from, to: value.to },
          object: value,
          property: key,
          propertyAt: keyAt,
        };
        if (bound.type !== 'choice') this.pattern(bound, part, scope);
        else {
          const [name, standard] = bound.options;
          if (!name || !standard) continue;
          const { chunk, from, to } = bound;
          const options = [part, standard];
          this.pattern(name, { type: 'choice', chunk, from, to, options }, scope);
        }
      }
    } else this.assign(target, value, scope);
  }

  protected parameters(cursor: TreeCursor, scope: Scope, owner: FunctionInfo): void {
    let target = null as Expr | null;
    let standard = null as Expr | null;
    let index = 0;
    let afterEquals = false as boolean;
    let field = false as boolean;
    const finish = (): void => {
      if (target) {
        const { chunk, from, to } = target;
        const name = target.type === 'name' ? target.name : '';
        const passed: Expr = { type: 'parameter', chunk, from, to, owner, index, name };
        const value: Expr = standard
          ? { type: 'choice', chunk, from, to, options: [passed, standard] }
          : passed;
        if (target.type === 'name') {
          const binding = this.bind(scope, name, target, 'parameter', value);
          owner.parameters.push(binding);
          if (field) this.addField(scope, binding);
        } else {
          this.pattern(target, value, scope);
        }
        index++;
      }
      target = null;
      standard = null;
      afterEquals = false;
      field = false;
    };
    eachChild(cursor, () => {
      const { name } = cursor;
      if (name === ',' || name === ')') finish();
      else if (name === 'Privacy') field = true;
      else if (name === 'Equals') afterEquals = true;
      else if (afterEquals) standard = this.child(cursor, scope) ?? standard;
      else if (name === 'VariableDefinition' || name.endsWith('Pattern'))
        target = this.readPattern(cursor, scope);
    });
    finish();
  }

  protected classField(cursor: TreeCursor, scope: Scope): void {
    let name: { text: string; at: Place } | null = null;
    let value = null as Expr | null;
    let afterEquals = false as boolean;
    eachChild(cursor, () => {
      if (cursor.name === 'Equals') afterEquals = true;
      else if (afterEquals) value = this.child(cursor, scope) ?? value;
      else if (cursor.name === 'PropertyDefinition' || cursor.name === 'PrivatePropertyDefinition')
        name = { text: this.source(cursor), at: this.place(cursor) };
    });
    const found = name as { text: string; at: Place } | null;
    if (found) this.bind(scope, found.text, found.at, 'field', value);
  }

  protected override expressionOf(cursor: TreeCursor, scope: Scope): Expr {
    const at = this.place(cursor);
    const { name } = cursor;
    switch (name) {
      case 'VariableName':
      case 'VariableDefinition':
        return { type: 'name', ...at, name: this.source(cursor), scope };
      case 'Number': {
        const value = numberInText(this.source(cursor));
        return value === null ? this.opaque(cursor) : { type: 'number', ...at, value };
      }
      case 'String':
        return this.stringAt(cursor);
      case 'BooleanLiteral':
        return { type: 'opaque', ...at, flag: this.source(cursor) === 'true' };
      case 'CallExpression':
      case 'NewExpression':
        return this.callExpression(cursor, scope);
      case 'MemberExpression':
        return this.memberExpression(cursor, scope);
      case 'ObjectExpression':
        return this.objectExpression(cursor, scope);
      case 'ArrayExpression':
        return { type: 'array', ...at, items: this.list(cursor, scope) };
      case 'ConditionalExpression': {
        const [, then, otherwise] = this.list(cursor, scope);
        if (!then || !otherwise) return { type: 'opaque', ...at };
        return { type: 'choice', ...at, options: [then, otherwise] };
      }
      case 'BinaryExpression':
        return this.binary(cursor, scope);
      case 'AssignmentExpression':
        return this.assignment(cursor, scope);
      case 'ArrowFunction':
      case 'FunctionExpression':
        return this.functionExpression(cursor, scope);
      case 'Block': {
        this.drain(cursor, newScope(scope, 'block'));
        return { type: 'opaque', ...at };
      }
      default: {
        const inner = this.list(cursor, scope);
        const [first] = inner;
        if (wrappers.has(name) && first) return first;
        // `x!` and `x++`: the former is x.
        if (name === 'PostfixExpression' && first && this.text[cursor.to - 1] === '!') return first;
        return { type: 'opaque', ...at };
      }
    }
  }

  private drain(cursor: TreeCursor, scope: Scope): void {
    const steps = this.children(cursor, scope);
    while (!steps.next().done);
  }

  private list(cursor: TreeCursor, scope: Scope): Expr[] {
    const list: Expr[] = [];
    eachChild(cursor, () => {
      if (list.length >= longest) return;
      const expr = this.child(cursor, scope);
      if (expr) list.push(expr);
    });
    return list;
  }

  private functionExpression(cursor: TreeCursor, scope: Scope): Expr {
    const info = this.newFunction(this.place(cursor), null, null);
    const inner = newScope(scope, 'function', undefined, info);
    eachChild(cursor, () => {
      if (cursor.name === 'ParamList') this.parameters(cursor, inner, info);
      else if (cursor.name === 'Block') this.drain(cursor, inner);
      else if (cursor.name !== 'VariableDefinition') {
        const value = this.child(cursor, inner);
        if (value) info.returns.push(value);
      }
    });
    return { type: 'function', ...this.place(cursor), info };
  }

  private assignment(cursor: TreeCursor, scope: Scope): Expr {
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
    const [to, from] = [target, value];
    if (plain && to && from) this.pattern(to, from, scope);
    return from ?? this.opaque(cursor);
  }

  private binary(cursor: TreeCursor, scope: Scope): Expr {
    const at = this.place(cursor);
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
    if (!left || !right) return { type: 'opaque', ...at };
    if (operator === '||' || operator === '??')
      return { type: 'choice', ...at, options: [left, right] };
    return { type: 'binary', ...at, operator, left, right };
  }

  private memberExpression(cursor: TreeCursor, scope: Scope): Expr {
    const at = this.place(cursor);
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
    if (!object || !found) return { type: 'opaque', ...at };
    return { type: 'member', ...at, object, property: found.text, propertyAt: found.at };
  }

  private objectExpression(cursor: TreeCursor, scope: Scope): Expr {
    const at = this.place(cursor);
    const entries: Entry[] = [];
    const spreads: Expr[] = [];
    let close = null as number | null;
    eachChild(cursor, () => {
      if (cursor.name === '}') close = cursor.from - this.chunk.base;
      else if (cursor.name === 'Property') this.property(cursor, scope, entries, spreads);
      else this.child(cursor, scope);
    });
    return this.object({ type: 'object', ...at, entries, spreads, close, holder: null });
  }

  private property(cursor: TreeCursor, scope: Scope, entries: Entry[], spreads: Expr[]): void {
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
        value = { type: 'function', ...this.place(cursor), info };
      } else if (name === 'Block') this.drain(cursor, inner ?? scope);
      else value = this.child(cursor, scope) ?? value;
    });
    const found = key as { text: string; at: Place } | null;
    if (spread && value) spreads.push(value);
    else if (found) {
      const shorthand: Expr = { type: 'name', ...found.at, name: found.text, scope };
      entries.push({ key: found.text, keyAt: found.at, value: value ?? shorthand });
    }
  }

  private callExpression(cursor: TreeCursor, scope: Scope): Expr {
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
    const call: CallExpr = {
      ...{ type: 'call', chunk, from, to, callee, args, close, lastArgument, scope },
      target: null,
    };
    return this.call(call);
  }
}
