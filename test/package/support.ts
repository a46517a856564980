import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { cleanNpmEnvironment } from '../../scripts/command.mjs';

/** A folder for one test file; processes started by `execute` take it for their temporary folder. */
export class TestFolder {
  readonly path = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'batchwise-package-')));

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Runs a program to its end. Its sweeps do not wait for those of others on this machine. */
  execute(
    program: string,
    args: readonly string[],
    cwd: string,
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    // The lock that keeps a machine's sweeps apart lies in the temporary folder.
    const env = { ...cleanNpmEnvironment(process.env), TMPDIR: this.path, TEMP: this.path };
    const shell = process.platform === 'win32' && program === 'npm';
    return new Promise((resolve) => {
      const child = execFile(
        program,
        [...args],
        { cwd, env, shell, maxBuffer: 2 ** 26 },
        (_, stdout, stderr) => {
          resolve({ code: child.exitCode ?? -1, stdout, stderr });
        },
      );
    });
  }
}

/** What a tune has left beside its config: asserts that it recommends a size it trained with. */
export function expectTuned(workspace: string): void {
  const latest = path.join(workspace, '.batchwise', 'batchwise', 'latest.json');
  expect(existsSync(latest), latest).toBe(true);
  expectResult(JSON.parse(readFileSync(latest, 'utf8')));
}

export function expectResult(document: unknown): void {
  const { backend, trials, recommendation } = document as {
    backend: { name: string };
    trials: { batchSize: number; status: string }[];
    recommendation: { batchSize: number };
  };
  const trained = trials.filter(({ status }) => status === 'ok').map(({ batchSize }) => batchSize);
  expect(trained.length).toBeGreaterThanOrEqual(3);
  expect(trained).toContain(recommendation.batchSize);
  expect(backend.name).not.toBe('cpu');
}
