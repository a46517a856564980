import { isMessageId } from '../text/messages';
import { english, render, type Language, type Text } from '../text/problem';
import type { RenderedText } from './result';

/** A text with its English sentence, as the result document carries it. */
export function withEnglish(text: Text): RenderedText {
  return { id: text.id, values: { ...text.values }, text: render(text, english) };
}

/** The sentence in the person's language; a text of another version stays in English. */
export function inLanguage(
  { id, values, text }: RenderedText,
  { translate, tag }: Pick<Language, 'translate' | 'tag'>,
): string {
  return isMessageId(id) ? render({ id, values }, translate, tag) : text;
}
