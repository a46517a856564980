import type { Library } from '../site';
import { libraryOf } from './frameworks';
import type { Program } from './program';

/** The libraries a program imports; filled once per program. */
const imported = new WeakMap<Program, Set<Library>>();

export function librariesOf(program: Program): ReadonlySet<Library> {
  let found = imported.get(program);
  if (found) return found;
  const libraries = new Set<Library>();
  found = libraries;
  const add = (module: string): void => {
    const library = libraryOf(module);
    if (library !== null) libraries.add(library);
  };
  for (const chunk of program.chunks) {
    chunk.modules.forEach(add);
    for (const binding of chunk.bindings) if (binding.imported !== null) add(binding.imported);
  }
  for (const call of program.callsOf('require')) {
    const [first] = call.args;
    if (first?.value.type === 'string') add(first.value.value);
  }
  if (program.language === 'javascript' && usesGlobals(program)) found.add('tfjs');
  imported.set(program, found);
  return found;
}

export function imports(program: Program, library: Library): boolean {
  return librariesOf(program).has(library);
}

/** A script that takes `tf` or `ml5` from the page it is loaded into, or `tf` as a parameter. */
function usesGlobals(program: Program): boolean {
  return program.calls.some(({ callee }) => {
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
