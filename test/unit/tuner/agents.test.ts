import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SweepResult } from '../../../src/core/sweep/result';
import {
  agentTools,
  checkedInput,
  type AgentHost,
  type Outcome,
  type ToolCall,
} from '../../../src/tuner/agents/tools';
import { runFolder } from '../../../src/tuner/history/runLog';
import { sweepEvents } from '../webview/sweepFixture';

let folder: string;
let applied: unknown[];
const call: ToolCall = { signal: new AbortController().signal, progress: () => undefined };

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'batchwise-agents-'));
  applied = [];
  write('rows.csv', 'x,y\n1,0\n2,1\n');
  write('m.json', '{}');
  write('batchwise.json', config);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const config =
  '{ "model": { "topology": "m.json" }, "data": { "train": "rows.csv", "label": "y" }, "training": { "loss": "meanSquaredError" } }';
const write = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text);
};

function host(change: Partial<AgentHost> = {}): AgentHost {
  return {
    folders: [folder],
    isTrusted: true,
    explain: () => Promise.resolve({ ok: false, message: 'not explained' }),
    tune: () => Promise.resolve({ ok: true, value: result }),
    apply: (_checked, values) => {
      applied.push(values);
      return Promise.resolve({ ok: true, value: 'It is saved.' });
    },
    ...change,
  };
}

const finished = sweepEvents().find((event) => event.type === 'finished');
if (!finished) throw new Error('fixture');
const result: SweepResult = finished.result;

function keepResult(): void {
  mkdirSync(runFolder(path.join(folder, 'batchwise.json')), { recursive: true });
  write('.batchwise/batchwise/latest.json', JSON.stringify(result));
}

async function run(
  name: string,
  input: unknown,
  change: Partial<AgentHost> = {},
): Promise<Outcome<string>> {
  const tool = agentTools.find((each) => each.name === name);
  if (!tool) throw new Error(`There is no ${name}.`);
  const checked = checkedInput(tool, input);
  return checked.ok ? tool.run(checked.value, host(change), call) : checked;
}

const messageOf = (outcome: Outcome<string>) => (outcome.ok ? '' : outcome.message);

describe('the manifest', () => {
  it('declares the tools as they are defined', () => {
    const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      contributes: {
        languageModelTools: { name: string; modelDescription: string; inputSchema: unknown }[];
      };
    };
    expect(
      contributes.languageModelTools.map(({ name, modelDescription, inputSchema }) => ({
        name,
        modelDescription,
        inputSchema,
      })),
    ).toEqual(
      agentTools.map(({ name, description, input }) => {
        const inputSchema: Record<string, unknown> = z.toJSONSchema(input, { target: 'draft-07' });
        delete inputSchema['$schema'];
        return { name, modelDescription: description, inputSchema };
      }),
    );
  });
});

describe('tools for agents', () => {
  it.each(agentTools.map(({ name }) => name))(
    '%s confines its config to the folder',
    async (name) => {
      const outside = mkdtempSync(path.join(tmpdir(), 'batchwise-outside-'));
      try {
        writeFileSync(path.join(outside, 'batchwise.json'), config);
        symlinkSync(path.join(outside, 'batchwise.json'), path.join(folder, 'link.batchwise.json'));
        for (const wanted of [
          '../batchwise.json',
          path.join(outside, 'batchwise.json'),
          'link.batchwise.json',
        ])
          expect(messageOf(await run(name, { config: wanted }))).toMatch(/outside the workspace/);
      } finally {
        rmSync(outside, { recursive: true, force: true });
      }
    },
  );

  it.each(agentTools.map(({ name }) => name))(
    '%s says what to do about bad input',
    async (name) => {
      expect(messageOf(await run(name, {}))).toMatch(/config/);
      expect(messageOf(await run(name, { config: 7 }))).toMatch(/Give "config"/);
      expect(messageOf(await run(name, { config: 'absent.json' }))).toMatch(
        /Known configs: batchwise\.json/,
      );
      expect(messageOf(await run(name, { config: 'x' }, { folders: [] }))).toMatch(/No folder/);
      write('batchwise.json', '{ "model": ');
      expect(messageOf(await run(name, { config: 'batchwise.json' }))).toMatch(/batchwise\.json:1/);
    },
  );

  it('trains and loads nothing in an untrusted workspace', async () => {
    for (const name of ['batchwise_tune', 'batchwise_explain'])
      expect(
        messageOf(await run(name, { config: 'batchwise.json' }, { isTrusted: false })),
      ).toMatch(/not trusted/);
  });

  it('asks before it trains or writes, and only then', () => {
    expect(agentTools.map(({ name, asks }) => [name, asks])).toEqual([
      ['batchwise_explain', 'nothing'],
      ['batchwise_tune', 'train'],
      ['batchwise_recommendation', 'nothing'],
      ['batchwise_apply', 'write'],
    ]);
  });

  it('tells the recommendation, short, with the way to the rest', async () => {
    expect(messageOf(await run('batchwise_recommendation', { config: 'batchwise.json' }))).toMatch(
      /batchwise_tune/,
    );
    keepResult();
    const outcome = await run('batchwise_recommendation', { config: 'batchwise.json' });
    const told = outcome.ok ? outcome.value : '';
    expect(JSON.parse(told)).toMatchObject({
      recommendation: { batchSize: 128 },
      resultFile: expect.stringContaining('latest.json') as string,
    });
    expect(told.length).toBeLessThan(6000);
  });

  it('applies size and rate, or the size alone', async () => {
    expect(messageOf(await run('batchwise_apply', { config: 'batchwise.json' }))).toMatch(
      /batchwise_tune/,
    );
    keepResult();
    await run('batchwise_apply', { config: 'batchwise.json' });
    await run('batchwise_apply', { config: 'batchwise.json', sizeOnly: true });
    expect(applied).toEqual([
      { batchSize: 128, learningRate: 0.002, gradientAccumulation: 1 },
      { batchSize: 128, learningRate: null, gradientAccumulation: 1 },
    ]);
  });
});
