import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { messages } from '../../src/core/text/messages';

const root = path.resolve(__dirname, '../..');
/** Languages that a person can see Batchwise in, besides English. */
const languages = ['ja'];
/** Code whose own sentences are translated; core's sentences are the message templates. */
const folders = ['src/editor', 'webview'];
/** Where the message templates stand, one file an area; editor, panel and terminal tell them. */
const areas = 'src/core/text/messages';

function readJson(file: string): Record<string, string> {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, string>;
}

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(root, folder, name));
}

/** First arguments of `t('…')`, `l10n.t('…')` and `this.t('…')`, where they are literals. */
function translated(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node)) {
      const { expression: callee, arguments: args } = node;
      const name = ts.isPropertyAccessExpression(callee)
        ? callee.name.text
        : ts.isIdentifier(callee)
          ? callee.text
          : '';
      const [first] = args;
      if (name === 't' && first && ts.isStringLiteralLike(first)) found.push(first.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The templates of an area by id. */
async function templates(file: string): Promise<[string, string][]> {
  const area = (await import(file)) as Record<string, Record<string, string>>;
  return Object.values(area).flatMap((group) => Object.entries(group));
}

function placeholders(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
}

const sentences = new Set([
  ...Object.values(messages),
  ...folders.flatMap(sources).flatMap(translated),
]);

/** Three words or more of English, where a sentence that was only copied shows. */
function isEnglish(text: string): boolean {
  return (text.replace(/\{\w+\}/g, '').match(/\b[a-z]{2,}\b/gi) ?? []).length >= 3;
}

const scripts: Readonly<Record<string, RegExp>> = {
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
};

describe('the messages', () => {
  it('are those of every area, under ids of their own', async () => {
    const all = (await Promise.all(sources(areas).map(templates))).flat();
    const ids = all.map(([id]) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(Object.fromEntries(all)).toEqual(messages);
  });

  it('are all used', () => {
    const runner = readdirSync(path.join(root, 'python/batchwise'))
      .filter((name) => name.endsWith('.py'))
      .map((name) => path.join(root, 'python/batchwise', name));
    const code = [...['src', 'webview'].flatMap(sources), ...runner]
      .filter((file) => !file.startsWith(path.join(root, areas)))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const words = new Set(code.match(/\w+/g));
    // `${reason}Nearest` adds the nearest known name to a message.
    const isUsed = (id: string) => words.has(id) || words.has(id.replace(/Nearest$/, ''));
    expect(Object.keys(messages).filter((id) => !isUsed(id))).toEqual([]);
  });
});

describe('the manifest', () => {
  const english = readJson('package.nls.json');

  it('has a text for every key it uses, and no other', () => {
    const manifest = readFileSync(path.join(root, 'package.json'), 'utf8');
    const used = [...manifest.matchAll(/"%([\w.]+)%"/g)].flatMap(([, key]) => (key ? [key] : []));
    expect(Object.keys(english).sort()).toEqual([...new Set(used)].sort());
  });

  it.each(languages)('is translated in full: %s', (language) => {
    const other = readJson(`package.nls.${language}.json`);
    expect(Object.keys(other).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(english)) {
      const commands = (sentence: string) => sentence.match(/command:[\w.]+/g) ?? [];
      expect(commands(other[key] ?? ''), key).toEqual(commands(text));
      if (!key.endsWith('.media')) continue;
      expect(readFileSync(path.join(root, other[key] ?? ''), 'utf8').length).toBeGreaterThan(0);
    }
  });
});

describe.each(languages)('sentences in %s', (language) => {
  const bundle = readJson(`l10n/bundle.l10n.${language}.json`);

  it('are all there', () => {
    expect([...sentences].filter((sentence) => !Object.hasOwn(bundle, sentence))).toEqual([]);
  });

  it('keep the placeholders', () => {
    const broken = Object.entries(bundle).filter(
      ([sentence, other]) => placeholders(sentence).join() !== placeholders(other).join(),
    );
    expect(broken).toEqual([]);
  });

  it('are in that language, not copied', () => {
    const copied = Object.entries(bundle).filter(
      ([sentence, other]) =>
        other.trim() === '' || (isEnglish(sentence) && !scripts[language]?.test(other)),
    );
    expect(copied).toEqual([]);
  });

  it('translate nothing that is said no more', () => {
    const said = new Set<string>(sentences);
    expect(Object.keys(bundle).filter((sentence) => !said.has(sentence))).toEqual([]);
  });
});
