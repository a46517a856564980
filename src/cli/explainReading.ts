import { escaped, formatCount } from '../core/text/format';
import { messages, type MessageId } from '../core/text/messages';
import type { Prepared } from '../protocol/trainer';
import { inLanguage } from '../core/sweep/renderedText';
import type { Language } from '../core/text/problem';
import { plainTable } from './trialTable';

const mostColumns = 30;
const mostClasses = 20;

const types: Readonly<Record<string, MessageId>> = {
  number: 'wordNumbers',
  boolean: 'wordTruthValues',
  date: 'wordDates',
  text: 'wordTexts',
  array: 'wordLists',
  empty: 'wordNoValues',
  other: 'wordOtherValues',
};
const uses: Readonly<Record<string, MessageId>> = {
  feature: 'wordFeature',
  label: 'wordLabel',
  unused: 'wordUnused',
};

/** What was understood of the data: classes with their samples, columns, decisions. */
export function explainReading({ reading }: Prepared, language: Language): string[] {
  if (!reading) return [];
  const { say, tag } = language;
  const { notes, columns, classes } = reading;
  const word = (table: Readonly<Record<string, MessageId>>, name: string) => {
    const id = table[name];
    return id === undefined ? name : language.translate(messages[id], {});
  };
  const told = classes
    .slice(0, mostClasses)
    .map(({ name, samples }) => `"${escaped(name)}" (${formatCount(samples, tag)})`);
  const head = [say('columnColumn'), say('columnHolds'), say('columnUse'), say('columnMissing')];
  const rows = columns
    .slice(0, mostColumns)
    .map(({ name, type, use, missing }) => [
      escaped(name),
      word(types, type),
      word(uses, use),
      formatCount(missing, tag),
    ]);
  const more = columns.length - rows.length;
  return [
    ...(told.length === 0
      ? []
      : [
          say('explainClasses', {
            classes: classes.length > told.length ? `${told.join(', ')}, …` : told.join(', '),
          }),
        ]),
    ...(rows.length === 0 ? [] : ['', plainTable(head, rows, [0, 1, 2])]),
    ...(more > 0 ? [say('explainMoreColumns', { count: formatCount(more, tag) })] : []),
    ...(rows.length === 0 ? [] : ['']),
    ...notes.map((note) => `• ${inLanguage(note, language)}`),
    ...(notes.length === 0 ? [] : ['']),
  ];
}
