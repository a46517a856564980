import * as tf from '@tensorflow/tfjs-core';
import { BackendWasm, setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { withoutMargin } from '../../config/memoryMargin';
import { fail, ok } from '../../core/text/problem';
import { registerWasmKernels } from '../kernels/registerWasmKernels';
import { captureMemory, Simd, type SimdBackend } from '../kernels/simd/simd';
import { availableProcessBytes, processMemory } from '../memory/processMemory';
import { largestHeapBytes, meterWasm, watchHeap, type WasmModule } from '../memory/wasmMeter';
import type { Backend } from './backend';
import { processorName, versions } from './versions';
import { causeOf } from '../../core/text/errorText';

/** Left for what kernels allocate inside, which the meter does not see, and for fragmentation. */
const heapMargin = 0.2;

/** WebAssembly with SIMD, with the kernels that training needs added to it. */
export function wasmBackend(folder: string): Backend {
  return {
    name: 'wasm',
    async load() {
      setWasmPaths(folder.endsWith('/') ? folder : `${folder}/`);
      const causes: string[] = [];
      const warn = console.warn;
      console.warn = (...parts: unknown[]) => void causes.push(parts.join(' '));
      try {
        const { loaded, memory, heap } = await loadModule();
        const backend = loaded ? tf.backend() : null;
        if (!(backend instanceof BackendWasm) || !memory) {
          return fail('backendFailed', { backend: 'wasm', cause: causes.join(' ') });
        }
        registerWasmKernels(new Simd(backend as unknown as SimdBackend, memory));
        const meter = meterWasm(backend.wasm as unknown as WasmModule, heap);
        return ok({
          info: {
            name: 'wasm',
            device: processorName(),
            software: false,
            versions: { ...versions(), wasm: version_wasm },
            memory: processMemory(),
          },
          meter,
          computesOnCallingThread: true,
          // Its own heap ends at 4 GiB, however much the process may have.
          availableBytes: (margin) => {
            const inHeap = withoutMargin(largestHeapBytes, { fraction: heapMargin });
            return Math.max(0, Math.min(availableProcessBytes(margin), inHeap - meter.liveBytes()));
          },
        });
      } catch (error) {
        const cause = causeOf(error);
        return fail('backendFailed', { backend: 'wasm', cause });
      } finally {
        console.warn = warn;
      }
    },
  };
}

async function loadModule() {
  const { loaded: captured, heap } = await watchHeap(() =>
    captureMemory(() => tf.setBackend('wasm')),
  );
  return { ...captured, heap };
}
