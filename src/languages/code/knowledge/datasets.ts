import { kindOfName, namesTraining } from '../../names';
import { libraryOf } from '../program/frameworks';
import { imports } from './imports';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { CallExpr, Expr } from '../read/syntax';

/** Methods of datasets that make another dataset of them, whatever function they are given. */
export const chainMethods: ReadonlySet<string> = new Set([
  'shuffle',
  'prefetch',
  'cache',
  'repeat',
  'map',
  'take',
  'skip',
  'interleave',
  'filter',
  'flat_map',
  'batch',
  'unbatch',
  'enumerate',
  'apply',
  'with_options',
]);
const datasetMethods = new Set([...chainMethods, 'from_tensor_slices', 'as_dataset']);

/** Whether an object is a `tf.data` dataset: by what made it, or by how it is called and chained. */
export function isDataset(program: Program, object: Expr, call: CallExpr): boolean {
  const origin = program.origin(object);
  const library = libraryOf(origin);
  if (library === 'tensorflow' || library === 'keras') return true;
  if (library === 'jax') return origin?.startsWith('grain.') ?? false;
  if (library !== null || !(imports(program, 'tensorflow') || imports(program, 'keras')))
    return false;
  const [size] = call.args;
  if (!size) return false;
  const chained = object.type === 'call' && datasetMethods.has(lastName(object.callee));
  const name = lastName(object).toLowerCase();
  if (chained || name.includes('ds') || name.includes('data')) return true;
  // What a function of another module makes: nothing else is batched by a number.
  const made = object.type === 'call' || namesTraining(lastName(object));
  return made && isSize(program, size.value);
}

function isSize(program: Program, size: Expr): boolean {
  return kindOfName(lastName(size)) === 'batchSize' || numbersIn(program, size);
}

function numbersIn(program: Program, size: Expr): boolean {
  return program.resolve(size).some(({ expr }) => expr.type === 'number' && expr.value >= 1);
}

/** The small dataset a window is, in `windows.flat_map(lambda w: w.batch(5))`. */
export function isWindow(program: Program, object: Expr): boolean {
  if (object.type !== 'name') return false;
  const binding = program.lookup(object);
  const made = binding?.role === 'parameter' ? binding.scope.functionInfo : null;
  return made ? made.name === null || isMapped(program, made.name) : false;
}

/** Whether a function is handed to `flat_map` or the like by name. */
function isMapped(program: Program, name: string): boolean {
  return ['flat_map', 'interleave'].some((method) =>
    program.callsOf(method).some(({ args }) => args.some(({ value }) => lastName(value) === name)),
  );
}

const datasetMethodsJs = new Set([
  'shuffle',
  'prefetch',
  'repeat',
  'map',
  'mapAsync',
  'take',
  'skip',
  'filter',
  'forEachAsync',
  'concatenate',
  'columnNames',
]);

/** Whether an object is a TensorFlow.js dataset: by what made it, or by its name and chain. */
export function isTfjsDataset(program: Program, object: Expr): boolean {
  const origin = program.origin(object);
  if (origin !== null && !origin.startsWith('.')) return origin.startsWith('tfjs');
  const name = lastName(object.type === 'call' ? object.callee : object);
  const plain = name.toLowerCase();
  return (
    datasetMethodsJs.has(name) ||
    plain.includes('dataset') ||
    plain === 'ds' ||
    plain.endsWith('ds')
  );
}
