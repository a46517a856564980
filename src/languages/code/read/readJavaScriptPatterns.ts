import type { TreeCursor } from '@lezer/common';
import { Reader, eachChild, exactly } from './reader';
import type { Binding, Entry, Expr, FunctionInfo, Place, Scope } from './syntax';

/** Reads what binds names in JavaScript: declarations, patterns, parameters and class fields. */
export abstract class JavaScriptPatternReader extends Reader {
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
  protected readPattern(cursor: TreeCursor, scope: Scope): Expr {
    const { chunk, from, to } = this.place(cursor);
    if (cursor.name === 'VariableDefinition')
      return { type: 'name', chunk, from, to, name: this.source(cursor), scope };
    if (cursor.name === 'ArrayPattern') {
      const items: Expr[] = [];
      eachChild(cursor, () => {
        const { name } = cursor;
        if (name === 'VariableDefinition' || name.endsWith('Pattern'))
          items.push(this.readPattern(cursor, scope));
      });
      return { type: 'array', chunk, from, to, items };
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
      const whole = this.place(cursor);
      const value: Expr = standard
        ? {
            type: 'choice',
            chunk: whole.chunk,
            from: whole.from,
            to: whole.to,
            options: [bound, standard],
          }
        : bound;
      entries.push({ key: found.text, keyAt: found.at, value });
    });
    return { type: 'object', chunk, from, to, entries, spreads: [], close: null, holder: null };
  }

  /** Binds the names of a pattern to the parts of `value` they take. */
  protected pattern(target: Expr, value: Expr, scope: Scope): void {
    if (target.type === 'object') {
      for (const { key, keyAt, value: bound } of target.entries) {
        const part: Expr = {
          type: 'member',
          chunk: value.chunk,
          from: value.from,
          to: value.to,
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
    const named: Binding[] = [];
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
          named.push(binding);
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
    owner.parameters = exactly(named);
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
}
