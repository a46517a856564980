import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import { root } from './project.mjs';

/** VS Code's names of the platforms that get a package of their own, with Dawn's binary folder for each. */
const binaryFolders = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-universal',
  'darwin-arm64': 'darwin-universal',
  'win32-x64': 'win32-x64',
  'win32-arm64': 'win32-arm64',
};

/** @typedef {keyof typeof binaryFolders} Target */

export const targets = /** @type {Target[]} */ (Object.keys(binaryFolders));

/**
 * @param {string} name
 * @returns {name is Target}
 */
export function isTarget(name) {
  return Object.hasOwn(binaryFolders, name);
}

/**
 * The files of a VSIX: what .vscodeignore lets in and, for a platform, the GPU binding in
 * `dist/dawn`, where src/trainer/backends/dawnBinding.ts looks for it. Needs the build.
 *
 * @param {Target} [target] without one, the package for every platform, which has no GPU binding
 * @returns {Promise<{ file: string, from: string }[]>} path in the package, with `/`, and absolute
 *   path of its source
 */
export async function packageFiles(target) {
  const own = await listFiles({ cwd: root, packageManager: PackageManager.None });
  const files = own.map((file) => ({ file, from: path.join(root, file) }));
  return target === undefined ? files : [...files, ...(await dawnFiles(target))];
}

/** The npm package `webgpu` with the binaries of one platform. @param {Target} target */
async function dawnFiles(target) {
  const webgpu = path.dirname(
    createRequire(path.join(root, 'package.json')).resolve('webgpu/package.json'),
  );
  const binaries = `dist/${binaryFolders[target]}`;
  const names = [
    ...['package.json', 'index.js', 'LICENSE.md'],
    ...(await readdir(path.join(webgpu, binaries))).map((name) => `${binaries}/${name}`),
  ];
  return names.map((name) => ({ file: `dist/dawn/${name}`, from: path.join(webgpu, name) }));
}

/**
 * Lays a package's files out in a folder, as they will be in it.
 *
 * @param {string} folder
 * @param {readonly { file: string, from: string }[]} files
 */
export async function stage(folder, files) {
  for (const { file, from } of files) {
    const to = path.join(folder, file);
    await mkdir(path.dirname(to), { recursive: true });
    const change = changes[file];
    if (change) await writeFile(to, change(await readFile(from, 'utf8')));
    else await cp(from, to);
  }
}

/** Files that a package holds in another form. @type {Record<string, (text: string) => string>} */
const changes = {
  'package.json': shippedManifest,
  'README.md': withoutLocalLinks,
};

/** @param {string} text */
function shippedManifest(text) {
  const manifest = JSON.parse(text);
  for (const key of ['private', 'scripts', 'files', 'bin', 'devDependencies']) delete manifest[key];
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Links to and pictures from the repository would lead nowhere in a package. @param {string} text */
function withoutLocalLinks(text) {
  const noPictures = text.replace(/!\[[^\]]*\]\((?!https?:)[^)]*\)\n*/g, '');
  return noPictures.replace(/\[([^\]]+)\]\((?!https?:|#)[^)]*\)/g, '$1');
}
