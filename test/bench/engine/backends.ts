import path from 'node:path';
import type { Backend } from '../../../src/trainer/backends/backend';
import { cpuBackend } from '../../../src/trainer/backends/cpu';
import { tensorflowBackend } from '../../../src/trainer/backends/tensorflow';
import { wasmBackend } from '../../../src/trainer/backends/wasm';
import { webgpuBackend } from '../../../src/trainer/backends/webgpu';

export const wasmFolder = path.resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist');

/** The trainer's backends by name, as its worker has them. */
export function backendNamed(name: string): Backend {
  const found = [
    webgpuBackend(path.resolve('dist')),
    tensorflowBackend(),
    wasmBackend(wasmFolder),
    cpuBackend,
  ].find((backend) => backend.name === name);
  if (!found) throw new Error(`There is no backend ${name}.`);
  return found;
}
