import { Ledger, OutOfMemoryError } from './memoryMeter';

/** What is needed of a WebGPU device. */
type BufferDevice = Pick<GPUDevice, 'createBuffer'> & {
  readonly limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>;
};

/** One buffer larger than the device allows any to be; the device itself is as good as before. */
class BufferTooLargeError extends OutOfMemoryError {
  constructor(requestedBytes: number, liveBytes: number, largestBytes: number) {
    super(requestedBytes, liveBytes, largestBytes);
    this.message = `One tensor needs a buffer of ${requestedBytes} bytes; this device allows ${largestBytes} at most.`;
  }
}

/** The device reported an error that is not about memory, or was lost: nothing on it counts any more. */
class DeviceFaultError extends Error {
  override readonly name = 'DeviceFaultError';
}

/**
 * The buffers of a WebGPU device, kept for reuse by size and usage: takes the place of tfjs's own
 * BufferManager, whose interface it has, and meters it. Live bytes are those of buffers in use by
 * tensors, uniforms and transfers; what is kept for reuse besides is given back to the device
 * before the limit, or the ceiling of the device, is exceeded, so it never costs a batch size.
 *
 * The device reports failures late and elsewhere (`uncapturederror`, `lost`): they are passed here
 * by `deviceFailed`, and thrown by every later check.
 */
export class GpuBuffers extends Ledger<GPUBuffer> {
  readonly #device: BufferDevice;
  readonly #flush: () => void;
  readonly #free = new Map<string, GPUBuffer[]>();
  #pooled = 0;
  #ceiling = Infinity;
  #ownLimit: number | null = null;
  #fault: DeviceFaultError | null = null;

  /**
   * @param flush submits the commands that wait: tfjs gives a tensor's buffer back only once the
   *   last command that reads it was submitted
   */
  constructor(device: BufferDevice, flush: () => void) {
    super();
    this.#device = device;
    this.#flush = flush;
  }

  /** Bytes in use, after what was disposed of has come back. */
  override liveBytes(): number {
    this.#flush();
    return super.liveBytes();
  }

  /** Bytes of buffers that wait for reuse. */
  get pooledBytes(): number {
    return this.#pooled;
  }

  /** Bytes beyond which nothing is kept for reuse; null where the device's memory is not known. */
  setCeiling(bytes: number | null): void {
    this.#ceiling = bytes ?? Infinity;
  }

  override setLimit(bytes: number | null): void {
    super.setLimit(bytes);
    this.#ownLimit = bytes;
  }

  override check(): void {
    super.check();
    if (this.#fault) throw this.#fault;
  }

  /** Takes an error of the device; the first one counts, since later ones are its consequences. */
  deviceFailed(message: string, outOfMemory: boolean): void {
    if (this.exhausted() || this.#fault) return;
    if (outOfMemory) this.recordFailure(new OutOfMemoryError(0, super.liveBytes(), null, message));
    else this.#fault = new DeviceFaultError(message);
  }

  acquireBuffer(
    size: number,
    usage: GPUBufferUsageFlags,
    mappedAtCreation = false,
    reuse = true,
  ): GPUBuffer {
    this.check();
    this.require(size);
    const pool = reuse ? this.#free.get(keyOf(size, usage)) : undefined;
    const kept = pool?.pop();
    if (kept) this.#pooled -= size;
    const buffer = kept ?? this.#create(size, usage, mappedAtCreation);
    this.allocated(buffer, size);
    return buffer;
  }

  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    this.freed(buffer);
    if (!reuse) {
      buffer.destroy();
      return;
    }
    const key = keyOf(buffer.size, buffer.usage);
    const pool = this.#free.get(key);
    if (pool) pool.push(buffer);
    else this.#free.set(key, [buffer]);
    this.#pooled += buffer.size;
  }

  /** Destroys what waits for reuse. */
  trim(): void {
    for (const pool of this.#free.values()) for (const buffer of pool) buffer.destroy();
    this.#free.clear();
    this.#pooled = 0;
  }

  dispose(): void {
    this.trim();
  }

  /** What tfjs's `tf.memory()` reads. */
  get numBytesUsed(): number {
    return super.liveBytes();
  }

  get numBytesAllocated(): number {
    return super.liveBytes() + this.#pooled;
  }

  #create(size: number, usage: GPUBufferUsageFlags, mappedAtCreation: boolean): GPUBuffer {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const isStorage = (usage & GPUBufferUsage.STORAGE) !== 0;
    const largest = isStorage
      ? Math.min(maxBufferSize, maxStorageBufferBindingSize)
      : maxBufferSize;
    if (size > largest) throw new BufferTooLargeError(size, super.liveBytes(), largest);
    const bound = Math.min(this.#ownLimit ?? Infinity, this.#ceiling);
    if (this.numBytesAllocated + size > bound) this.trim();
    try {
      return this.#device.createBuffer({ size, usage, mappedAtCreation });
    } catch (error) {
      // Only buffers that are mapped from the start fail at once: RangeError, in place of an event.
      if (error instanceof RangeError) this.fail(size);
      throw error;
    }
  }
}

function keyOf(size: number, usage: GPUBufferUsageFlags): string {
  return `${size} ${usage}`;
}
