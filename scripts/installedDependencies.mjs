import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Whether node_modules holds what package-lock.json asks for. npm keeps the tree that it installed
 * in `node_modules/.package-lock.json`; packages for other platforms are optional and absent there.
 *
 * @param {string} root the project's folder
 */
export function dependenciesInstalled(root) {
  const hidden = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const installed = packagesOf(hidden);
  return Object.entries(wanted).every(([location, { version, optional }]) => {
    if (location === '') return true;
    const found = installed[location];
    return found ? found.version === version : optional === true;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}
