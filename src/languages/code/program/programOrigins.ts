import { canonicalModule } from './frameworks';
import { ProgramNames } from './programNames';
import type { CallExpr, Expr } from '../read/syntax';

const deepest = 24;

/** The full names of what a program refers to, and of what made its objects. */
export abstract class ProgramOrigins extends ProgramNames {
  readonly #qualified = new Map<Expr, string | null>();

  /** Forgets full names: they are kept while one chunk is looked at. */
  protected forgetNames(): void {
    this.#qualified.clear();
  }

  /** The full name of what an expression refers to: `torch.utils.data.DataLoader`; null when unknown. */
  qualify(expr: Expr, depth = 0): string | null {
    const known = this.#qualified.get(expr);
    if (known !== undefined) return known;
    const found = this.#findQualified(expr, depth);
    this.#qualified.set(expr, found);
    return found;
  }

  #findQualified(expr: Expr, depth: number): string | null {
    if (depth > deepest) return null;
    if (expr.type === 'name') {
      const binding = this.lookup(expr);
      if (!binding) return this.#globalName(expr.name);
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
  #globalName(name: string): string | null {
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
        if (!binding) return this.#globalName(expr.name);
        if (binding.imported !== null) return canonicalModule(binding.imported, binding.name);
        return binding.value ? this.origin(binding.value, depth + 1) : null;
      }
      case 'call': {
        const info = this.functionOf(expr.callee);
        const [made] = info ? this.returnsOf(info) : [];
        if (made) return this.origin(made, depth + 1);
        const type = this.classOf(expr.callee);
        const base = type && this.basesOf(type)[0];
        if (base) return this.qualify(base);
        return this.qualify(expr.callee) ?? this.origin(expr.callee, depth + 1);
      }
      case 'member': {
        const known = this.qualify(expr);
        if (known !== null) return known;
        const { object } = expr;
        if (object.type === 'name' && object.scope.classInfo && isSelf(object.name)) {
          const field = this.fieldsOf(object.scope.classInfo, expr.property)?.[0];
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

function isSelf(name: string): boolean {
  return name === 'self' || name === 'this';
}

/** `require('x')` and `await import('x')` as the module they load. */
function required(call: CallExpr): string | null {
  if (call.callee.type !== 'name' || call.callee.name !== 'require') return null;
  const [first] = call.args;
  return first?.value.type === 'string' ? canonicalModule(first.value.value, '') : null;
}
