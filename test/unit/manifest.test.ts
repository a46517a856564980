import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMemoryMargin } from '../../src/config/memoryMargin';
import { durationPattern } from '../../src/config/units';

const root = path.resolve(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Command {
  readonly command: string;
  readonly title: string;
  readonly category?: string;
  readonly icon?: string;
}
interface Setting {
  readonly order: number;
  readonly scope?: string;
  readonly pattern?: string;
  readonly markdownDescription?: string;
}
const manifest = JSON.parse(read('package.json')) as {
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly commands: readonly Command[];
    readonly menus: Record<string, readonly { readonly command: string; readonly when?: string }[]>;
    readonly configuration: { readonly properties: Record<string, Setting> };
  };
};
const { commands, menus, configuration } = manifest.contributes;
const settings = Object.entries(configuration.properties);

/** Texts of the manifest in a language, by the `%key%` that stands for them. */
function texts(language = ''): (key: string) => string {
  const all = JSON.parse(read(`package.nls${language}.json`)) as Record<string, string>;
  return (key) => all[key.replaceAll('%', '')] ?? '';
}
const english = texts();
const japanese = texts('.ja');

/** https://code.visualstudio.com/api/ux-guidelines/command-palette */
describe.each(commands)('the command $command', ({ title, category, icon }) => {
  it('has a category, an icon, and a title with capitals and no full stop', () => {
    expect(category).toBe('Batchwise');
    expect(icon).toMatch(/^\$\([\w-]+\)$/);
    const small = /^(a|an|and|from|in|of|on|the|to|with)$/;
    const words = english(title).split(' ');
    const lower = words.filter((word) => !/^[A-Z]/.test(word) && !small.test(word));
    expect(lower).toEqual([]);
    expect(english(title)).not.toMatch(/\.$/);
  });
});

describe('the menus', () => {
  it('hold commands that the manifest declares', () => {
    const declared = new Set(commands.map(({ command }) => command));
    const placed = Object.values(menus).flat();
    expect(placed.filter(({ command }) => !declared.has(command))).toEqual([]);
  });
});

/** https://code.visualstudio.com/api/references/contribution-points#contributes.configuration */
describe('the settings', () => {
  it('stand in an order of their own, each with a scope and a description in sentences', () => {
    expect(settings.map(([, { order }]) => order)).toEqual(settings.map((_, index) => index + 1));
    for (const [name, { scope, markdownDescription = '' }] of settings) {
      expect(scope, name).toMatch(/^(machine|machine-overridable|window|resource)$/);
      expect(english(markdownDescription), name).toMatch(/^[A-Z].*\.$/s);
    }
  });

  it('name no program and no address that a workspace that is not trusted could set', () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    for (const [name, { scope }] of settings) {
      if (!/Path$|Mirror$/.test(name)) continue;
      expect(scope, name).toMatch(/^machine/);
      expect(restrictedConfigurations).toContain(name);
    }
    const known = settings.map(([name]) => name);
    expect(restrictedConfigurations.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('take the durations and margins that configs and the terminal take', () => {
    const pattern = (name: string) =>
      new RegExp(configuration.properties[`batchwise.${name}`]?.pattern ?? 'none');
    expect(pattern('defaultBudget').source).toBe(durationPattern.source);
    for (const margin of ['20%', '1 GB', '512 MiB', '0', '12.5 %', '2g'])
      expect([pattern('memoryMargin').test(margin), parseMemoryMargin(margin)]).toEqual([
        true,
        expect.any(Object),
      ]);
    for (const wrong of ['a lot', '-1 GB', '20 percent'])
      expect([pattern('memoryMargin').test(wrong), parseMemoryMargin(wrong)]).toEqual([
        false,
        null,
      ]);
  });
});

/** What a page or a message tells people to run has to be found under that name. */
describe('the titles of commands', () => {
  it.each([
    ['README.md', english, /\*\*Batchwise: ([^*]+)\*\*/g],
    ['README.ja.md', japanese, /\*\*Batchwise: ([^*]+)\*\*/g],
    ['package.nls.json', english, /\*\*Batchwise: ([^*]+)\*\*/g],
    ['package.nls.ja.json', japanese, /\*\*Batchwise: ([^*]+)\*\*/g],
    ['l10n/bundle.l10n.ja.json', english, /\\"Batchwise: ([^"\\]+)\\"/g],
    ['l10n/bundle.l10n.ja.json', japanese, /「Batchwise: ([^」]+)」/g],
  ] as const)('are those that %s names', (file, title, named) => {
    const titles = new Set(commands.map((command) => title(command.title)));
    // VS Code makes this one of each view.
    const focus = `Focus on ${english('view.side.name')} View`;
    const found = [...read(file).matchAll(named)].map(([, name = '']) => name);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((name) => !titles.has(name) && name !== focus)).toEqual([]);
  });
});
