import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { fail, ok, type Result } from '../../core/text/problem';
import { sweepResultSchema, type SweepResult } from '../../core/sweep/result';
import { sweepEventSchema, type SweepEvent } from '../../core/sweep/sweepEvent';

/**
 * What is kept of sweeps, beside the config: `.batchwise/<config name>/` with one append-only log
 * of events per sweep, one JSON document a line, and the last result.
 */

const logsKept = 20;

/** The folder of a config's sweeps; it may not exist yet. `train.batchwise.json` keeps its name. */
export function runFolder(configFile: string): string {
  const name = path.basename(configFile).replace(/\.json$/i, '');
  return path.join(path.dirname(configFile), '.batchwise', name);
}

export function latestResultFile(configFile: string): string {
  return path.join(runFolder(configFile), 'latest.json');
}

/** Writes a sweep's events as they happen; every line is on disk before the next event. */
export class RunLog {
  private constructor(
    readonly file: string,
    private readonly configFile: string,
    private descriptor: number | null,
  ) {}

  /** Starts the log of a new sweep; older ones beyond the last twenty are removed. */
  static open(configFile: string, sweepId: string, at: Date): Result<RunLog> {
    const folder = runFolder(configFile);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(path.dirname(folder), '.gitignore'), '*\n');
      for (const old of logFiles(configFile).slice(0, -(logsKept - 1))) rmSync(old);
      const stamp = at.toISOString().replaceAll(/[:.]/g, '-');
      const file = path.join(folder, `${stamp}-${sweepId}.jsonl`);
      return ok(new RunLog(file, configFile, openSync(file, 'ax')));
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      return fail('sweepLogUnwritable', { folder, cause });
    }
  }

  append(event: SweepEvent): void {
    if (this.descriptor !== null) writeSync(this.descriptor, `${JSON.stringify(event)}\n`);
  }

  /** Puts the result in place of the last one, in one step. */
  saveResult(result: SweepResult): void {
    const latest = latestResultFile(this.configFile);
    const temporary = `${latest}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(result, null, 2)}\n`);
    renameSync(temporary, latest);
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }
}

/** The last finished sweep's result; null when there is none or it cannot be read. */
export function readLatestResult(configFile: string): SweepResult | null {
  try {
    const parsed = sweepResultSchema.safeParse(
      JSON.parse(readFileSync(latestResultFile(configFile), 'utf8')),
    );
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export interface LoggedSweep {
  readonly file: string;
  readonly events: readonly SweepEvent[];
  /** The log has no end, and the process that wrote it is gone. */
  readonly interrupted: boolean;
}

/** The newest sweep of a config, running or not; null when it was never tuned. */
export function readNewestSweep(configFile: string): LoggedSweep | null {
  for (const file of logFiles(configFile).reverse()) {
    const events = readLog(file);
    if (events.length > 0) return { file, events, interrupted: isInterrupted(events) };
  }
  return null;
}

/** The events of a log; a line that was cut off or is not an event is left out. */
export function readLog(file: string): SweepEvent[] {
  try {
    return parseLog(readFileSync(file, 'utf8'));
  } catch {
    return [];
  }
}

/** As readLog, of a text. */
export function parseLog(text: string): SweepEvent[] {
  return text.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    try {
      const parsed = sweepEventSchema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

/** Log files of a config, oldest first: their names begin with the time. */
export function logFiles(configFile: string): string[] {
  const folder = runFolder(configFile);
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

/** The log has no end, and the process that wrote it is gone. */
export function isInterrupted(events: readonly SweepEvent[]): boolean {
  const ended = events.some(
    ({ type }) => type === 'finished' || type === 'failed' || type === 'cancelled',
  );
  const started = events.find((event) => event.type === 'started');
  return !ended && started !== undefined && !isAlive(started.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
