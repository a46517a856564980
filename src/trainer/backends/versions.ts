import { version_core } from '@tensorflow/tfjs-core';
import { cpus } from 'node:os';

export function versions(): Record<string, string> {
  return { tfjs: version_core, node: process.versions.node };
}

/** The processor's own name, for backends that compute on it. */
export function processorName(): string {
  return cpus()[0]?.model.trim() ?? process.arch;
}
