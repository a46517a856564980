import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { languageOf } from '../../../src/cli/language';
import { statusOf } from '../../../src/core/report/trialRows';
import { inLanguage, withEnglish } from '../../../src/core/sweep/renderedText';
import { stopReasons, trialStatuses } from '../../../src/core/sweep/result';
import { madeTrial } from '../planner/advice/madeTrial';

const japanese = languageOf({ LANG: 'ja_JP.UTF-8' }, path.resolve('l10n'));

describe('the terminal in Japanese', () => {
  it('translates every status with every stop reason', () => {
    for (const status of trialStatuses) {
      for (const stopReason of stopReasons) {
        const text = statusOf(madeTrial(32, { status, stopReason }), japanese.translate);
        expect(text).toMatch(/[ぁ-んァ-ン一-龠]/);
        expect(text.replace(/^OK/i, '')).not.toMatch(/[a-z]{3}/i);
      }
    }
  });

  it.each([
    ['causeLossNotFinite', { loss: 'NaN', epoch: '1' }],
    ['causeLossRose', { start: '2.3' }],
  ] as const)('translates why training diverged: %s', (cause, values) => {
    const text = withEnglish({ id: 'trialDiverged', values: { batchSize: 8, cause, ...values } });
    const sentence = inLanguage(text, japanese);
    expect(text.text).toMatch(/diverged: the loss/);
    expect(sentence).not.toMatch(/cause|loss|epoch/);
    for (const value of Object.values(values)) expect(sentence).toContain(value);
  });

  it('writes points in time as they are written there', () => {
    const at = '2026-03-04T12:06:07.000Z';
    const sentence = japanese.say('resultReused', { at, seconds: '20' });
    expect(sentence).toMatch(/2026\/03\/0[345]/);
  });
});
