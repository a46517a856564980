import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAlive } from '../../protocol/isAlive';

const prefix = 'batchwise-data-';

/**
 * A folder for data that training processes unpack, which one takes up from the other. It goes with
 * this process at the latest; what a process left that was killed goes when the next is made.
 */
export class DataFolder {
  readonly path: string;
  readonly #onExit = () => {
    this.remove();
  };

  constructor(parent = tmpdir()) {
    removeAbandoned(parent);
    this.path = mkdtempSync(path.join(parent, `${prefix}${process.pid}-`));
    process.once('exit', this.#onExit);
  }

  /** Null where none can be made (a full or read-only disk): most data needs none. */
  static make(parent?: string): DataFolder | null {
    try {
      return new DataFolder(parent);
    } catch {
      return null;
    }
  }

  remove(): void {
    process.off('exit', this.#onExit);
    removeFolder(this.path);
  }
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = /^batchwise-data-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) removeFolder(path.join(parent, name));
  }
}

function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Another person's, or still open on Windows: the next one tries again.
  }
}
