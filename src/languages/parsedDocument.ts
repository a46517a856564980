import type { Findings } from './site';

/** A replacement in a document: offsets before the edit, and the length of what took its place. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly inserted: number;
}

/** How a document's text becomes findings, a little at a time. */
export interface DocumentParser {
  /**
   * Takes the new text and the edits that led to it since the last call (several of one change
   * event have offsets into the text before the event, as VS Code gives them). Cheap: nothing is parsed.
   */
  update(text: string, edits: readonly Edit[]): void;
  /** Works for at most about `milliseconds`; true when the text is parsed and searched. */
  work(milliseconds: number): boolean;
  /** The findings of the current text; null until `work` returned true for it. */
  readonly findings: Findings | null;
}

/** Gives way to other work; the host's `setImmediate`, or a test's own. */
export type Yield = () => Promise<void>;
