/** The words of a text: lower case, without punctuation, as Keras' TextVectorization has them. */
export function wordsOf(text: string): string[] {
  const bare = text.toLowerCase().replace(/[!-/:-@[-`{-~]/g, '');
  return bare.split(/\s+/).filter((word) => word !== '');
}

/** More words are not counted at once: those seen least are forgotten then. */
const mostWords = 2 ** 18;
/** Longer texts count as so long. */
const longest = 4096;
/** The share of texts that are not cut. */
const uncut = 0.95;

/** Numbers of words: 0 fills up, 1 is a word that the vocabulary lacks. */
export const firstWord = 2;

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
      .slice(0, Math.max(0, size - firstWord))
      .map(([word]) => word);
  }

  /** So many words that most texts are not cut. */
  get usualLength(): number {
    let texts = 0;
    const length = this.#lengths.findIndex((count) => (texts += count) >= uncut * this.#texts);
    return Math.max(1, length);
  }
}
