import path from 'node:path';

/**
 * Where folders of this machine are on the other side of a launcher. Of several that hold a file, the
 * innermost counts; a file in none of them has the same path there.
 */
export class PathMap {
  readonly #pairs: readonly { readonly here: string; readonly there: string }[];

  /** @param paths absolute folders here, and where they are there */
  constructor(paths: Readonly<Record<string, string>>) {
    this.#pairs = Object.entries(paths).map(([here, there]) => ({
      here: withoutSlash(path.resolve(here)),
      there: withoutSlash(there),
    }));
  }

  there(file: string): string {
    return moved(file, this.#pairs, 'here', 'there', path.sep);
  }

  here(file: string): string {
    return moved(file, this.#pairs, 'there', 'here', '/');
  }
}

function moved(
  file: string,
  pairs: readonly { readonly here: string; readonly there: string }[],
  from: 'here' | 'there',
  to: 'here' | 'there',
  separator: string,
): string {
  const [pair] = pairs
    .filter((each) => file === each[from] || file.startsWith(`${each[from]}${separator}`))
    .toSorted((a, b) => b[from].length - a[from].length);
  if (!pair) return file;
  const rest = file.slice(pair[from].length).split(separator);
  return pair[to] + rest.join(to === 'here' ? path.sep : '/');
}

function withoutSlash(folder: string): string {
  return folder.length > 1 ? folder.replace(/[\\/]+$/, '') : folder;
}
