import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The licences of every package that a build put into its outputs, as a text to ship with them.
 * Throws when one names no licence: that must be settled before anything is shipped.
 *
 * @param {Iterable<string>} inputs files that were bundled, relative to the project's folder
 * @returns {string}
 */
export function thirdPartyNotices(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const folder = packageFolder(input);
    if (folder !== undefined) folders.add(folder);
  }
  const notices = [...folders].map(notice).sort((one, other) => (one < other ? -1 : 1));
  return `Batchwise contains the following software.\n\n${[...new Set(notices)].join('\n')}`;
}

/**
 * @param {string} input such as `node_modules/@scope/name/lib/file.js`, also nested
 * @returns {string | undefined} `node_modules/@scope/name`
 */
function packageFolder(input) {
  return /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
}

/** @param {string} folder of a package */
function notice(folder) {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest;
  if (typeof license !== 'string')
    throw new Error(`${folder} names no licence in its package.json.`);
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
  const author = typeof manifest.author === 'string' ? manifest.author : manifest.author?.name;
  const heading = `${name} ${version} (${license})`;
  const body =
    texts.length > 0
      ? texts.join('\n\n')
      : [`Licence: ${license}`, author].filter(Boolean).join('\n');
  return `${'='.repeat(80)}\n${heading}\n${'='.repeat(80)}\n\n${body}\n`;
}
