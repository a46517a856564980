import { url } from 'node:inspector';

/**
 * True where Node's CPU profiler samples this process, or a debugger may ask it to: it interrupts the
 * thread with signals. TensorFlow's `MatMul` and `BatchMatMulV3` do not tolerate them: the product of
 * its oneDNN (before 3.11.2) has the stack pointer point into the heap, where a signal's frame then
 * overwrites what lies there, and the process dies
 * (https://github.com/uxlfoundation/oneDNN/issues/4845).
 */
export function isProfiled(
  flags: readonly string[] = process.execArgv,
  nodeOptions = process.env['NODE_OPTIONS'] ?? '',
  inspector: string | undefined = url(),
): boolean {
  const given = [...flags, ...nodeOptions.split(/\s+/)];
  return inspector !== undefined || given.some((flag) => /^--(cpu-prof|prof)\b/.test(flag));
}
