import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { here, nativeRuntimeFolder } from '../../config/nativeRuntime';
import { formatBytes } from '../../core/text/format';
import { problem, ProblemError, render, type Problem, type Text } from '../../core/text/problem';
import { findNode } from '../process/nodeBinary';
import { checkRuntime, packageIn } from './checkRuntime';
import { addonFile, compileAddon } from './compileAddon';
import { findCompiler, findNpm, findPip, type Program } from './programs';
import { reach, type Reached } from './reach';
import { runProgram, tellingLine } from './runProgram';
import {
  archiveDiskBytes,
  archiveUrl,
  configuredMirror,
  mirrorEnvironment,
  npmPackage,
  openSources,
  packagesBytes,
  wheelFor,
  wheelObstacle,
  type Findings,
  type Source,
} from './sources';
import { stagingFolder } from './staging';
import { downloadWheel, unpackLibrary } from './wheelLibrary';
import { causeOf } from '../../core/text/errorText';

interface InstallOptions {
  /** Default: the folder that extension and terminal share. */
  readonly folder?: string | undefined;
  /** Path of the Node that trains; null looks for one. */
  readonly nodePath?: string | null | undefined;
  /** A mirror in place of the package's own storage host; null leaves it to the environment. */
  readonly mirror?: string | null | undefined;
  /** BCP 47 tag for numbers in what is asked. */
  readonly language?: string | undefined;
  /** Asked before anything is downloaded, with what will be; once more where a first way failed. */
  readonly confirm: (plan: readonly Text[]) => Promise<boolean>;
  /** `fraction` of the whole, 0 to 1. */
  readonly onProgress: (what: Text, fraction: number) => void;
  readonly signal: AbortSignal;
  /** Lines that npm, pip and the compiler write. */
  readonly log?: ((line: string) => void) | undefined;
  /** Takes this way alone; default: each that is open, in their order. */
  readonly only?: Source | undefined;
  /** How long the storage host may take to answer. */
  readonly reachTimeoutMs?: number | undefined;
}

export type InstallOutcome =
  | {
      readonly status: 'installed' | 'present';
      readonly folder: string;
      readonly libtensorflow: string;
    }
  | { readonly status: 'declined' | 'cancelled' }
  | { readonly status: 'failed'; readonly problem: Problem };

interface Toolbox {
  readonly npm: Program | null;
  readonly pip: Program | null;
  readonly compiler: Program | null;
  readonly findings: Findings;
  readonly host: string;
}

/**
 * Installs TensorFlow's native library for the trainer: by the npm package's own download (from its
 * host or a mirror), else from the Python wheel. Everything is made in a folder beside the final one
 * and checked there before it takes its place, so that no half of it is ever seen; a cancelled or
 * failed install leaves nothing behind. Never rejects for what can be foreseen.
 */
export async function installNativeRuntime(options: InstallOptions): Promise<InstallOutcome> {
  const folder = options.folder ?? nativeRuntimeFolder();
  const node = await findNode(options.nodePath);
  if (!node.ok) return { status: 'failed', problem: node.problem };
  const present = await checkRuntime(folder, node.value.path, options.signal);
  if (present.ok) return { status: 'present', folder, ...present.value };
  const toolbox = await lookAround(options);
  if (options.signal.aborted) return { status: 'cancelled' };
  const { only } = options;
  const sources = openSources(toolbox.findings).filter((each) => each === (only ?? each));
  if (sources.length === 0) return { status: 'failed', problem: noSource(toolbox) };

  let outcome: InstallOutcome = { status: 'declined' };
  let whyNot: string | null = null;
  for (const source of sources) {
    const plan = planOf(source, toolbox, options, folder, whyNot);
    if (!(await options.confirm(plan))) return { status: 'declined' };
    outcome = await attempt(source, toolbox, { ...options, folder, node: node.value.path });
    if (outcome.status !== 'failed') return outcome;
    whyNot = new ProblemError(outcome.problem).message;
  }
  return outcome;
}

