import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { isInside } from '../../config/workspacePaths';
import { withEnglish } from '../../core/sweep/renderedText';
import { fail, ok, problem, type Problem, type Result } from '../../core/text/problem';
import { sweepResultSchema, type SweepResult } from '../../core/sweep/result';
import { isAlive } from '../../protocol/isAlive';
import { sweepEventSchema, type SweepEvent } from '../../core/sweep/sweepEvent';
import { causeOf } from '../../core/text/errorText';
import { replaceFile } from './replaceFile';

/**
 * What is kept of sweeps, beside the config: `.batchwise/<config name>/` with one append-only log
 * of events per sweep, one JSON document a line, and the last result.
 */

const logsKept = 20;
/** What logs are called; other files in their folder are left alone. */
const ownName = /^\d[\w-]*\.jsonl$/;
/** Larger files are none of ours: a log of a long sweep has some megabytes. */
const mostBytes = 2 ** 27;

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
  readonly #configFile: string;
  #descriptor: number | null;
  readonly #onLost: (lost: Problem) => void;

  private constructor(
    readonly file: string,
    configFile: string,
    descriptor: number | null,
    onLost: (lost: Problem) => void,
  ) {
    this.#configFile = configFile;
    this.#descriptor = descriptor;
    this.#onLost = onLost;
  }

  /**
   * Starts the log of a new sweep; older ones beyond the last twenty are removed.
   * @param onLost called once when the log cannot be written any further; the sweep may go on
   */
  static open(
    configFile: string,
    sweepId: string,
    at: Date,
    onLost: (lost: Problem) => void = () => undefined,
  ): Result<RunLog> {
    const folder = runFolder(configFile);
    try {
      for (const each of [path.dirname(folder), folder]) {
        mkdirSync(each, { recursive: true });
        if (!isBeside(configFile, each))
          return fail('sweepLogUnwritable', { folder, cause: 'causeLinkOut' });
      }
      const ignore = path.join(path.dirname(folder), '.gitignore');
      if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
      for (const name of readdirSync(folder)) {
        // Of a process that was killed while it wrote.
        if (/^latest\.json\.\d+\.tmp$/.test(name)) rmSync(path.join(folder, name));
      }
      const old = logFiles(configFile).slice(0, -(logsKept - 1));
      for (const each of old) if (!isNewer(each)) rmSync(each);
      const stamp = at.toISOString().replaceAll(/[:.]/g, '-');
      const file = path.join(folder, `${stamp}-${sweepId}.jsonl`);
      return ok(new RunLog(file, configFile, openSync(file, 'ax'), onLost));
    } catch (error) {
      return fail('sweepLogUnwritable', { folder, cause: causeOf(error) });
    }
  }

  append(event: SweepEvent): void {
    if (this.#descriptor === null) return;
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    try {
      // A disk that is nearly full takes a part.
      for (let done = 0; done < line.length;) {
        done += writeSync(this.#descriptor, line, done);
      }
    } catch (error) {
      this.close();
      const folder = path.dirname(this.file);
      this.#onLost(problem('sweepLogUnwritable', { folder, cause: causeOf(error) }));
    }
  }

  /** Puts the result in place of the last one, in one step: a reader finds the one or the other. */
  saveResult(result: SweepResult): Result<null> {
    const latest = latestResultFile(this.#configFile);
    try {
      replaceFile(latest, `${JSON.stringify(result, null, 2)}\n`);
      return ok(null);
    } catch (error) {
      return fail('resultNotKept', { folder: path.dirname(latest), cause: causeOf(error) });
    }
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    try {
      if (descriptor !== null) closeSync(descriptor);
    } catch {
      // A disk that is full or gone may say so only now; what could be written is.
    }
  }
}

/** The last finished sweep's result; null when there is none or it cannot be read. */
export function readLatestResult(configFile: string): SweepResult | null {
  try {
    const parsed = sweepResultSchema.safeParse(
      JSON.parse(boundedText(latestResultFile(configFile))),
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
    return parseLog(boundedText(file));
  } catch {
    return [];
  }
}

/**
 * As readLog, of a text. A sweep that a newer version of Batchwise wrote cannot be read; what is left
 * of it is the one event that says so.
 */
export function parseLog(text: string): SweepEvent[] {
  const documents = text.split('\n').flatMap((line): unknown[] => {
    try {
      return line.trim() === '' ? [] : [JSON.parse(line)];
    } catch {
      return [];
    }
  });
  if (documents.some(isStartOfNewer)) {
    return [{ type: 'failed', error: withEnglish({ id: 'logNewer', values: {} }) }];
  }
  return documents.flatMap((document) => {
    const parsed = sweepEventSchema.safeParse(document);
    return parsed.success ? [parsed.data] : [];
  });
}

const startedSchema = z.object({ formatVersion: z.number().gt(1) });

/** Asks no schema for most lines: what one says of a line that is no start costs more than the line. */
function isStartOfNewer(document: unknown): boolean {
  const isStart =
    typeof document === 'object' &&
    document !== null &&
    'type' in document &&
    document.type === 'started';
  return isStart && startedSchema.safeParse(document).success;
}

function isNewer(file: string): boolean {
  const [event] = readLog(file);
  return event?.type === 'failed' && event.error.id === 'logNewer';
}

/** @throws for what is no file or too large to be one of ours */
function boundedText(file: string): string {
  const found = statSync(file);
  if (!found.isFile() || found.size > mostBytes)
    throw new Error(`${file} is not what it should be.`);
  return readFileSync(file, 'utf8');
}

/** Log files of a config, oldest first: their names begin with the time. */
export function logFiles(configFile: string): string[] {
  const folder = runFolder(configFile);
  try {
    if (!isBeside(configFile, folder)) return [];
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && ownName.test(entry.name))
      .map(({ name }) => path.join(folder, name))
      .sort();
  } catch {
    return [];
  }
}

/**
 * Whether a folder lies in that of the config, links resolved: what a workspace brings along decides
 * neither where is written nor what is removed.
 */
function isBeside(configFile: string, folder: string): boolean {
  return isInside(realpathSync(path.dirname(configFile)), realpathSync(folder));
}

/** The log has no end, and the process that wrote it is gone. */
export function isInterrupted(events: readonly SweepEvent[]): boolean {
  const ended = events.some(
    ({ type }) => type === 'finished' || type === 'failed' || type === 'cancelled',
  );
  const started = events.find((event) => event.type === 'started');
  return !ended && started !== undefined && !isAlive(started.pid);
}
