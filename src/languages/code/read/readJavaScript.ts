import type { TreeCursor } from '@lezer/common';
import type { ChunkedLanguage } from './readChunks';
import { JavaScriptExpressionReader } from './readJavaScriptExpression';
import { eachChild } from './reader';
import { newScope, type Expr, type FunctionInfo, type Place, type Scope } from './syntax';

/** JavaScript and TypeScript, in chunks. */
export const javascriptInChunks: ChunkedLanguage = {
  newReader: (text, clock, interned) => new JavaScriptReader(text, clock, interned),
  bodies: new Set(['Block', 'ClassBody']),
};

/** Reads JavaScript and TypeScript, JSX included, as `@lezer/javascript` parses them. */
class JavaScriptReader extends JavaScriptExpressionReader {
  protected override *statementOf(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    switch (cursor.name) {
      case 'LineComment':
      case 'BlockComment':
        this.comment(cursor);
        return;
      case 'ImportDeclaration':
        this.#importDeclaration(cursor, scope);
        return;
      case 'VariableDeclaration':
        this.variableDeclaration(cursor, scope);
        return;
      case 'FunctionDeclaration':
        yield* this.#functionDeclaration(cursor, scope);
        return;
      case 'ClassDeclaration':
        yield* this.#classBody(cursor, scope);
        return;
      case 'ForStatement':
        yield* this.#forStatement(cursor, newScope(scope, 'block'));
        return;
      case 'ReturnStatement':
        eachChild(cursor, () => {
          const value = this.child(cursor, scope);
          if (value) this.addReturn(scope, value);
        });
        return;
      case 'Block':
        yield* this.children(cursor, newScope(scope, 'block'));
        return;
      case 'PropertyDeclaration':
        this.classField(cursor, scope);
        return;
      case 'MethodDeclaration':
        yield* this.#method(cursor, scope);
        return;
      case 'InterfaceDeclaration':
      case 'TypeAliasDeclaration':
      case 'AmbientDeclaration':
      case 'EnumDeclaration':
        return;
      default:
        yield* this.children(cursor, scope);
    }
  }

  protected override *children(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    if (cursor.name === 'Block' && this.isLeftOut(cursor, scope)) return;
    if (!cursor.firstChild()) return;
    do {
      if (isStatement(cursor.name)) yield* this.statement(cursor, scope);
      else this.child(cursor, scope);
    } while (cursor.nextSibling());
    cursor.parent();
  }

  #importDeclaration(cursor: TreeCursor, scope: Scope): void {
    const names: { imported: string | null; local: string; at: Place }[] = [];
    let module = '';
    let star = false as boolean;
    eachChild(cursor, () => {
      if (cursor.name === 'String') module = this.stringValue(cursor);
      else if (cursor.name === 'Star') star = true;
      else if (cursor.name === 'VariableDefinition') {
        const imported = star ? null : 'default';
        names.push({ imported, local: this.source(cursor), at: this.place(cursor) });
      } else if (cursor.name === 'ImportGroup') {
        let imported = null as string | null;
        eachChild(cursor, () => {
          if (cursor.name === 'VariableName') imported = this.source(cursor);
          else if (cursor.name === 'VariableDefinition') {
            const local = this.source(cursor);
            names.push({ imported: imported ?? local, local, at: this.place(cursor) });
            imported = null;
          }
        });
      }
    });
    this.chunk.modules.push(module);
    for (const { imported, local, at } of names) {
      // A default import of a CommonJS package is the package.
      const own = imported === null || imported === 'default';
      const qualified = own ? module : `${module}.${imported}`;
      this.bind(scope, local, at, 'import', null, { imported: qualified });
    }
  }

  *#functionDeclaration(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    let name = null as string | null;
    let nameAt = this.place(cursor);
    let info = null as FunctionInfo | null;
    let inner = scope;
    const at = this.place(cursor);
    if (!cursor.firstChild()) return;
    do {
      if (cursor.name === 'VariableDefinition') {
        name = this.source(cursor);
        nameAt = this.place(cursor);
      } else if (cursor.name === 'ParamList') {
        info = this.newFunction(at, name, null);
        inner = newScope(scope, 'function', undefined, info);
        this.parameters(cursor, inner, info);
      } else if (cursor.name === 'Block') {
        yield* this.children(cursor, inner);
      }
    } while (cursor.nextSibling());
    cursor.parent();
    if (name !== null && info)
      this.bind(scope, name, nameAt, 'function', null, { functionInfo: info });
  }

  *#forStatement(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    const at = this.place(cursor);
    if (!cursor.firstChild()) return;
    do {
      if (cursor.name === 'ForSpec') {
        let variable = null as string | null;
        let bound = null as Expr | null;
        eachChild(cursor, () => {
          if (cursor.name === 'VariableDeclaration') {
            variable = this.variableDeclaration(cursor, scope);
            return;
          }
          const expr = this.child(cursor, scope);
          if (expr?.type === 'binary' && expr.operator.startsWith('<')) bound = expr.right;
        });
        if (variable !== null) this.chunk.loops.push({ ...at, variable, iterable: null, bound });
      } else if (isStatement(cursor.name)) yield* this.statement(cursor, scope);
      else this.child(cursor, scope);
    } while (cursor.nextSibling());
    cursor.parent();
  }

  *#classBody(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    if (!cursor.firstChild()) return;
    const info = this.newClass(cursor, [], []);
    const inner = newScope(scope, 'class', info, null);
    do {
      if (cursor.name === 'VariableDefinition') {
        info.name = this.source(cursor);
        this.bind(scope, info.name, this.place(cursor), 'class', null, { classInfo: info });
      } else if (cursor.name === 'ClassBody') {
        yield* this.#classItems(cursor, inner);
      } else {
        const base = this.child(cursor, scope);
        if (base) info.bases.push(base);
      }
    } while (cursor.nextSibling());
    cursor.parent();
  }

  *#classItems(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    if (this.isLeftOut(cursor, scope) || !cursor.firstChild()) return;
    do {
      if (isClassItem(cursor.name)) yield* this.statement(cursor, scope);
      else this.child(cursor, scope);
    } while (cursor.nextSibling());
    cursor.parent();
  }

  *#method(cursor: TreeCursor, scope: Scope): Generator<undefined> {
    const owner = scope.kind === 'class' ? scope : null;
    const at = this.place(cursor);
    let name = null as string | null;
    let info = null as FunctionInfo | null;
    let inner = scope;
    if (!cursor.firstChild()) return;
    do {
      if (cursor.name === 'PropertyDefinition' || cursor.name === 'PrivatePropertyDefinition') {
        name = this.source(cursor);
      } else if (cursor.name === 'ParamList') {
        info = this.newFunction(at, name, owner);
        inner = newScope(scope, 'function', undefined, info);
        this.parameters(cursor, inner, info);
      } else if (cursor.name === 'Block') {
        yield* this.children(cursor, inner);
      }
    } while (cursor.nextSibling());
    cursor.parent();
    if (name !== null && info && owner) this.addMethod(owner, name, info);
  }
}

function isClassItem(name: string): boolean {
  return name === 'PropertyDeclaration' || name === 'MethodDeclaration' || name === 'StaticBlock';
}

function isStatement(name: string): boolean {
  return name.endsWith('Statement') || name.endsWith('Declaration') || name === 'Block';
}
