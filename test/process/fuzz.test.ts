import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { targetNames } from '../fuzz/targetNames';

const inputs = 2000;
/** Source files have properties of their own: test/unit/languages. */
const names = targetNames.filter((name) => name !== 'sources');

/** A short run of `npm run fuzz`: the same inputs each time. */
describe('what is read of others', () => {
  it(`neither breaks, hangs nor fills the memory in ${inputs} inputs each`, async () => {
    const chosen = names.flatMap((name) => ['--target', name]);
    const args = ['test/fuzz/fuzz.mjs', '--inputs', String(inputs), '--seed', '1', ...chosen];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as unknown[];
    expect(code, output).toBe(0);
    for (const name of names) expect(output).toMatch(new RegExp(`^${name}: .* MB$`, 'm'));
  }, 600_000);
});
