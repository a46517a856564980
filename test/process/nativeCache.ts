import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { here, nativeRuntimeFolder } from '../../src/config/nativeRuntime';
import { checkRuntime } from '../../src/tuner/nativeRuntime/checkRuntime';
import { installNativeRuntime, type InstallOutcome } from '../../src/tuner/nativeRuntime/install';
import { findCompiler, findNpm, findPip } from '../../src/tuner/nativeRuntime/programs';
import { wheelFor } from '../../src/tuner/nativeRuntime/sources';

const run = promisify(execFile);
const wheel = wheelFor(here);

/**
 * A data folder for tests, kept between runs because its runtime is a large download. Outside of the
 * repository; `BATCHWISE_NATIVE_CACHE` moves it.
 */
export const dataFolder = path.join(
  process.env['BATCHWISE_NATIVE_CACHE'] ??
    path.join(
      process.env['XDG_CACHE_HOME'] ??
        (process.platform === 'win32' ? process.env['LOCALAPPDATA'] : undefined) ??
        path.join(homedir(), '.cache'),
      'batchwise-native',
    ),
  `wheel-${wheel?.version ?? 'none'}`,
);
export const runtimeFolder = nativeRuntimeFolder({
  ...here,
  env: { BATCHWISE_DATA_FOLDER: dataFolder },
});

/** Why the wheel cannot be had here; null where it can, or is in the cache already. */
export async function whyNotHere(): Promise<string | null> {
  if (!wheel) return `there is no wheel with libtensorflow for ${here.platform} ${here.arch}`;
  if ((await checkRuntime(runtimeFolder, process.execPath)).ok) return null;
  if (!(await findCompiler(process.env))) return 'no C++ compiler is on PATH: apt-get install g++';
  if (!(await findNpm(process.env))) return 'npm is not on PATH';
  const pip = await findPip();
  if (!pip) return 'no Python 3 with pip is on PATH: apt-get install python3-pip';
  const question = ['index', 'versions', wheel.project, '--retries', '1', '--timeout', '15'];
  return run(pip.file, [...pip.args, ...question], { timeout: 60_000 }).then(
    ({ stdout }) =>
      stdout.includes(wheel.version) ? null : `pip finds no ${wheel.project} ${wheel.version}`,
    () => 'pip cannot reach PyPI or a mirror of it',
  );
}

/** Installs the runtime from the wheel, or finds it in the cache and tries it. */
export async function installFromWheel(): Promise<{ outcome: InstallOutcome; asked: string[] }> {
  const asked: string[] = [];
  const outcome = await installNativeRuntime({
    folder: runtimeFolder,
    nodePath: process.execPath,
    only: 'wheel',
    confirm: (plan) => {
      asked.push(...plan.map(({ id }) => id));
      return Promise.resolve(true);
    },
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  return { outcome, asked };
}
