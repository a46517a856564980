/**
 * A makefile as a shell script, every offset kept: `$(SIZE)` as `${SIZE}`, and recipes without the signs
 * that `make` takes off their lines.
 */
export function asShell(text: string): string {
  return text
    .replaceAll(/\$\((\w+)\)/g, '${$1}')
    .replaceAll(/(?<!\\\r?\n)^\t[ \t]*[@+-]+/gm, (signs) => ' '.repeat(signs.length));
}
