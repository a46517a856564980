import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildIsCurrent, inputDigest, writeBuildStamp } from '../../../scripts/buildStamp.mjs';
import { dependenciesInstalled } from '../../../scripts/installedDependencies.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'batchwise-project-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(file: string, content: unknown): void {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content));
}

describe('whether a build is current', () => {
  beforeEach(() => {
    write('src/core/a.ts', 'one');
    write('dist/extension.js', '');
    writeBuildStamp(root, inputDigest(root));
  });

  it('is, while nothing changes', () => {
    expect(buildIsCurrent(root)).toBe(true);
  });

  it.each([
    [
      'a source is edited',
      () => {
        write('src/core/a.ts', 'two, longer');
      },
    ],
    [
      'a source is touched',
      () => {
        utimesSync(path.join(root, 'src/core/a.ts'), 1, 1);
      },
    ],
    [
      'a source is added',
      () => {
        write('webview/b.ts', '');
      },
    ],
    [
      'a source is removed',
      () => {
        rmSync(path.join(root, 'src/core/a.ts'));
      },
    ],
    [
      'dist is removed',
      () => {
        rmSync(path.join(root, 'dist'), { recursive: true });
      },
    ],
  ])('is not, once %s', (_, change) => {
    change();
    expect(buildIsCurrent(root)).toBe(false);
  });
});

describe('whether the dependencies are installed', () => {
  const lock = {
    packages: {
      '': { name: 'project' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/only-elsewhere': { version: '1.0.0', optional: true },
    },
  };

  it('are not without node_modules', () => {
    write('package-lock.json', lock);
    expect(dependenciesInstalled(root)).toBe(false);
  });

  it('are when npm noted every package that is not for another platform', () => {
    write('package-lock.json', lock);
    write('node_modules/.package-lock.json', {
      packages: { 'node_modules/a': { version: '1.0.0' } },
    });
    expect(dependenciesInstalled(root)).toBe(true);
  });

  it('are not when a version differs', () => {
    write('package-lock.json', lock);
    write('node_modules/.package-lock.json', {
      packages: { 'node_modules/a': { version: '1.1.0' } },
    });
    expect(dependenciesInstalled(root)).toBe(false);
  });
});
