import { escaped, formatMoment } from './format';
import type { MessageId } from './messages';

/** The values of a message; numbers with units are formatted where the message is made. */
export type Values = Readonly<Record<string, string | number>>;

/** Fills `{name}` placeholders; `@vscode/l10n` and `vscode.l10n.t` both have this signature. */
export type Translate = (template: string, values: Record<string, string | number>) => string;

/** How values are spoken: by a translation, on a clock, with sentences that were loaded or sent. */
interface Speech {
  readonly translate: Translate;
  /** BCP 47 tag. */
  readonly tag: string;
  /** English templates by id: see messages.ts. */
  readonly messages: Readonly<Record<string, string>>;
}

/** Values that are words of ours: what `kind` of thing a file has, which `metric` is meant. */
const words: Readonly<Record<string, Readonly<Record<string, MessageId>>>> = {
  kind: { array: 'wordArray', column: 'wordColumn', key: 'wordKey' },
  side: { input: 'wordInput', output: 'wordOutput' },
  metric: { loss: 'wordLoss', accuracy: 'wordAccuracy' },
};

/** Values as a person reads them: our words in their language, points in time on their clock. */
export function spoken(values: Values, speech: Speech): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? spokenText(name, value, values, speech) : value,
    ]),
  );
}

function spokenText(
  name: string,
  value: string,
  values: Values,
  { translate, tag, messages }: Speech,
): string {
  const word = words[name]?.[value];
  if (word) return translate(messages[word] ?? value, {});
  // A cause that is not an outside program's is one of our sentences, with values of its own.
  const cause = name === 'cause' && /^cause[A-Z]/.test(value) ? messages[value] : undefined;
  if (cause !== undefined) return translate(cause, values);
  if (name === 'at') return formatMoment(value, tag);
  return escaped(value);
}
