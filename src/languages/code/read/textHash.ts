/**
 * A hash of 53 bits over UTF-16 code units, by which parts of a text are known again: two
 * multiplicative hashes side by side, so that a file's thousands of parts never meet by chance.
 */
export class TextHash {
  #low = 0xdeadbeef | 0;
  #high = 0x41c6ce57 | 0;

  text(text: string, from: number, to: number): this {
    let low = this.#low;
    let high = this.#high;
    for (let i = from; i < to; i++) {
      const code = text.charCodeAt(i);
      low = Math.imul(low ^ code, 0x9e3779b1);
      high = Math.imul(high ^ code, 0x5f356495);
      low ^= low >>> 15;
      high ^= high >>> 13;
    }
    this.#low = low;
    this.#high = high;
    return this;
  }

  number(value: number): this {
    this.#low = Math.imul(this.#low ^ value, 0x85ebca6b);
    this.#high = Math.imul(this.#high ^ value, 0xc2b2ae35);
    this.#low ^= this.#low >>> 16;
    this.#high ^= this.#high >>> 13;
    return this;
  }

  get value(): number {
    return (this.#high & 0x1fffff) * 2 ** 32 + (this.#low >>> 0);
  }
}
