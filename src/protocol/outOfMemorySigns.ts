import type { BackendName } from '../core/sweep/result';

/**
 * What running out of memory looks like, for each backend: the one table that the training process
 * (errors it catches) and the tuner (how a training process ended) judge by. `seen` names the test
 * that produced a sign for real, and says so where none has yet.
 */

type Where = BackendName | 'any';

interface Row {
  readonly backend: Where;
  /** What happens, for people. */
  readonly what: string;
  /** The test that caused it, as `file: name`, or null while it is known only from documentation. */
  readonly seen: string | null;
}

/** Words of an error that is caught, or of the last lines that a process wrote. */
interface MessageSign extends Row {
  readonly form: 'exception' | 'abort';
  readonly pattern: RegExp;
}

interface SignalSign extends Row {
  readonly form: 'signal';
  readonly signal: string;
}

interface ExitCodeSign extends Row {
  readonly form: 'exit code';
  readonly exitCode: number;
}

type OutOfMemorySign = MessageSign | SignalSign | ExitCodeSign;

const webgpuTest = 'test/process/webgpu.test.ts';
const limitsTest = 'test/process/memoryLimits.test.ts';
const rarerTest = 'test/process/outOfMemory.test.ts';

export const outOfMemorySigns: readonly OutOfMemorySign[] = [
  {
    backend: 'any',
    form: 'exception',
    what: 'V8 refuses an ArrayBuffer or a typed array (RangeError)',
    pattern: /array buffer allocation failed|invalid (typed )?array length/i,
    seen: `${limitsTest}: shows as an array that the system refuses`,
  },
  {
    backend: 'any',
    form: 'abort',
    what: 'V8 ends the process when its own heap is full',
    pattern: /heap out of memory|allocation failed.*process out of memory/i,
    seen: `${limitsTest}: by a JavaScript heap that is full is an abort that says so`,
  },
  {
    backend: 'any',
    form: 'abort',
    what: 'C++ in Node or an addon finds no memory and nothing catches it',
    pattern: /bad_alloc/i,
    seen: `${rarerTest}: ends a process whose C++ code finds no memory`,
  },
  {
    backend: 'any',
    form: 'exception',
    what: 'the system refuses memory (errno ENOMEM)',
    pattern: /cannot allocate memory|not enough memory/i,
    seen: null,
  },
  {
    backend: 'any',
    form: 'signal',
    what: "the kernel's or a container's out-of-memory killer",
    signal: 'SIGKILL',
    seen: `${limitsTest}: by a process that is killed counts as out of memory`,
  },
  {
    backend: 'any',
    form: 'signal',
    what: 'abort() by V8 or by C++ without memory',
    signal: 'SIGABRT',
    seen: `${limitsTest}: by a JavaScript heap that is full is an abort that says so`,
  },
  {
    backend: 'any',
    form: 'exit code',
    what: '128 + SIGABRT, as shells report it; also abort() on Windows',
    exitCode: 134,
    seen: `${rarerTest}: reports %s as an exit code`,
  },
  {
    backend: 'any',
    form: 'exit code',
    what: '128 + SIGKILL, as shells and containers report it',
    exitCode: 137,
    seen: `${rarerTest}: reports %s as an exit code`,
  },
  {
    backend: 'any',
    form: 'exit code',
    what: 'Windows: STATUS_NO_MEMORY',
    exitCode: 0xc0000017,
    seen: null,
  },
  {
    backend: 'any',
    form: 'exit code',
    what: 'Windows: STATUS_COMMITMENT_LIMIT',
    exitCode: 0xc000012d,
    seen: null,
  },
  {
    backend: 'any',
    form: 'exit code',
    what: "Windows: V8's own out-of-memory exception",
    exitCode: 0xe0000008,
    seen: null,
  },
  {
    backend: 'wasm',
    form: 'exception',
    what: '_malloc returns 0 or an address beyond the heap, which the meter turns into an error',
    pattern: /the device refused \d+ more bytes/i,
    seen: `${limitsTest}: ends a trial on WASM cleanly`,
  },
  {
    backend: 'wasm',
    form: 'exception',
    what: 'a kernel writes beyond a heap that could not grow (RuntimeError)',
    pattern: /memory access out of bounds/i,
    seen: null,
  },
  {
    backend: 'wasm',
    form: 'exception',
    what: 'the system refuses the heap itself (RangeError), at the start',
    pattern: /webassembly\.(memory|instantiate)\(\): (could not allocate memory|out of memory)/i,
    seen: `${rarerTest}: of addresses refuses WASM its heap, which says that it is memory`,
  },
  {
    backend: 'wasm',
    form: 'abort',
    what: 'Emscripten gives up where its heap may not grow',
    pattern: /cannot enlarge memory|aborted\(oom\)/i,
    seen: null,
  },
  {
    backend: 'webgpu',
    form: 'exception',
    what: 'a buffer above the limits of the device, refused before it is asked for',
    pattern: /needs a buffer of \d+ bytes; this device allows/i,
    seen: `${webgpuTest}: calls a batch too large for one buffer out of memory`,
  },
  {
    backend: 'webgpu',
    form: 'exception',
    what: 'GPUOutOfMemoryError, reported by the event uncapturederror',
    pattern: /gpuoutofmemoryerror|out of memory/i,
    seen: `${webgpuTest}: calls memory that the driver refuses out of memory`,
  },
  {
    backend: 'webgpu',
    form: 'exception',
    what: 'a buffer mapped from the start is refused (RangeError)',
    pattern: /is too large for the implementation when mappedAtCreation/i,
    seen: null,
  },
  {
    backend: 'webgpu',
    form: 'exception',
    what: 'the driver refuses memory, or drops the device, and names the cause (Vulkan)',
    pattern: /VK_ERROR_OUT_OF_(DEVICE|HOST)_MEMORY/,
    seen: `${webgpuTest}: calls memory that the driver refuses out of memory`,
  },
  {
    backend: 'webgpu',
    form: 'exception',
    what: 'the driver drops the device and names the cause (Direct3D 12)',
    pattern: /E_OUTOFMEMORY|0x8007000e/i,
    seen: null,
  },
  {
    backend: 'tensorflow',
    form: 'exception',
    what: 'an operation finds no memory (RESOURCE_EXHAUSTED)',
    pattern: /oom when allocating|resource_?\s?exhausted|ran out of memory/i,
    seen: 'test/process/native.test.ts: reports an operation that finds no memory as out of memory',
  },
  {
    backend: 'tensorflow',
    form: 'exception',
    what: 'CUDA finds no memory',
    pattern: /CUDA_ERROR_OUT_OF_MEMORY|CUDNN_STATUS_ALLOC_FAILED|CUBLAS_STATUS_ALLOC_FAILED/,
    seen: null,
  },
];

/** True when these words, of a caught error or of a process's last lines, say that memory ran out. */
export function saysOutOfMemory(words: string): boolean {
  return outOfMemorySigns.some((sign) => 'pattern' in sign && sign.pattern.test(words));
}

/** True when a process ends in this way where memory ran out. */
export function endsOutOfMemory(exitCode: number | null, signal: string | null): boolean {
  return outOfMemorySigns.some(
    (sign) =>
      (sign.form === 'signal' && sign.signal === signal) ||
      (sign.form === 'exit code' && sign.exitCode === exitCode),
  );
}
