import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { messages } from '../../src/core/messages';
import { deviceMessages } from '../../src/core/messages/device';
import { reasonMessages } from '../../src/core/messages/reasons';
import { sweepMessages } from '../../src/core/messages/sweep';

const root = path.resolve(__dirname, '../..');
/** Languages that a person can see Batchwise in, besides English. */
const languages = ['ja'];
/** Code whose own sentences are translated; core's sentences are the message templates. */
const folders = ['src/editor', 'src/panel', 'webview'];
/** Sentences of core that a sweep shows in the editor; other problems are told in English so far. */
const shownWhileTuning = { ...sweepMessages, ...reasonMessages, ...deviceMessages };

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

function placeholders(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
}

const sentences = new Set([
  ...Object.values(shownWhileTuning),
  ...folders.flatMap(sources).flatMap(translated),
]);

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

  it('translate nothing that is said no more', () => {
    const said = new Set<string>([...sentences, ...Object.values(messages)]);
    expect(Object.keys(bundle).filter((sentence) => !said.has(sentence))).toEqual([]);
  });
});
