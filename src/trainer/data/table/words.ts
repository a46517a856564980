import type { WordRule } from '../../../core/model/topology/textLookup';

/** As Keras' TextVectorization has it: 0 fills up, 1 is a word that the vocabulary lacks. */
export const usualWords: WordRule = {
  standardize: 'lower_and_strip_punctuation',
  splits: true,
  first: 2,
  unknown: 1,
};

/** The words of a text. */
export function wordsOf(text: string, { standardize, splits } = usualWords): string[] {
  const lower = standardize.startsWith('lower') ? text.toLowerCase() : text;
  const bare = standardize.endsWith('punctuation') ? lower.replace(/[!-/:-@[-`{-~]/g, '') : lower;
  return splits ? bare.split(/\s+/).filter((word) => word !== '') : [bare];
}

/** More words are not counted at once: those seen least are forgotten then. */
const mostWords = 2 ** 18;
/** Longer texts count as so long. */
const longest = 4096;
/** The share of texts that are not cut. */
const uncut = 0.95;

/** Counts the words of a column of texts, in bounded memory. */
export class WordCounts {
  #times = new Map<string, number>();
  readonly #lengths = new Uint32Array(longest + 1);
  #texts = 0;

  add(text: string): void {
    const words = wordsOf(text);
    const length = Math.min(longest, words.length);
    this.#lengths[length] = (this.#lengths[length] ?? 0) + 1;
    this.#texts++;
    for (const word of words) this.#times.set(word, (this.#times.get(word) ?? 0) + 1);
    for (let least = 1; this.#times.size > mostWords; least++)
      this.#times = new Map([...this.#times].filter(([, times]) => times > least));
  }

  /** The most frequent words, at most so many; of equally frequent ones the first in the alphabet. */
  vocabulary(size: number): string[] {
    return [...this.#times]
      .sort(([one, times], [other, others]) => others - times || (one < other ? -1 : 1))
      .slice(0, Math.max(0, size - usualWords.first))
      .map(([word]) => word);
  }

  /** So many words that most texts are not cut. */
  get usualLength(): number {
    let texts = 0;
    const length = this.#lengths.findIndex((count) => (texts += count) >= uncut * this.#texts);
    return Math.max(1, length);
  }
}
