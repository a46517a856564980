import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../core/text/format';
import type { MessageId } from '../core/text/messages';
import { problem, type Problem } from '../core/text/problem';
import { parseConfig, smallestConfig, withPosition } from './parseConfig';
import type { AnyConfig } from './schema';
import { findRoot, resolvePaths, type ConfigPaths } from './workspacePaths';
import { causeOf } from '../core/text/errorText';

/** Layers and numbers are written by hand; what is larger is something else. */
const mostBytes = 2 ** 25;

/** A config that can be used: every key valid, every path there and inside the root. */
export interface CheckedConfig {
  readonly ok: true;
  readonly config: AnyConfig;
  /** Absolute path of the config. */
  readonly file: string;
  readonly text: string;
  /** Absolute folder that paths may not leave, symbolic links resolved. */
  readonly root: string;
  readonly paths: ConfigPaths;
  /** What a person should know though a sweep can run. */
  readonly warnings: readonly Problem[];
}

interface RefusedConfig {
  readonly ok: false;
  /** At least one; those in the text are ordered by position. */
  readonly problems: readonly Problem[];
  /** Null when the file could not be read. */
  readonly text: string | null;
}

export type ReadConfig = CheckedConfig | RefusedConfig;

/**
 * Checks a config's text and that its paths exist, without running anything of it.
 * @param file absolute path
 * @param root folder that paths may not leave; default: see findRoot
 */
export async function checkConfig(text: string, file: string, root?: string): Promise<ReadConfig> {
  const { config, problems } = parseConfig(text, file);
  if (!config) return { ok: false, problems, text };
  const folder = root ?? (await findRoot(file));
  const resolved = await resolvePaths(config, file, folder);
  const placed = resolved.problems.map((each) => withPosition(each, text, file));
  if (placed.length > 0) return { ok: false, problems: placed, text };
  const warnings = resolved.warnings.map((each) => withPosition(each, text, file));
  return { ok: true, config, file, text, root: folder, paths: resolved.paths, warnings };
}

/** Reading from a pipe may never end; of a folder, reading itself says what it is. */
function whyNotRead(found: Stats): MessageId | null {
  if (!found.isFile() && !found.isDirectory()) return 'causeNoFile';
  return found.size > mostBytes ? 'causeTooLong' : null;
}

/** Reads and checks a config from disk. */
export async function readConfig(file: string, root?: string): Promise<ReadConfig> {
  const absolute = path.resolve(file);
  const place = { file: absolute };
  let bytes: Buffer;
  try {
    const cause = whyNotRead(await stat(absolute));
    if (cause !== null) {
      const values = { cause, most: formatBytes(mostBytes) };
      return { ok: false, problems: [problem('configUnreadable', values, place)], text: null };
    }
    bytes = await readFile(absolute);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    const cause = causeOf(error);
    const found =
      code === 'ENOENT'
        ? problem('configNotFound', { example: smallestConfig }, place)
        : problem('configUnreadable', { cause }, place);
    return { ok: false, problems: [found], text: null };
  }
  const text = decodeUtf8(bytes);
  if (text === null)
    return { ok: false, problems: [problem('configNotUtf8', {}, place)], text: null };
  return checkConfig(text, absolute, root);
}

/** Keeps a byte order mark, so that offsets are those of the file. */
function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
