import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunningTrainer } from './trainer';

type Running = Pick<RunningTrainer, 'child'> & { readonly ended: Promise<unknown> };

const version1 = {
  root: '/sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  /** Of memory and swap together. */
  swap: { file: 'memory.memsw.limit_in_bytes', least: (bytes: number) => bytes },
};
const version2 = {
  root: '/sys/fs/cgroup',
  limit: 'memory.max',
  swap: { file: 'memory.swap.max', least: () => 0 },
};
let groups = 0;

/** A control group of Linux, as containers have one: its processes share a limit of memory. */
export class MemoryGroup {
  readonly #folder: string;
  readonly #processes: Running[] = [];

  /** @throws where the system has no such groups, or lets nobody make one */
  constructor(bytes: number) {
    const isVersion1 = /^\d+:(?:[^:\n]*,)?memory/m.test(readFileSync('/proc/self/cgroup', 'utf8'));
    const { root, limit, swap } = isVersion1 ? version1 : version2;
    this.#folder = path.join(root, `batchwise-${process.pid}-${++groups}`);
    mkdirSync(this.#folder);
    try {
      writeLimit(path.join(this.#folder, limit), bytes);
      // Else the kernel would swap where it should kill.
      const swapFile = path.join(this.#folder, swap.file);
      if (existsSync(swapFile)) writeLimit(swapFile, swap.least(bytes));
    } catch (error) {
      rmdirSync(this.#folder);
      throw error;
    }
  }

  /** What a process holds already stays with the group it was in. */
  add(running: Running): void {
    this.#processes.push(running);
    writeFileSync(path.join(this.#folder, 'cgroup.procs'), String(running.child.pid));
  }

  /** Ends its processes, too: only an empty group can be removed. */
  async remove(): Promise<void> {
    for (const { child, ended } of this.#processes) {
      child.kill('SIGKILL');
      await ended;
    }
    rmdirSync(this.#folder);
  }
}

/** Fails where the group has no such limit, and makes no file. */
function writeLimit(file: string, bytes: number): void {
  writeFileSync(file, String(bytes), { flag: 'r+' });
}

/** Why no group can be made here; null where one can. */
export const noMemoryGroup: string | null = await (async () => {
  try {
    await new MemoryGroup(1e9).remove();
    return null;
  } catch (error) {
    return `needs a cgroup for memory that can be written: ${String(error)}`;
  }
})();
