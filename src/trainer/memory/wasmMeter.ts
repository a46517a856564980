import { Ledger, type MemoryMeter } from './memoryMeter';

/** What is needed of the Emscripten module that tfjs-backend-wasm loads. */
export interface WasmModule {
  _malloc(bytes: number): number;
  _free(offset: number): void;
}

/** The heap of a WASM module, and whether it ever refused to grow. */
export interface WasmHeap {
  /** True once the heap could not grow as far as an allocation needed. */
  exhausted(): boolean;
}

/**
 * Meters a WASM module's own allocator. When `_malloc` returns 0, tfjs would carry on and write to
 * address 0, over live tensors; here it throws, and so does everything after it: a module that ran
 * out of memory is never computed with again.
 */
export function meterWasm(module: WasmModule, heap: WasmHeap): MemoryMeter {
  // Emscripten's stub replaces itself on its first call, and would take our wrapper away with it.
  module._free(module._malloc(1));
  const allocate = module._malloc.bind(module);
  const free = module._free.bind(module);
  const ledger = new WasmLedger(heap);

  module._malloc = (bytes) => {
    ledger.check();
    ledger.require(bytes);
    const offset = allocate(bytes);
    if (offset === 0 && bytes > 0) ledger.fail(bytes);
    ledger.allocated(offset >>> 0, bytes);
    return offset;
  };
  module._free = (offset) => {
    ledger.freed(offset >>> 0);
    free(offset);
  };
  return ledger;
}

class WasmLedger extends Ledger<number> {
  constructor(private readonly heap: WasmHeap) {
    super();
  }

  override exhausted(): boolean {
    return super.exhausted() || this.heap.exhausted();
  }

  /** An allocation inside a kernel that failed says nothing: only the heap knows. */
  override check(): void {
    super.check();
    if (this.heap.exhausted()) this.fail(0);
  }
}

/**
 * Watches the heap growth of WASM modules instantiated during `load`. Emscripten asks for growth
 * through one import; its answer 0 means that some allocation, in JavaScript or inside a kernel,
 * has failed.
 */
export async function watchHeap<T>(load: () => Promise<T>): Promise<{ loaded: T; heap: WasmHeap }> {
  let exhausted = false;
  const instantiate = WebAssembly.instantiate;
  const watched = (source: BufferSource, imports?: WebAssembly.Imports) => {
    for (const functions of Object.values(imports ?? {})) {
      const grow = functions['emscripten_resize_heap'];
      if (typeof grow !== 'function') continue;
      functions['emscripten_resize_heap'] = (bytes: number) => {
        const grown: unknown = (grow as (bytes: number) => unknown)(bytes);
        if (!grown) exhausted = true;
        return grown;
      };
    }
    return instantiate(source, imports);
  };
  WebAssembly.instantiate = watched as typeof WebAssembly.instantiate;
  try {
    return { loaded: await load(), heap: { exhausted: () => exhausted } };
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}
