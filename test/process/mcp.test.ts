import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A session of the official client with the built command. */
describe('batchwise mcp', () => {
  let folder: string;
  let client: Client;
  const asked: string[] = [];
  let consent: 'accept' | 'decline' = 'decline';

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'batchwise-mcp-'));
    cpSync('test/fixtures/workspace', folder, { recursive: true });
    client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params.message);
      return { action: consent, content: {} };
    });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [path.resolve('dist/cli.js'), 'mcp', '--folder', folder],
        stderr: 'ignore',
      }),
    );
  });
  afterAll(async () => {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function call(name: string, onprogress?: () => void) {
    const answer = await client.callTool(
      { name, arguments: { config: 'batchwise.json' } },
      undefined,
      { timeout: 170_000, ...(onprogress ? { onprogress } : {}) },
    );
    const [content] = answer.content as { text: string }[];
    return { text: content?.text ?? '', isError: answer.isError };
  }

  it('lists its tools and says which of them change nothing', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
      ['batchwise_explain', true],
      ['batchwise_tune', false],
      ['batchwise_recommendation', true],
      ['batchwise_apply', false],
    ]);
    expect(client.getInstructions()).toContain('batchwise_recommendation');
  });

  it('explains, tunes with consent and progress, and applies', async () => {
    const explained = await call('batchwise_explain');
    expect(JSON.parse(explained.text)).toMatchObject({ formatVersion: 1 });
    expect(await call('batchwise_tune')).toMatchObject({ isError: true });
    expect(asked).toHaveLength(1);
    consent = 'accept';
    let heard = 0;
    const tuned = await call('batchwise_tune', () => heard++);
    expect(tuned.isError).toBe(false);
    expect(heard).toBeGreaterThan(0);
    const { recommendation } = JSON.parse(tuned.text) as { recommendation: { batchSize: number } };
    expect((await call('batchwise_apply')).text).toContain('It is saved.');
    expect(readFileSync(path.join(folder, 'batchwise.json'), 'utf8')).toMatch(
      new RegExp(`"batchSize": ${recommendation.batchSize}\\b`),
    );
  }, 180_000);
});
