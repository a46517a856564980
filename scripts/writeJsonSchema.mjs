import { build } from 'esbuild';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Derives the config's JSON schema from src/config/schema.ts, its only source, and writes it.
 * @param {string} file
 */
export async function writeJsonSchema(file) {
  const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-schema-'));
  try {
    const bundle = path.join(folder, 'jsonSchema.mjs');
    await build({
      entryPoints: ['src/config/jsonSchema.ts'],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
    });
    const { configJsonSchema } = await import(pathToFileURL(bundle).href);
    await writeFile(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
