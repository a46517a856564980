import { english, render, type Text } from '../text/problem';
import type { RenderedText } from './result';

/** A text with its English sentence, as the result document carries it. */
export function withEnglish(text: Text): RenderedText {
  return { id: text.id, values: { ...text.values }, text: render(text, english) };
}
