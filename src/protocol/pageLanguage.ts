import * as z from 'zod';
import { messages } from '../core/text/messages';

/** How a webview's page speaks; sent once, when the page asks for what it is to show. */
export const pageLanguageSchema = z.object({
  /** BCP 47 tag, for numbers, too. */
  tag: z.string(),
  /** Translations (l10n/bundle.l10n.*.json); null for English. */
  strings: z.record(z.string(), z.unknown()).nullable(),
  /** The sentences that sweeps tell, in English and by id, which no page has to carry. */
  messages: z.record(z.string(), z.string()),
});
export type PageLanguage = z.infer<typeof pageLanguageSchema>;

/** @param strings of the host's own language; null for English */
export function pageLanguage(tag: string, strings: PageLanguage['strings']): PageLanguage {
  return { tag, strings, messages };
}
