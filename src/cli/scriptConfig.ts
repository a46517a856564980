import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readConfig, type CheckedConfig, type ReadConfig } from '../config/readConfig';
import { anyConfigSchema } from '../config/schema';
import { findRoot } from '../config/workspacePaths';
import { describe, problem, type Language } from '../core/text/problem';
import { tell } from './stderr';

/**
 * The config that a command is about. Problems and warnings go to stderr, each with its place.
 * @returns null where it cannot be used
 */
export async function usableConfig(
  file: string,
  args: readonly string[],
  { translate }: Language,
): Promise<CheckedConfig | null> {
  const read = await readForTerminal(file, args);
  for (const each of read.ok ? read.warnings : read.problems) tell(describe(each, translate));
  return read.ok ? read : null;
}

/**
 * The config that a command is about: a config file, or a Python script or notebook, which needs
 * none: it stands for a config beside it that names it, and its results are kept as that one's.
 * @param args the script's own arguments; a config names its own
 */
async function readForTerminal(file: string, args: readonly string[]): Promise<ReadConfig> {
  if (!/\.(py|ipynb)$/i.test(file)) {
    if (args.length === 0) return readConfig(file);
    const place = { file: path.resolve(file) };
    return { ok: false, problems: [problem('cliArgumentsWithoutScript', {}, place)], text: null };
  }
  const script = path.resolve(file);
  const place = { file: script };
  const found = await stat(script).catch(() => null);
  const wrong =
    found === null
      ? problem('trainerFileNotFound', { path: file }, place)
      : problem('configPathUnreadable', { path: file, cause: 'causeNoFile' }, place);
  // Python runs a folder as well, by its __main__.py.
  if (!found?.isFile() && !found?.isDirectory())
    return { ok: false, problems: [wrong], text: null };
  const folder = path.dirname(script);
  const name = path.basename(script);
  const configFile = path.join(folder, `${name.replace(/\.\w+$/, '')}.batchwise.json`);
  const config = anyConfigSchema.parse({
    // Run where the person stands, as `python` would run it.
    trainer: { python: name, args: [...args], cwd: process.cwd() },
    sources: name.endsWith('.py') ? [name] : [],
  });
  const root = await findRoot(configFile);
  const paths = {
    topology: null,
    module: null,
    train: null,
    labels: null,
    validation: null,
    validationLabels: null,
    script,
  };
  return { ok: true, config, file: configFile, text: '', root, paths, warnings: [] };
}
