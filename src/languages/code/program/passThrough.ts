import type { CallExpr, Expr } from '../read/syntax';

/** The identifier a callee ends in: `fit` of `model.fit`, `Loader` of `LazyCall(Loader)`. */
export function lastName(expr: Expr): string {
  if (expr.type === 'name') return expr.name;
  if (expr.type === 'call') {
    const [first] = expr.args;
    return first && isLazyCall(expr.callee) ? lastName(first.value) : '';
  }
  return expr.type === 'member' ? expr.property : '';
}

/** `L(Loader)(batch_size=8)`: a configuration of detectron2 calls it later. */
function isLazyCall(callee: Expr): boolean {
  return callee.type === 'name' && (callee.name === 'L' || callee.name === 'LazyCall');
}

const conversions = new Set([
  'int',
  'float',
  'Number',
  'parseInt',
  'parseFloat',
  'min',
  'abs',
  'Integer',
]);

export function isLookup({ callee }: CallExpr): boolean {
  return ['get', 'getattr', 'pop', 'setdefault'].includes(lastName(callee));
}

/** The arguments whose value a call hands on: conversions, defaults, descriptors of fields. */
export function passedThrough(call: CallExpr): Expr[] | null {
  const name = lastName(call.callee);
  const values = call.args.filter(({ spread }) => !spread);
  if (conversions.has(name)) {
    const useful = name === 'parseInt' ? values.slice(0, 1) : values;
    return useful.map(({ value }) => value);
  }
  const standard = values.find(({ keyword }) => keyword === 'default');
  switch (name) {
    case 'Slider':
    case 'Number':
    case 'IntSlider':
    case 'IntText':
    case 'number_input': {
      // What a form shows before somebody changes it.
      const shown = values.find(({ keyword }) => keyword === 'value');
      return shown ? [shown.value] : null;
    }
    case 'ib':
    case 'attrib':
    case 'field':
    case 'Field':
    case 'Option':
    case 'Argument': {
      const first = values.find(({ keyword }) => keyword === null);
      const found = standard ?? first;
      return found ? [found.value] : null;
    }
    case 'getenv':
    case 'getattr':
    case 'get':
    case 'pop':
    case 'env':
    case 'setdefault': {
      const third = name === 'getattr';
      const found = standard ?? values[third ? 2 : 1];
      const key = values[third ? 1 : 0]?.value;
      const object = third
        ? values[0]?.value
        : call.callee.type === 'member'
          ? call.callee.object
          : null;
      const list: Expr[] = [];
      if (key?.type === 'string' && object && name !== 'getenv') {
        const { chunk, from, to } = key;
        list.push({
          ...{ type: 'member', chunk, from, to, object, property: key.value, propertyAt: key },
        });
      }
      if (found) list.push(found.value);
      return list.length > 0 ? list : null;
    }
    default:
      return null;
  }
}
