import { describe, expect, it } from 'vitest';
import { kinds } from '../../kinds.mjs';
import { runKinds } from '../../runKinds.mjs';

type Plan = Parameters<typeof runKinds>[0];

/** The real kinds and preparations by name, recording what happens instead of doing it. */
function recorded(problems: Partial<Record<string, string>> = {}) {
  const happened: string[] = [];
  const prepare = (name: string) => () => {
    happened.push(`prepare ${name}`);
    return Promise.resolve(problems[name]);
  };
  const plan: Plan = {
    isBuildServer: true,
    kinds: kinds.map((kind) => ({
      ...kind,
      run: () => {
        happened.push(`run ${kind.name}`);
        return Promise.resolve({ passed: 1, failures: [], skipped: [] });
      },
    })),
    preparations: {
      dependencies: prepare('dependencies'),
      build: prepare('build'),
      browser: prepare('browser'),
      vscodeServer: prepare('vscodeServer'),
    },
  };
  return { plan, happened };
}

describe('npm test on a new machine', () => {
  it('installs and builds everything before it runs the first test', async () => {
    const { plan, happened } = recorded();
    await runKinds(plan);
    const firstRun = happened.findIndex((step) => step.startsWith('run '));
    const lastPreparation = happened.findLastIndex((step) => step.startsWith('prepare '));
    expect(lastPreparation).toBeLessThan(firstRun);
    expect(happened.slice(0, firstRun)).toEqual([
      'prepare dependencies',
      'prepare build',
      'prepare browser',
      'prepare vscodeServer',
    ]);
  });

  it('has the browser before the process tests, whose software GPU comes with it', () => {
    expect(kinds.find(({ name }) => name === 'process')?.wants).toContain('browser');
  });

  it('checks types, lint, circles and format at once, and tests one kind after the other', async () => {
    const { plan } = recorded();
    let running: string[] = [];
    const together: string[][] = [];
    const run = async (name: string) => {
      running.push(name);
      await Promise.resolve();
      if (running[0] === name) together.push(running);
      running = [];
      return { passed: 1, failures: [], skipped: [] };
    };
    await runKinds({
      ...plan,
      kinds: kinds.map((kind) => ({ ...kind, run: () => run(kind.name) })),
    });
    expect(together[0]).toEqual(['types', 'lint', 'circles', 'format']);
    expect(together.slice(1).every((names) => names.length === 1)).toBe(true);
    expect(together.slice(1).flat()).toEqual(kinds.slice(4).map(({ name }) => name));
  });

  it('fails what it cannot prepare on a build server, and runs the rest', async () => {
    const { plan, happened } = recorded({ vscodeServer: 'no compiler' });
    const outcomes = await runKinds(plan);
    expect(happened).toContain('run unit');
    expect(happened).not.toContain('run end to end');
    expect(outcomes.find(({ name }) => name === 'end to end')?.failures).toEqual([
      { test: 'end to end', message: 'no compiler' },
    ]);
  });

  it('names what it cannot prepare as not run elsewhere', async () => {
    const { plan } = recorded({ browser: 'no browser' });
    const outcomes = await runKinds({ ...plan, isBuildServer: false });
    const [packages] = outcomes.filter(({ name }) => name === 'packages');
    expect(packages?.failures).toEqual([]);
    expect(packages?.notRun).toEqual([{ what: 'all tests packages', why: 'no browser' }]);
    expect(outcomes.find(({ name }) => name === 'process')?.passed).toBe(1);
  });

  it('prepares nothing without the dependencies', async () => {
    const { plan, happened } = recorded({ dependencies: 'npm ci failed' });
    const outcomes = await runKinds(plan);
    expect(happened).toEqual(['prepare dependencies']);
    expect(outcomes.every(({ failures }) => failures.length === 1)).toBe(true);
  });
});