async function lookAround(options: InstallOptions): Promise<Toolbox> {
  const { signal, mirror = null } = options;
  const { env } = here;
  const url = archiveUrl(here, env, mirror);
  const unknown: Reached = { reachable: false, cause: `there is none for ${platformName()}` };
  const [npm, pip, compiler, archive] = await Promise.all([
    findNpm(env, signal),
    findPip(signal),
    findCompiler(env, signal),
    url === null ? unknown : reach(url, env, options.reachTimeoutMs ?? 5000, signal),
  ]);
  const wheel = wheelFor(here);
  return {
    npm,
    pip,
    compiler,
    host: url === null ? 'npm' : hostOf(url),
    findings: {
      npm: npm !== null,
      archive,
      wheel,
      python: pip !== null,
      compiler: compiler?.title ?? null,
    },
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function platformName(): string {
  return `${here.platform} ${here.arch}`;
}

function noSource({ findings, host }: Toolbox): Problem {
  if (!findings.npm) return problem('nativeNoNpm');
  const obstacle = wheelObstacle(findings) ?? 'nativeNoWheel';
  const wheelCause = render({ id: obstacle, values: { platform: platformName() } });
  const cause = findings.archive.reachable ? '' : findings.archive.cause;
  return problem('nativeNoSource', { host, cause, wheelCause });
}

/** What will be done, downloaded and needed, a sentence each. */
function planOf(
  source: Source,
  { findings, host, compiler }: Toolbox,
  { mirror = null, language }: InstallOptions,
  folder: string,
  whyNot: string | null,
): Text[] {
  const { name, version } = npmPackage;
  const size = (bytes: number) => formatBytes(bytes, language);
  const space: Text = {
    id: 'nativePlanSpace',
    values: { disk: size(neededBytes(source, findings, false)), folder },
  };
  if (source === 'wheel' && findings.wheel) {
    const { project, version: release, downloadBytes } = findings.wheel;
    const cause = whyNot ?? (findings.archive.reachable ? '' : findings.archive.cause);
    return [
      { id: 'nativePlanWhyNot', values: { host, cause } },
      {
        id: 'nativePlanWheel',
        values: {
          ...{ project, version: release, package: name, compiler: findings.compiler ?? '' },
          download: size(downloadBytes),
        },
      },
      space,
    ];
  }
  const bytes = findings.archive.reachable ? findings.archive.bytes : null;
  const download = bytes === null ? '?' : size(bytes);
  const mirrored = configuredMirror(here.env, mirror) !== null;
  return [
    {
      id: mirrored ? 'nativePlanMirror' : 'nativePlanPackage',
      values: { package: name, version, host, download },
    },
    compiler
      ? { id: 'nativePlanCompiler', values: { compiler: compiler.title } }
      : { id: 'nativePlanNoCompiler', values: {} },
    space,
  ];
}

/** Bytes on the disk afterwards, or at the worst moment. */
function neededBytes(source: Source, { wheel }: Findings, atWorst: boolean): number {
  if (source === 'package' || !wheel) return packagesBytes + archiveDiskBytes;
  return packagesBytes + wheel.diskBytes + (atWorst ? wheel.downloadBytes : 0);
}

type Attempt = InstallOptions & { readonly folder: string; readonly node: string };

async function attempt(
  source: Source,
  toolbox: Toolbox,
  options: Attempt,
): Promise<InstallOutcome> {
  const { folder, signal, onProgress } = options;
  let staging: string | null = null;
  try {
    staging = await stagingFolder(folder);
    await requireSpace(path.dirname(folder), neededBytes(source, toolbox.findings, true), options);
    if (source === 'wheel') await installFromWheel(staging, toolbox, options);
    else {
      onProgress({ id: 'nativeStepPackages', values: { package: npmPackage.name } }, 0.1);
      await npmInstall(staging, toolbox.npm, options, []);
    }
    await finishAddon(staging, toolbox, options);
    await removeSourceMaps(path.join(staging, 'node_modules'));
    onProgress({ id: 'nativeStepCheck', values: {} }, 0.97);
    const checked = await checkRuntime(staging, options.node, signal);
    if (signal.aborted) return { status: 'cancelled' };
    if (!checked.ok) return { status: 'failed', problem: checked.problem };
    await replace(staging, folder);
    return { status: 'installed', folder, ...checked.value };
  } catch (error) {
    if (signal.aborted) return { status: 'cancelled' };
    if (error instanceof ProblemError) return { status: 'failed', problem: error.problem };
    const cause = causeOf(error);
    return { status: 'failed', problem: problem('nativeFolderUnusable', { folder, cause }) };
  } finally {
    if (staging !== null) await rm(staging, { recursive: true, force: true });
  }
}

async function requireSpace(
  folder: string,
  neededBytes: number,
  { language }: InstallOptions,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= neededBytes) return;
  const free = formatBytes(bavail * bsize, language);
  const needed = formatBytes(neededBytes, language);
  throw new ProblemError(problem('nativeNoSpace', { folder, free, needed }));
}

async function installFromWheel(
  staging: string,
  { pip, findings, npm }: Toolbox,
  options: Attempt,
): Promise<void> {
  const { wheel } = findings;
  if (!pip || !wheel) throw new ProblemError(problem('nativeNoPython'));
  const { signal, onProgress, language, log = () => undefined } = options;
  onProgress({ id: 'nativeStepPackages', values: { package: npmPackage.name } }, 0.02);
  await npmInstall(staging, npm, options, ['--ignore-scripts']);
  const work = path.join(staging, 'download');
  await mkdir(work);
  const download = { wheel, pip, folder: work, signal, log };
  const total = formatBytes(wheel.downloadBytes, language);
  const tell = (bytes: number) => {
    const done = formatBytes(Math.min(bytes, wheel.downloadBytes), language);
    onProgress(
      { id: 'nativeStepDownload', values: { project: wheel.project, done, total } },
      0.15 + 0.5 * Math.min(1, bytes / wheel.downloadBytes),
    );
  };
  tell(0);
  const file = await downloadWheel(download, tell);
  onProgress({ id: 'nativeStepUnpack', values: {} }, 0.67);
  await unpackLibrary(download, file, path.join(packageIn(staging), 'deps'));
  await rm(work, { recursive: true, force: true });
}

async function npmInstall(
  staging: string,
  npm: Program | null,
  { signal, mirror = null, log }: Attempt,
  flags: readonly string[],
): Promise<void> {
  if (!npm) throw new ProblemError(problem('nativeNoNpm'));
  await writeFile(path.join(staging, 'package.json'), '{ "private": true }\n');
  const wanted = [`${npmPackage.name}@${npmPackage.version}`, 'node-api-headers@1'];
  const quiet = ['--omit=dev', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const ended = await runProgram(
    npm.file,
    [...npm.args, 'install', ...quiet, ...flags, ...wanted],
    {
      cwd: staging,
      shell: npm.shell,
      env: { ...process.env, ...mirrorEnvironment(mirror) },
      signal,
      onLine: log,
    },
  );
  if (ended.code === 0) return;
  const values = { program: 'npm', cause: tellingLine(ended) };
  throw new ProblemError(problem('nativeStepFailed', values));
}

/** Compiles the addon where no ready-made one came with the package. */
async function finishAddon(
  staging: string,
  { compiler }: Toolbox,
  { signal, onProgress, log = () => undefined }: Attempt,
): Promise<void> {
  const folder = packageIn(staging);
  if (signal.aborted || existsSync(addonFile(folder)) || here.platform === 'win32') return;
  if (!compiler) {
    const cause = render({ id: 'nativeNoCompiler', values: {} });
    throw new ProblemError(problem('nativeNeedsCompiler', { cause }));
  }
  onProgress({ id: 'nativeStepCompile', values: { compiler: compiler.title } }, 0.75);
  await compileAddon(folder, path.join(staging, 'node_modules'), compiler, signal, log);
}

/** They are two thirds of the npm packages, and nobody debugs them here. */
async function removeSourceMaps(modules: string): Promise<void> {
  const entries = await readdir(modules, { recursive: true, withFileTypes: true });
  const maps = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.js.map'));
  await Promise.all(maps.map((entry) => unlink(path.join(entry.parentPath, entry.name))));
}

/** Puts a finished folder in its place; what lay there is taken aside first and then removed. */
async function replace(staging: string, folder: string): Promise<void> {
  const aside = `${staging}-old`;
  const old = await rename(folder, aside).then(
    () => true,
    () => false,
  );
  try {
    await rename(staging, folder);
  } catch (error) {
    if (old) await rename(aside, folder).catch(() => undefined);
    throw error;
  }
  if (old) await rm(aside, { recursive: true, force: true });
}
