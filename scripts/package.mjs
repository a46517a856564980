#!/usr/bin/env node
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { run, runMain, SetupError } from './command.mjs';
import { isTarget, packageFiles, stage, targets } from './packageFiles.mjs';
import { ensureBuild, manifest, root } from './project.mjs';

const usage = `Makes a VS Code package (VSIX).

npm run package -- [--target PLATFORM] [--out FOLDER]

  --target PLATFORM  ${targets.join(', ')}: with WebGPU for that platform.
                     Default: a package for every platform, without WebGPU
  --out FOLDER       default: the current folder

Prints the file's path. The exit code is 1 when it could not be made, 2 for a wrong command line.`;

function commandLine() {
  try {
    const { values } = parseArgs({
      options: {
        target: { type: 'string' },
        out: { type: 'string', default: '.' },
        help: { type: 'boolean', default: false },
      },
    });
    const { target } = values;
    if (target === undefined || isTarget(target)) return { ...values, target };
    console.error(`There is no target "${target}".`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  return undefined;
}

await runMain(async () => {
  const options = commandLine();
  if (!options || options.help) {
    (options ? console.log : console.error)(usage);
    return options ? 0 : 2;
  }
  const { target } = options;
  await ensureBuild();
  const { name, version } = manifest();
  const file = path.resolve(
    options.out,
    `${[name, version, target].filter(Boolean).join('-')}.vsix`,
  );
  await mkdir(path.dirname(file), { recursive: true });
  const staging = await mkdtemp(path.join(os.tmpdir(), 'batchwise-package-'));
  try {
    await stage(staging, await packageFiles(target));
    const { code, output } = await run(
      process.execPath,
      [
        path.join(root, 'node_modules', '@vscode', 'vsce', 'vsce'),
        ...['package', '--no-dependencies', '--allow-missing-repository', '--out', file],
        ...(target ? ['--target', target] : []),
      ],
      {
        cwd: staging,
        capture: true,
        // Equal files give an equal package, whenever it is made: the first day that a ZIP knows.
        env: { ...process.env, SOURCE_DATE_EPOCH: process.env.SOURCE_DATE_EPOCH ?? '315532800' },
      },
    );
    if (code !== 0) throw new SetupError(`${output}\nvsce made no package: its output is above.`);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  const { size } = await stat(file);
  console.error(`${(size / 1e6).toFixed(1)} MB`);
  console.log(file);
  return 0;
});
