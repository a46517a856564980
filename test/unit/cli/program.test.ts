import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { languageOf } from '../../../src/cli/language';
import { runCommandLine } from '../../../src/cli/program';

let folder: string;
let out = '';
let err = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'batchwise-cli-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A config that is right as far as reading it tells. */
function writeConfig(name: string, more: object = {}): string {
  const file = path.join(folder, name);
  writeFileSync(path.join(folder, 'data.csv'), 'x,y\n1,2\n');
  const model = { layers: [{ className: 'Dense', config: { units: 1 } }] };
  writeFileSync(file, JSON.stringify({ model, data: { train: 'data.csv', label: 'y' }, ...more }));
  return file;
}

const run = (...args: string[]) => runCommandLine(args, languageOf({}));

describe('the command line', () => {
  it.each([
    [['tune'], /argument <file> is missing/],
    [['tune', 'a.json', '--bogus'], /There is no option --bogus/],
    [['tune', 'a.json', '--budget', 'soon'], /"soon" is not a duration/],
    [['tune', 'a.json', '--batch-sizes', '8,zero'], /not a list of batch sizes/],
    [['tune', 'a.json', '--batch-sizes', '8,-1'], /not a list of batch sizes/],
    [['tune', 'a.json', '--objective', 'fun'], /time, throughput, quality, memory/],
    [['tune', 'a.json', '--report', 'x.pdf'], /\.md or \.html/],
    [['tune', 'a.json', '--jsn'], /no option --jsn\.\s+Did you mean --json\?/],
    [['tune', 'a.json', '--budget'], /--budget <duration> needs a value/],
    [['dance'], /There is no command "dance"/],
    [['doctor', 'a.json'], /more arguments than/],
  ])('refuses %j with a hint, nothing on stdout, and 2', async (args, sentence) => {
    expect(await run(...args)).toBe(2);
    expect(err).toMatch(sentence);
    expect(err).toMatch(/--help/);
    expect(err).not.toMatch(/^\s+at /m);
    expect(out).toBe('');
  });

  it('says where a config is wrong, and ends with 2', async () => {
    const missing = path.join(folder, 'none.json');
    expect(await run('tune', missing, '--json')).toBe(2);
    expect(err).toContain(missing);
    err = '';
    const broken = path.join(folder, 'batchwise.json');
    writeFileSync(broken, '{\n  "model": { "topology": "m.json" },\n  "dta": {}\n}\n');
    expect(await run('tune', broken, '--json')).toBe(2);
    expect(err).toMatch(/batchwise\.json:3:3: .*"dta"/);
    expect(out).toBe('');
  });

  it.each(['tune', 'explain'])(
    'ends %s with 1 where the training process is missing',
    async (name) => {
      const code = await run(name, writeConfig('whole.batchwise.json'));
      expect(err).toMatch(/training process .*worker\.js is missing/);
      expect(code).toBe(1);
    },
  );

  it.each(['tune', 'explain'])('tells what %s only warns of, with its place', async (name) => {
    await run(name, writeConfig('warned.batchwise.json', { sources: ['gone.ts'] }));
    expect(err).toMatch(/warned\.batchwise\.json:1:\d+: .*gone\.ts/);
  });

  it('shows on a terminal that it loads, and takes that away again', async () => {
    const file = writeConfig('watched.batchwise.json');
    await run('explain', file);
    expect(err).not.toContain('Loading');
    const { stderr } = process;
    const isTerminal = Object.getOwnPropertyDescriptor(stderr, 'isTTY');
    Object.defineProperty(stderr, 'isTTY', { value: true, configurable: true });
    try {
      await run('explain', file);
    } finally {
      if (isTerminal) Object.defineProperty(stderr, 'isTTY', isTerminal);
      else Reflect.deleteProperty(stderr, 'isTTY');
    }
    expect(err).toContain('Loading the model and the data…\r\u001b[K');
  });

  it('refuses a report that cannot be written before it trains, with 2', async () => {
    const file = writeConfig('reported.batchwise.json');
    mkdirSync(path.join(folder, 'folder.md'));
    for (const report of ['none/a.html', 'folder.md']) {
      err = '';
      expect(await run('tune', file, '--report', path.join(folder, report))).toBe(2);
      expect(err).toMatch(/The report cannot be written: E\w+/);
    }
    // One that can be written gets as far as the training process, which is missing here.
    expect(await run('tune', file, '--report', path.join(folder, 'a.html'))).toBe(1);
    expect(readdirSync(folder)).not.toContain('a.html');
  });

  it('prints its version and help with 0', async () => {
    expect(await run('--version')).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await run('tune', '--help')).toBe(0);
    for (const flag of ['--json', '--budget', '--objective', '--backend', '--batch-sizes'])
      expect(out).toContain(flag);
    for (const flag of ['--exhaustive', '--no-cache', '--resume', '--report'])
      expect(out).toContain(flag);
    expect(out.match(/BATCHWISE_MEMORY_MARGIN/g)).toHaveLength(1);
    out = '';
    expect(await run('mcp', '--help')).toBe(0);
    expect(out.match(/default/g)).toHaveLength(1);
  });

  it('speaks the language of the environment where it is there', () => {
    writeFileSync(
      path.join(folder, 'bundle.l10n.ja.json'),
      JSON.stringify({ 'batch size': 'バッチサイズ' }),
    );
    const japanese = languageOf({ LANG: 'ja_JP.UTF-8' }, folder);
    expect(japanese.say('columnBatchSize')).toBe('バッチサイズ');
    expect(japanese.tag).toBe('ja');
    expect(languageOf({ LANG: 'fr_FR.UTF-8' }, folder).say('columnBatchSize')).toBe('batch size');
    expect(languageOf({ LANG: 'C' }, folder).tag).toBe('en');
  });

  it('says all of its help and complaints in Japanese', async () => {
    const japanese = languageOf({ LANG: 'ja_JP.UTF-8' }, path.resolve('l10n'));
    const english = /Usage|Options|Arguments|Commands|display|output|error|unknown|missing/;
    for (const args of [['--help'], ['tune', '--help'], ['doctor', '--help']]) {
      expect(await runCommandLine(args, japanese)).toBe(0);
      expect(out).toMatch(/使い方:/);
      expect(out).not.toMatch(english);
    }
    for (const args of [['tune'], ['tune', 'a.json', '--bogus'], ['dance'], ['tune', 'a', 'b']]) {
      err = '';
      expect(await runCommandLine(args, japanese)).toBe(2);
      expect(err).toMatch(/[ぁ-ん]/);
      expect(err).not.toMatch(english);
    }
    expect(japanese.say('dataLabelNotFound', { path: 'a.csv', kind: 'column', name: 'x' })).toMatch(
      /列/,
    );
  });
});
