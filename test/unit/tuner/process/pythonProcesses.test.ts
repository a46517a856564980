import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandOf, launcherOf, waitsInQueue } from '../../../../src/tuner/process/pythonProcesses';

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

describe('the whole command', () => {
  const command = (launcher: string[], file = '/opt/batchwise/python/run.py') =>
    commandOf({ launcher }, 'python3', file);

  it('gives ssh a limit to connect, unless the launcher has one', () => {
    expect(command(['ssh', '-p', '2222', 'box'])).toEqual([
      ...['ssh', '-o', 'ConnectTimeout=8', '-p', '2222', 'box'],
      ...['python3', '/opt/batchwise/python/run.py'],
    ]);
    const own = ['/usr/bin/ssh', '-oConnectTimeout=60', 'box'];
    expect(command(own)).toEqual([...own, 'python3', '/opt/batchwise/python/run.py']);
  });

  it('is quoted for the shell that ssh starts, and for nothing else', () => {
    const file = "/home/me/o'clock/run.py";
    expect(command(['ssh', 'box'], file).at(-1)).toBe(`'/home/me/o'\\''clock/run.py'`);
    expect(command(['srun'], file).at(-1)).toBe(file);
  });

  it('has srun go where the first run was, unless the launcher says where', () => {
    const again = (...launcher: string[]) => commandOf({ launcher }, 'python3', 'run.py', 'node7');
    expect(again('srun', '-n1')).toEqual(['srun', '--nodelist=node7', '-n1', 'python3', 'run.py']);
    expect(again('srun', '-w', 'a')).toEqual(['srun', '-w', 'a', 'python3', 'run.py']);
    expect(again('ssh', 'box')).not.toContain('--nodelist=node7');
  });

  it('may wait in a queue each time', () => {
    expect(waitsInQueue(['srun', '-n1'])).toBe(true);
    expect(waitsInQueue(['ssh', 'login', 'srun'])).toBe(true);
    expect(waitsInQueue(['ssh', 'box'])).toBe(false);
  });
});
