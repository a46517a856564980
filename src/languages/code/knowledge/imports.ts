import type { Library } from '../../site';
import type { Program } from '../program/program';
import type { Chunk } from '../read/syntax';

export function imports(program: Program, library: Library): boolean {
  return program.libraries.has(library);
}

/** Whether a script takes `tf` or `ml5` from the page it is loaded into, or `tf` as a parameter. */
export function usesGlobals(program: Program, { calls }: Chunk): boolean {
  return calls.some(({ callee }) => {
    const object = callee.type === 'member' ? callee.object : null;
    if (!object) return false;
    if (object.type === 'name') {
      if (object.name === 'ml5') return program.lookup(object) === null;
      if (object.name !== 'tf') return false;
      const binding = program.lookup(object);
      return (
        binding === null ||
        binding.role === 'parameter' ||
        binding.imported?.startsWith('.') === true
      );
    }
    return (
      object.type === 'member' &&
      object.object.type === 'name' &&
      object.object.name === 'tf' &&
      (object.property === 'layers' || object.property === 'train' || object.property === 'data')
    );
  });
}
