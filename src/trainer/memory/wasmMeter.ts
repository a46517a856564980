import { Ledger, type MemoryMeter } from './memoryMeter';

/** What is needed of the Emscripten module that tfjs-backend-wasm loads. */
export interface WasmModule {
  _malloc(bytes: number): number;
  _free(offset: number): void;
  /** The whole heap; another array after each growth. */
  readonly HEAPU8: { readonly length: number };
}

/** What Emscripten lets a heap of 32-bit addresses grow to: 4 GiB less one page. */
export const largestHeapBytes = 2 ** 32 - 2 ** 16;

/** The heap of a WASM module, and whether it ever refused to grow. */
interface WasmHeap {
  /** True once the heap could not grow as far as an allocation needed. */
  exhausted(): boolean;
}

/**
 * Meters a WASM module's own allocator. When `_malloc` returns 0, tfjs would carry on and write to
 * address 0, over live tensors; and near 4 GiB this allocator has been seen to wrap around and
 * return an address beyond the heap. Here both throw, and so does everything after: a module that
 * ran out of memory is never computed with again.
 */
export function meterWasm(module: WasmModule, heap: WasmHeap): MemoryMeter {
  // Emscripten's stub replaces itself on its first call, and would take our wrapper away with it.
  module._free(module._malloc(1));
  const allocate = module._malloc.bind(module);
  const free = module._free.bind(module);
  const ledger = new WasmLedger(module, heap);

  module._malloc = (bytes) => {
    ledger.check();
    ledger.require(bytes);
    const offset = allocate(bytes);
    const beyond = (offset >>> 0) + bytes > module.HEAPU8.length;
    if ((offset === 0 && bytes > 0) || beyond) ledger.fail(bytes);
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
  readonly #module: WasmModule;
  readonly #heap: WasmHeap;

  constructor(module: WasmModule, heap: WasmHeap) {
    super();
    this.#module = module;
    this.#heap = heap;
  }

  override exhausted(): boolean {
    return super.exhausted() || this.#heapIsExhausted();
  }

  override check(): void {
    super.check();
    if (this.#heapIsExhausted()) this.fail(0);
  }

  /**
   * An allocation that failed inside a kernel is not reported: only the heap shows it. One that has grown
   * to its end counts as exhausted, because there such an allocation could wrap around unseen.
   */
  #heapIsExhausted(): boolean {
    return this.#heap.exhausted() || this.#module.HEAPU8.length >= largestHeapBytes;
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
