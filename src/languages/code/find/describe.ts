import type { Call, Library } from '../../site';
import { writtenName } from '../knowledge/layers';
import type { CallExpr, Loop } from '../read/syntax';
import { spanOf } from './places';

/** A call where it stands now. */
export function describeCall(call: CallExpr, library: Library): Call {
  const { chunk, callee } = call;
  const from = callee.type === 'member' ? callee.propertyAt.from : callee.from;
  const nameRange = spanOf({ chunk, from, to: callee.to });
  return { name: shortName(call), range: spanOf(call), nameRange, library };
}

/** A loop over epochs, which stands for a training that is written out. */
export function describeLoop(loop: Loop, library: Library): Call {
  const { chunk, from, variable } = loop;
  const nameRange = spanOf({ chunk, from, to: from + 3 });
  return { name: `for ${variable}`, range: spanOf(loop), nameRange, library };
}

const shortNames = new WeakMap<CallExpr, string>();

/** `model.fit` of `this.state.model.fit`; `DataLoader` of `torch.utils.data.DataLoader`. */
function shortName(call: CallExpr): string {
  let name = shortNames.get(call);
  if (name === undefined) shortNames.set(call, (name = shorten(call)));
  return name;
}

function shorten(call: CallExpr): string {
  const parts = writtenName(call).split('.');
  const last = parts.at(-1) ?? '';
  const before = parts.at(-2);
  const start = last.charAt(0);
  const type = start !== start.toLowerCase();
  if (before !== undefined && !type) return `${before}.${last}`;
  return last === 'batch' ? 'dataset.batch' : last;
}
