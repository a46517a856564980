import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from '../../../../src/tuner/history/replaceFile';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'batchwise-replace-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a file that is replaced', () => {
  it('has the new text and its own permissions, and nothing lies beside it', () => {
    const file = path.join(folder, 'batchwise.json');
    replaceFile(file, 'first');
    if (process.platform !== 'win32') chmodSync(file, 0o640);
    replaceFile(file, 'second');
    expect(readFileSync(file, 'utf8')).toBe('second');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['batchwise.json']);
  });

  it('stays as it was where the new text cannot be written', () => {
    const file = path.join(folder, 'batchwise.json');
    writeFileSync(file, 'first');
    const temporary = `${file}.${process.pid}.tmp`;
    mkdirSync(temporary);
    expect(() => {
      replaceFile(file, 'second');
    }).toThrow();
    expect(readFileSync(file, 'utf8')).toBe('first');
  });

  it('leaves no temporary file where it cannot be put in place', () => {
    const file = path.join(folder, 'batchwise.json');
    mkdirSync(file);
    expect(() => {
      replaceFile(file, 'text');
    }).toThrow();
    expect(readdirSync(folder)).toEqual(['batchwise.json']);
  });
});
