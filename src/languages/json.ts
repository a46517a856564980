import { parser } from '@lezer/json';
import { withoutDepths } from './depths';
import type { Edit } from './edits';
import { ParsedDocument, findNow, type DocumentParser } from './parsedDocument';
import { blankComments, type TextComment } from './settings/blankComments';
import { searchSettings } from './settings/searchSettings';
import { SettingsReader, deepestSettings } from './settings/settingsTree';
import type { Findings } from './site';

/** JSON, with comments or without; the file's name tells our own configuration from others. */
export function createParser(_languageId: string, fileName: string | null): DocumentParser {
  return new JsonDocument(fileName);
}

export function findSites(text: string, languageId: string, fileName: string | null): Findings {
  return findNow(createParser(languageId, fileName), text);
}

class JsonDocument implements DocumentParser {
  private comments: readonly TextComment[] = [];
  private readonly document: ParsedDocument;

  constructor(fileName: string | null) {
    const comments = () => this.comments;
    this.document = new ParsedDocument(parser, function* find(text, tree) {
      const { roots } = yield* new SettingsReader(text).read(tree);
      return {
        value: yield* searchSettings({ roots, comments: comments() }, fileName),
        clean: false,
      };
    });
  }

  get findings(): Findings | null {
    return this.document.findings;
  }

  update(text: string, edits: readonly Edit[] | null): void {
    const blank = blankComments(text);
    // An edit that opens or closes a comment changes what is read far from it.
    const plain = blank.comments.length === 0 && this.comments.length === 0;
    this.comments = blank.comments;
    this.document.update(withoutDepths(blank.text, deepestSettings), plain ? edits : null);
  }

  work(milliseconds: number): boolean {
    return this.document.work(milliseconds);
  }
}
