import { kindOfName } from '../../languages/names';
import { siteAt, type Site } from '../../languages/site';
import type { FoundSites } from './siteDocuments';

/**
 * The site that an offset of the document points at: a number, its name, a use of it, or the
 * keyword that hands it on (`batch_size` in `fit(batch_size=SIZE)`).
 */
export function siteUnderCursor(found: FoundSites, offset: number): Site | null {
  const direct = siteAt(found.findings, found.cell, offset);
  if (direct) return direct;
  const text = found.document.getText();
  let from = offset;
  let to = offset;
  while (isNamePart(text[from - 1])) from--;
  while (isNamePart(text[to])) to++;
  const kind = kindOfName(text.slice(from, to));
  if (kind === null) return null;
  let value = skipSpace(text, isQuote(text[to]) ? to + 1 : to);
  if (text[value] !== '=' && text[value] !== ':') return null;
  value = skipSpace(text, value + 1);
  const handedOn = siteAt(found.findings, found.cell, value);
  return handedOn?.kind === kind ? handedOn : null;
}

function isNamePart(character: string | undefined): boolean {
  return (
    character !== undefined &&
    (character === '_' ||
      character === '$' ||
      (character >= '0' && character <= '9') ||
      character.toLowerCase() !== character.toUpperCase())
  );
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'";
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}
