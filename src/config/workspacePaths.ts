import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { MessageId } from '../core/text/messages';
import { nearest } from '../core/text/nearest';
import { fail, ok, type Problem, type Result } from '../core/text/problem';
import type { Pointer } from './jsonText';
import type { AnyConfig } from './schema';
import { causeOf } from '../core/text/errorText';

/**
 * The folder that a config's paths may not leave when no editor says which: the nearest ancestor
 * with a `.git`, else the config's own folder. Symbolic links are resolved.
 */
export async function findRoot(configFile: string): Promise<string> {
  const folder = path.dirname(configFile);
  const own = await realpath(folder).catch(() => folder);
  for (let each = own; ; each = path.dirname(each)) {
    if (await exists(path.join(each, '.git'))) return each;
    if (each === path.dirname(each)) return own;
  }
}

/**
 * The real, absolute path of a file or folder in a config, which must exist and stay inside `root`
 * with symbolic links resolved; a pipe or a device is refused, since reading it may never end.
 * Backslashes count as separators, so that a config works on any system.
 * @param written as it stands in the config: relative to the config's folder
 * @param notFound what to say when it is not there
 */
export async function resolvePath(
  written: string,
  configFile: string,
  root: string,
  pointer: Pointer,
  notFound: MessageId,
): Promise<Result<string>> {
  const at = { file: configFile, pointer };
  if (path.posix.isAbsolute(written) || path.win32.isAbsolute(written) || /^[a-z]:/i.test(written))
    return fail('configPathAbsolute', { path: written }, at);
  try {
    const realRoot = await realpath(root);
    const folder = await realpath(path.dirname(configFile));
    const wanted = path.resolve(folder, written.replaceAll('\\', '/'));
    if (!isInside(realRoot, wanted))
      return fail('configPathOutside', { path: written, root: realRoot }, at);
    const real = await realpath(wanted);
    if (!isInside(realRoot, real))
      return fail('configPathOutside', { path: written, root: realRoot }, at);
    const found = await stat(real);
    return found.isFile() || found.isDirectory()
      ? ok(real)
      : fail('configPathUnreadable', { path: written, cause: 'causeNoFile' }, at);
  } catch (error) {
    if (!isMissing(error)) {
      const cause = causeOf(error);
      return fail('configPathUnreadable', { path: written, cause }, at);
    }
    const wanted = path.resolve(path.dirname(configFile), written.replaceAll('\\', '/'));
    const target = await readlink(wanted).catch(() => null);
    if (target !== null) return fail('configPathDangling', { path: written, target }, at);
    const near = await nearestPath(wanted);
    if (near === null || notFound === 'configSourceNotFound')
      return fail(notFound, { path: written }, at);
    return fail('configPathNotFoundNearest', { path: written, nearest: near }, at);
  }
}

/** A config's paths, resolved; null for keys that are not given. */
export interface ConfigPaths {
  readonly topology: string | null;
  readonly module: string | null;
  readonly train: string | null;
  readonly labels: string | null;
  readonly validation: string | null;
  readonly validationLabels: string | null;
  /** The Python script or notebook that trains. */
  readonly script: string | null;
}

/**
 * Resolves every path of a config.
 * @returns paths (null also for those with a problem), problems, and warnings for `sources` that
 *   are not there, without which a sweep can still run
 */
export async function resolvePaths(
  config: AnyConfig,
  configFile: string,
  root: string,
): Promise<{ paths: ConfigPaths; problems: Problem[]; warnings: Problem[] }> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const resolve = async (
    written: string | number | undefined,
    pointer: Pointer,
    notFound: MessageId,
  ): Promise<string | null> => {
    if (typeof written !== 'string') return null;
    const result = await resolvePath(written, configFile, root, pointer, notFound);
    if (result.ok) return result.value;
    problems.push(result.problem);
    return null;
  };
  const { model, data, trainer } = config;
  const paths = {
    topology: await resolve(model?.topology, ['model', 'topology'], 'modelNotFound'),
    module: await resolve(model?.module, ['model', 'module'], 'modelNotFound'),
    train: await resolve(data?.train, ['data', 'train'], 'dataNotFound'),
    labels: await resolve(data?.labels, ['data', 'labels'], 'dataNotFound'),
    validation: await resolve(data?.validation, ['data', 'validation'], 'dataNotFound'),
    validationLabels: await resolve(
      data?.validationLabels,
      ['data', 'validationLabels'],
      'dataNotFound',
    ),
    script: await resolve(trainer?.python, ['trainer', 'python'], 'trainerFileNotFound'),
  };
  for (const [index, source] of config.sources.entries()) {
    const pointer = ['sources', index];
    const result = await resolvePath(source, configFile, root, pointer, 'configSourceNotFound');
    if (result.ok) continue;
    const isOnlyMissing = result.problem.reason === 'configSourceNotFound';
    (isOnlyMissing ? warnings : problems).push(result.problem);
  }
  return { paths, problems, warnings };
}

/** Whether a path is a folder or something in it; both absolute, with links resolved. */
export function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return (
    relative === '' ||
    (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative))
  );
}

/** The path with its last name corrected, relative to the folder that does exist; null if none is near. */
async function nearestPath(wanted: string): Promise<string | null> {
  const names = await readdir(path.dirname(wanted)).catch(() => []);
  return nearest(path.basename(wanted), names);
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
