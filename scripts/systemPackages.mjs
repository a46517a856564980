import { existsSync } from 'node:fs';
import process from 'node:process';
import { findProgram, run, SetupError } from './command.mjs';

/**
 * What tests need from the system: how to see that it is there, and the
 * Debian packages that bring it.
 */
const needs = {
  browser: {
    what: 'a Chromium browser',
    found: () => findBrowser() !== undefined,
    packages: ['chromium'],
  },
  japaneseFont: {
    what: 'a font with Japanese',
    found: async () => {
      const { code, output } = await run('fc-list', [':lang=ja', 'family'], { capture: true });
      return code === 0 && output.trim() !== '';
    },
    packages: ['fonts-ipafont-gothic', 'fontconfig'],
  },
  animatedPictures: {
    what: 'img2webp, which makes animated pictures',
    found: () => findProgram('img2webp') !== undefined,
    packages: ['webp'],
  },
  compiler: {
    what: 'a C++ compiler, make and Python for native modules',
    found: () =>
      ['g++', 'make', 'python3', 'pkg-config'].every((name) => findProgram(name) !== undefined),
    packages: ['build-essential', 'python3', 'pkg-config'],
  },
  slurm: {
    what: 'Slurm',
    found: () => findProgram('slurmctld') !== undefined && findProgram('srun') !== undefined,
    packages: ['slurm-wlm', 'munge'],
  },
  sshServer: {
    what: 'an OpenSSH server',
    found: () => findProgram('sshd') !== undefined && findProgram('ssh') !== undefined,
    packages: ['openssh-server', 'openssh-client'],
  },
  libraries: {
    what: 'the headers of Kerberos, X11, xkbfile and libsecret',
    found: async () =>
      (
        await run('pkg-config', ['--exists', 'krb5-gssapi', 'x11', 'xkbfile', 'libsecret-1'], {
          capture: true,
        })
      ).code === 0,
    packages: ['libkrb5-dev', 'libx11-dev', 'libxkbfile-dev', 'libsecret-1-dev'],
  },
};

/** @typedef {keyof typeof needs} Need */

/** The browser the tests drive: `BATCHWISE_BROWSER`, else a Chromium of the system. */
export function findBrowser() {
  const chosen = process.env.BATCHWISE_BROWSER;
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    throw new SetupError(`BATCHWISE_BROWSER names ${chosen}, which does not exist.`);
  }
  const onPath = findProgram('chromium', 'chromium-browser', 'google-chrome', 'chrome', 'msedge');
  if (onPath) return onPath;
  return [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ].find((file) => existsSync(file));
}

/**
 * Installs what is missing with apt-get where this machine lets us (root, or sudo without a
 * password). Throws a SetupError that names what is missing and the command that installs it.
 *
 * @param {readonly Need[]} wanted
 */
export async function ensureSystemPackages(wanted) {
  let missing = await missingNeeds(wanted);
  if (missing.length === 0) return;

  const packages = missing.flatMap((need) => needs[need].packages);
  const prefix = await privileges();
  if (prefix && findProgram('apt-get')) {
    console.error(`Installing with apt-get: ${packages.join(' ')}`);
    const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
    const [program, ...args] = apt;
    await run(program, [...args, 'update', '-qq'], { stdout: 'stderr' });
    await run(program, [...args, 'install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdout: 'stderr',
    });
    missing = await missingNeeds(wanted);
    if (missing.length === 0) return;
  }
  const what = missing.map((need) => needs[need].what).join(', and ');
  throw new SetupError(
    `This machine lacks ${what}. Install with: ` +
      `sudo apt-get install -y ${missing.flatMap((need) => needs[need].packages).join(' ')}` +
      (missing.includes('browser')
        ? ' (or set BATCHWISE_BROWSER to a Chromium, Chrome or Edge executable)'
        : ''),
  );
}

/** @param {readonly Need[]} wanted */
async function missingNeeds(wanted) {
  const missing = [];
  for (const need of wanted) {
    if (!(await needs[need].found())) missing.push(need);
  }
  return missing;
}

/** The words to put before a command to run it as root, or undefined where we may not. */
async function privileges() {
  if (process.getuid?.() === 0) return [];
  if (!findProgram('sudo')) return undefined;
  const { code } = await run('sudo', ['-n', 'true'], { capture: true });
  return code === 0 ? ['sudo', '-n'] : undefined;
}
