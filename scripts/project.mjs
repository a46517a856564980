import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { dependenciesInstalled } from './installedDependencies.mjs';
import { buildIsCurrent } from './buildStamp.mjs';
import { run, runNpm, SetupError } from './command.mjs';

/** The project's folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Runs `npm ci` when node_modules is missing or is not what package-lock.json asks for. */
export async function ensureDependencies() {
  if (dependenciesInstalled(root)) return;
  console.error('Installing dependencies (npm ci) …');
  const { code } = await runNpm(['ci', '--no-audit', '--no-fund'], { cwd: root, stdout: 'stderr' });
  if (code !== 0) {
    throw new SetupError('`npm ci` failed: its output above says why. Run `npm ci` again.');
  }
}

/** Builds `dist/` when it is missing or older than the sources. Needs the dependencies. */
export async function ensureBuild() {
  await ensureDependencies();
  if (buildIsCurrent(root)) return;
  const { default: lockfile } = await import('proper-lockfile');
  const release = await lockfile.lock(root, {
    lockfilePath: path.join(root, 'node_modules', '.build.lock'),
    retries: { retries: 60, factor: 1, minTimeout: 1000 },
  });
  try {
    if (buildIsCurrent(root)) return;
    console.error('Building dist/ …');
    const { code } = await run(process.execPath, ['esbuild.mjs'], { cwd: root, stdout: 'stderr' });
    if (code !== 0) {
      throw new SetupError('The build failed: its output above says where (`npm run build`).');
    }
  } finally {
    await release();
  }
}

/** The manifest's `name` and `version`. */
export function manifest() {
  const file = path.join(root, 'package.json');
  if (!existsSync(file)) throw new SetupError(`${file} is missing: is this a whole checkout?`);
  /** @type {{ name: string, version: string }} */
  const parsed = JSON.parse(readFileSync(file, 'utf8'));
  return parsed;
}
