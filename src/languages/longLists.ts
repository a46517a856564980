import type { PartialParse, Tree } from '@lezer/common';

/** Lezer's own limit; see below. */
const limit = 300;
/** How often it is postponed: 2,400 levels still fit the stack of an editor's process. */
const mostExtensions = 8;

/**
 * A parse that takes long lists of statements. Lezer takes 300 big reductions that start at one place
 * for left-associative nesting, which could exhaust the stack, and closes everything that is open
 * there (https://github.com/lezer-parser/lr/blob/main/src/parse.ts, `bigReductionCount`); a block of
 * 300 functions reduces its list just so, and everything after them would leave the block.
 */
export class LongListParse {
  readonly #parse: PartialParse;
  #extensions = 0;
  #start = -1;

  constructor(parse: PartialParse) {
    this.#parse = parse;
  }

  get parsedPos(): number {
    return this.#parse.parsedPos;
  }

  advance(): Tree | null {
    const counts: PartialParse & Counts = this.#parse;
    if (counts.bigReductionCount === limit) this.#extend(counts);
    return this.#parse.advance();
  }

  #extend(counts: Counts): void {
    const { lastBigReductionStart: start = -1 } = counts;
    if (start !== this.#start) this.#extensions = 0;
    this.#start = start;
    if (this.#extensions >= mostExtensions) return;
    this.#extensions++;
    counts.bigReductionCount = 0;
  }
}

interface Counts {
  bigReductionCount?: number;
  readonly lastBigReductionStart?: number;
}
