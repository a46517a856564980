import { fail, ok, render, type Result } from '../../core/problem';
import type { BackendInfo, BackendName } from '../../core/result';
import type { Backend, Device } from './backend';
import type { Workspace } from './nativePackage';

export interface Selected {
  readonly device: Device;
  readonly info: BackendInfo;
}

/**
 * Loads the named backend, or with `auto` the first of `backends` that loads. The result names
 * every backend that was passed over with its reason.
 */
export async function selectBackend(
  wanted: BackendName | 'auto',
  backends: readonly Backend[],
  workspace: Workspace | null = null,
): Promise<Result<Selected>> {
  const candidates = wanted === 'auto' ? backends : backends.filter(({ name }) => name === wanted);
  const skipped: BackendInfo['skipped'] = [];
  for (const backend of candidates) {
    const loaded = await backend.load(workspace);
    if (loaded.ok) {
      const device = loaded.value;
      return ok({ device, info: { ...device.info, skipped } });
    }
    if (wanted !== 'auto') return loaded;
    const { reason: id, values } = loaded.problem;
    skipped.push({
      name: backend.name,
      why: { id, values: { ...values }, text: render({ id, values }) },
    });
  }
  return fail(candidates.length === 0 ? 'backendUnknown' : 'backendNone', { backend: wanted });
}
