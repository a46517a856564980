import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What `dist/` is made from. */
const inputs = [
  'src',
  'webview',
  'test/integration',
  'esbuild.mjs',
  'package.json',
  'package-lock.json',
];

const stampFile = path.join('dist', '.buildStamp');

/**
 * A digest of the path, size and time of every file that the build reads.
 *
 * @param {string} root the project's folder
 */
export function inputDigest(root) {
  const digest = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesBelow(path.join(root, input))) {
      const { size, mtimeMs } = statSync(file);
      digest.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
    }
  }
  return digest.digest('hex');
}

/**
 * Notes in `dist/` which inputs it was made from. Written last, so that a build cut off is not current.
 *
 * @param {string} root
 * @param {string} digest taken before the build began
 */
export function writeBuildStamp(root, digest) {
  writeFileSync(path.join(root, stampFile), digest);
}

/**
 * Whether `dist/` was made from the files as they are now.
 *
 * @param {string} root
 */
export function buildIsCurrent(root) {
  const file = path.join(root, stampFile);
  return existsSync(file) && readFileSync(file, 'utf8') === inputDigest(root);
}

/**
 * @param {string} location a file, a folder, or nothing
 * @returns {string[]}
 */
function filesBelow(location) {
  if (!existsSync(location)) return [];
  if (statSync(location).isFile()) return [location];
  return readdirSync(location, { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => filesBelow(path.join(location, entry.name)));
}
