import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { launcherOf } from '../../../../src/tuner/process/pythonProcesses';

describe('what is put before the command', () => {
  const before = (...launcher: string[]) => launcherOf({ launcher }, '/somewhere/bin/python');

  it('is the launcher as it is written', () => {
    expect(before()).toEqual([]);
    expect(before('srun', '--gres=gpu:1')).toEqual(['srun', '--gres=gpu:1']);
  });

  it('tells torchrun that the interpreter is no script, and to take a free port', () => {
    expect(before('torchrun', '--nproc-per-node=2')).toEqual([
      ...['torchrun', '--standalone', '--nproc-per-node=2', '--no-python'],
    ]);
    expect(before('ssh', 'box', 'torchrun', '--master-port', '0')).toEqual([
      ...['ssh', 'box', 'torchrun', '--master-port', '0', '--no-python'],
    ]);
  });

  it("takes torchrun from the interpreter's environment", () => {
    const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'launcher-')), 'bin');
    mkdirSync(folder);
    const torchrun = path.join(folder, 'torchrun');
    writeFileSync(torchrun, '');
    const [program] = launcherOf({ launcher: ['torchrun'] }, path.join(folder, 'python'));
    expect(program).toBe(torchrun);
  });
});
