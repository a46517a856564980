import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly inBundle?: boolean;
}

/** What CONTRIBUTING.md says of dependencies holds. */
describe('the lockfile', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const installed = Object.entries(packages).filter(([location]) => location !== '');

  it('names a digest for each package, and no place but the registry', () => {
    const without = installed.filter(
      ([, { integrity, resolved, inBundle }]) =>
        inBundle !== true &&
        (integrity === undefined ||
          // Left out, it is the registry that npm is set to.
          (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'))),
    );
    expect(without.map(([location]) => location)).toEqual([]);
  });

  it('has no package with an install script beside those that are listed with their reason', () => {
    const table = readFileSync('CONTRIBUTING.md', 'utf8').split('\n');
    const listed = table.flatMap((line) => /^\| `(.+?)` +\|.*\|.*\|$/.exec(line)?.[1] ?? []);
    const scripted = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([location]) => location.replace(/^.*node_modules\//, ''));
    expect(scripted.length).toBeGreaterThan(0);
    expect(scripted.filter((name) => !listed.includes(name))).toEqual([]);
  });
});
