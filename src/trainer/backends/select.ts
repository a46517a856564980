import { inOrderOf, workspaceEngine } from '../../config/workspaceEngine';
import { fail, ok, render, type Result } from '../../core/text/problem';
import type { BackendInfo, BackendName } from '../../core/sweep/result';
import type { Backend, Device } from './backend';
import type { Workspace } from './nativePackage';

export interface Selected {
  readonly device: Device;
  readonly info: BackendInfo;
}

/**
 * Loads the named backend, or with `auto` the first that loads: the engine that the workspace
 * itself trains with, then `backends` in their order (`backendNames`), where a GPU emulated in software never
 * counts. The result names every backend that was passed over with its reason, and the workspace's
 * engine where it names one.
 */
export async function selectBackend(
  wanted: BackendName | 'auto',
  backends: readonly Backend[],
  workspace: Workspace | null = null,
): Promise<Result<Selected>> {
  const auto = wanted === 'auto';
  const engine = workspace && workspaceEngine(workspace);
  const candidates = auto
    ? inOrderOf(backends, engine)
    : backends.filter(({ name }) => name === wanted);
  const skipped: BackendInfo['skipped'] = [];
  for (const backend of candidates) {
    const loaded = await backend.load(workspace, !auto);
    if (loaded.ok) {
      const device = loaded.value;
      const own = engine && { ...engine, same: engine.engine === device.info.name };
      return ok({ device, info: { ...device.info, workspaceEngine: own, skipped } });
    }
    if (!auto) return loaded;
    const { reason: id, values } = loaded.problem;
    skipped.push({
      name: backend.name,
      why: { id, values: { ...values }, text: render({ id, values }) },
    });
  }
  return fail(candidates.length === 0 ? 'backendUnknown' : 'backendNone', { backend: wanted });
}
