import { TreeFragment, type Parser, type Tree } from '@lezer/common';
import { LongListParse } from './longLists';

/** Characters whose tree is built in a fraction of a slice. */
const quicklyBuilt = 20_000;

/**
 * A parse whose tree is built a stage at a time. Lezer builds it in its last step, which would hold a
 * long text's slice for long: the parse stops here and there, and goes on from the tree so far, whose
 * statements it takes whole. From a mistake on the rest is one stage: no tree with mistakes is gone on
 * from. Python and YAML are parsed in one: stopped inside a block, their parsers take the next classes for
 * parts of it.
 */
export class StagedParse {
  readonly #parser: Parser;
  readonly #text: string;
  readonly #stage: number;
  #fragments: readonly TreeFragment[];
  #start = 0;
  #end: number;
  #parse: LongListParse;

  /**
   * @param fragments of a tree of most of the text, which is not built again; or none
   * @param stage characters of a stage
   */
  constructor(
    parser: Parser,
    text: string,
    fragments: readonly TreeFragment[],
    stage = quicklyBuilt,
  ) {
    this.#parser = parser;
    this.#text = text;
    this.#stage = stage;
    this.#fragments = fragments;
    const inOne = fragments.length > 0 || dependsOnIndentation(parser);
    this.#end = inOne ? text.length : this.#nextEnd();
    this.#parse = this.#begin();
  }

  /** Whether the next step may build the tree of a long text, in one go. */
  get buildsMuch(): boolean {
    return this.#end - this.#start > quicklyBuilt && this.#parse.parsedPos >= this.#end;
  }

  /** Parses a little further; the tree once all of the text is parsed. */
  advance(): Tree | null {
    const tree = this.#parse.advance();
    if (!tree || this.#end === this.#text.length) return tree;
    if (isMistaken(tree, this.#start)) this.#end = this.#text.length;
    else {
      this.#fragments = TreeFragment.addTree(tree, [], true);
      this.#start = this.#end;
      this.#end = this.#nextEnd();
    }
    this.#parse = this.#begin();
    return null;
  }

  #nextEnd(): number {
    return Math.min(this.#text.length, this.#start + this.#stage);
  }

  #begin(): LongListParse {
    const parse = this.#parser.startParse(this.#text, this.#fragments);
    if (this.#end < this.#text.length) parse.stopAt(this.#end);
    return new LongListParse(parse);
  }
}

interface Context {
  readonly context?: { readonly strict: boolean } | null;
}

/** Whether a parser keeps a context, as of indentation, outside of which nodes mean something else. */
function dependsOnIndentation(parser: Parser & Context): boolean {
  return parser.context?.strict ?? false;
}

/** Whether a tree holds mistakes from there on, other than that it stops at its end. */
function isMistaken(tree: Tree, start: number): boolean {
  let stopped = Infinity;
  let mistaken = false;
  tree.iterate({
    from: start,
    enter: ({ type, from, to }) => {
      if (from < to) mistaken ||= type.isError || from >= stopped;
      else if (type.isError) stopped = Math.min(stopped, from);
      return !mistaken;
    },
  });
  return mistaken;
}
