import { readFileSync } from 'node:fs';
import { Module, createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from 'sucrase';
import { fail, ok, type Place, type Result } from '../core/text/problem';
import { firstLine } from '../core/text/errorText';
import { told } from './running';

const typescript = new Set(['.ts', '.mts', '.cts']);
const javascript = new Set(['.js', '.mjs', '.cjs']);

/**
 * Loads a module of the workspace and returns its exports. This runs its code: callers check trust.
 * TypeScript has its types stripped and is loaded as CommonJS, since Node 20 cannot strip types;
 * so it may import other .ts files and packages with `import`, but not use top-level await.
 * @param file absolute path
 * @param place where the config names it
 */
export async function loadModule(
  file: string,
  place: Place,
): Promise<Result<Readonly<Record<string, unknown>>>> {
  const extension = path.extname(file).toLowerCase();
  const values = { path: path.basename(file) };
  try {
    if (javascript.has(extension)) {
      // The query makes Node read a changed file again.
      const url = `${pathToFileURL(file).href}?${Date.now().toString(36)}`;
      return ok(exportsOf(await told({ kind: 'module', file, call: 'import' }, () => import(url))));
    }
    if (typescript.has(extension)) {
      return ok(
        exportsOf(await told({ kind: 'module', file, call: 'import' }, () => loadTypescript(file))),
      );
    }
    return fail(extension === '.py' ? 'modelIsPython' : 'moduleExtension', values, place);
  } catch (error) {
    return fail('moduleLoadFailed', { ...values, cause: firstLine(error) }, place);
  }
}

/** A function that a module exports by name, or as a property of its default export. */
export function exportedFunction(
  exported: Readonly<Record<string, unknown>>,
  name: string,
  file: string,
  place: Place,
): Result<(...values: readonly unknown[]) => Promise<unknown>> {
  const found = exported[name];
  if (isFunction(found)) {
    return ok((...values) =>
      told({ kind: 'module', file, call: `${name}()` }, () => found(...values)),
    );
  }
  const names = Object.keys(exported).filter((each) => each !== 'module.exports');
  const values = { path: path.basename(file), name, found: names.join(', ') || 'nothing' };
  return fail('moduleNoExport', values, place);
}

function isFunction(value: unknown): value is (...values: readonly unknown[]) => unknown {
  return typeof value === 'function';
}

/** Named exports, with those of a CommonJS module's or default export's object beside them. */
function exportsOf(loaded: unknown): Record<string, unknown> {
  if (typeof loaded !== 'object' || loaded === null) return {};
  const named = { ...loaded } as Record<string, unknown>;
  const inner = named.default;
  return typeof inner === 'object' && inner !== null
    ? { ...(inner as Record<string, unknown>), ...named }
    : named;
}

function stripTypes(source: string, file: string): string {
  return transform(source, {
    transforms: ['typescript', 'imports'],
    preserveDynamicImport: true,
    filePath: file,
  }).code;
}

/** Node's undocumented table of loaders for `require`, by file extension. */
interface RequireExtensions {
  _extensions: Record<string, (module: CompilableModule, file: string) => void>;
}

interface CompilableModule {
  exports: unknown;
  _compile(code: string, file: string): void;
}

function loadTypescript(file: string): unknown {
  const require = createRequire(file);
  const extensions = (Module as unknown as RequireExtensions)._extensions;
  for (const extension of typescript) {
    extensions[extension] = (module, path) => {
      module._compile(stripTypes(readFileSync(path, 'utf8'), path), path);
    };
  }
  try {
    Reflect.deleteProperty(require.cache, file);
    return require(file) as unknown;
  } finally {
    for (const extension of typescript) Reflect.deleteProperty(extensions, extension);
  }
}
