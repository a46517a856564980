/** Counts the bytes that a device holds, as its allocator sees them. */
export interface MemoryMeter {
  /** Bytes held now. */
  liveBytes(): number;
  /** The most bytes held at once since `resetPeak`. */
  peakBytes(): number;
  /** Resets the peak to what is held now. */
  resetPeak(): void;
  /** Allocations beyond this many live bytes throw an OutOfMemoryError; null for no limit. */
  setLimit(bytes: number | null): void;
  /** True once the device itself had no more: nothing computed since then can be trusted. */
  exhausted(): boolean;
  /** Throws an OutOfMemoryError when exhausted. */
  check(): void;
}

/** An allocation was refused: by our limit, or by the device itself. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';

  constructor(
    readonly requestedBytes: number,
    readonly liveBytes: number,
    /** The limit that refused it; null when the device itself had no more. */
    readonly limitBytes: number | null,
    /** What the device said, in place of our own words. */
    message?: string,
  ) {
    super(
      message !== undefined
        ? message
        : limitBytes === null
          ? `The device refused ${requestedBytes} more bytes while it held ${liveBytes}.`
          : `${requestedBytes} more bytes than the ${liveBytes} held would exceed the limit of ${limitBytes}.`,
    );
  }
}

/** The arithmetic that all meters share: allocations by key, live bytes, peak and limit. */
export class Ledger<Key> implements MemoryMeter {
  readonly #sizes = new Map<Key, number>();
  #live = 0;
  #peak = 0;
  #limit: number | null = null;
  #failure: OutOfMemoryError | null = null;

  liveBytes(): number {
    return this.#live;
  }

  peakBytes(): number {
    return this.#peak;
  }

  resetPeak(): void {
    this.#peak = this.#live;
  }

  setLimit(bytes: number | null): void {
    this.#limit = bytes;
  }

  exhausted(): boolean {
    return this.#failure !== null;
  }

  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** The device refused so many bytes: from now on every check throws. */
  fail(bytes: number): never {
    const failure = new OutOfMemoryError(bytes, this.#live, null);
    this.recordFailure(failure);
    throw failure;
  }

  /** The device reported that it has no more memory, outside of any pending call. */
  protected recordFailure(failure: OutOfMemoryError): void {
    this.#failure = failure;
  }

  /** Throws an OutOfMemoryError when so many more bytes would exceed the limit. */
  require(bytes: number): void {
    if (this.#limit !== null && this.#live + bytes > this.#limit) {
      throw new OutOfMemoryError(bytes, this.#live, this.#limit);
    }
  }

  allocated(key: Key, bytes: number): void {
    this.#live += bytes - (this.#sizes.get(key) ?? 0);
    this.#sizes.set(key, bytes);
    this.#peak = Math.max(this.#peak, this.#live);
  }

  freed(key: Key): void {
    this.#live -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
  }
}
