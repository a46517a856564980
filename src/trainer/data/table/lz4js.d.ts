declare module 'lz4js' {
  /**
   * Unpacks a block of `length` bytes from `start` on, to `target` from `filled` on; what lies beyond
   * its end is lost. @returns where the next block goes
   */
  export function decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    start: number,
    length: number,
    filled: number,
  ): number;
}
