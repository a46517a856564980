import type { Text } from './problem';
import type { BackendInfo } from './result';

/**
 * What a person should know where the measurement was taken on another engine than the one that
 * the workspace trains with: speeds belong to an engine. Null where they are the same, or the
 * workspace names none.
 */
export function otherEngineNote({ name, device, workspaceEngine }: BackendInfo): Text | null {
  if (!workspaceEngine || workspaceEngine.same) return null;
  return {
    id: 'otherEngine',
    values: { package: workspaceEngine.package, engine: workspaceEngine.engine, name, device },
  };
}
