import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFolder } from './support';

/** Equal sources give equal bytes, wherever and whenever they are built. */
describe('a second build, in another folder', () => {
  const folder = new TestFolder();
  const copy = path.join(folder.path, 'elsewhere');
  const leftOut = new Set(['node_modules', 'dist', '.git', 'output', '.batchwise']);

  beforeAll(async () => {
    cpSync('.', copy, {
      recursive: true,
      filter: (source) => !leftOut.has(path.basename(source)),
    });
    symlinkSync(path.resolve('node_modules'), path.join(copy, 'node_modules'), 'junction');
    const built = await folder.execute(process.execPath, ['esbuild.mjs'], copy);
    expect(built.code, built.stderr).toBe(0);
  }, 300_000);
  afterAll(() => {
    folder.remove();
  });

  /** What is shipped: no source maps, which name the packages' places, and no tests. */
  const digests = (location: string) =>
    Object.fromEntries(
      readdirSync(location, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/^\.buildStamp$|\.map$/.test(entry.name))
        .map((entry) => path.join(entry.parentPath, entry.name))
        .filter((file) => !file.startsWith(path.join(location, 'test')))
        .map((file) => [
          path.relative(location, file),
          createHash('sha256').update(readFileSync(file)).digest('hex'),
        ]),
    );

  it('gives the same files', () => {
    const first = digests('dist');
    expect(Object.keys(first).length).toBeGreaterThan(30);
    expect(digests(path.join(copy, 'dist'))).toEqual(first);
  });

  it.each([
    ['VS Code', (out: string) => ['scripts/package.mjs', '--out', out]],
    ['npm', (out: string) => ['pack', '--ignore-scripts', '--pack-destination', out]],
  ] as const)(
    'gives the same package for %s',
    async (kind, args) => {
      const made: string[] = [];
      for (const from of [process.cwd(), copy]) {
        const out = path.join(folder.path, `${kind}-${made.length}`.replace(' ', ''));
        mkdirSync(out);
        const program = kind === 'npm' ? 'npm' : process.execPath;
        const { code, stderr } = await folder.execute(program, args(out), from);
        expect(code, stderr).toBe(0);
        const [name = ''] = readdirSync(out);
        made.push(
          createHash('sha256')
            .update(readFileSync(path.join(out, name)))
            .digest('hex'),
        );
      }
      expect(made[1]).toBe(made[0]);
    },
    120_000,
  );
});
