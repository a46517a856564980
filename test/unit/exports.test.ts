import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(__dirname, '../..');

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mts|mjs)$/.test(name) && !/^(fixtures|corpus|output)\//.test(name))
    .map((name) => path.join(folder, name));
}

const declared =
  /^export (?:abstract )?(?:async )?(?:function\*?|const|let|class) ([A-Za-z_$][\w$]*)/gm;

/** Where types, too, are exported only for other files. */
const typeDeclared = /^export (?:interface|type) ([A-Za-z_$][\w$]*)/gm;
const typeFolders = /^src\/(core|planner|tuner|config)\b/;

it('what a file exports is used by another file', () => {
  const files = ['src', 'webview', 'test', 'scripts'].flatMap(sources);
  const texts = new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
  const usedIn = new Map<string, number>();
  for (const text of texts.values()) {
    for (const word of new Set(text.match(/[A-Za-z_$][\w$]*/g) ?? [])) {
      usedIn.set(word, (usedIn.get(word) ?? 0) + 1);
    }
  }
  const unused = [...texts]
    .filter(([file]) => /^(src|webview)\b/.test(file))
    .flatMap(([file, text]) =>
      [...text.matchAll(declared), ...(typeFolders.test(file) ? text.matchAll(typeDeclared) : [])]
        .filter(([, name = '']) => usedIn.get(name) === 1)
        .map(([, name = '']) => `${file}: ${name}`),
    );
  expect(unused).toEqual([]);
});
