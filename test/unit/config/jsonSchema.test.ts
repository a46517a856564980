import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { configJsonSchema } from '../../../src/config/jsonSchema';
import { parseConfig } from '../../../src/config/parseConfig';

const schema = configJsonSchema();
const validator = z.fromJSONSchema(schema);

/** Values a person might write for any key, right and wrong. */
const anyValue = fc.oneof(
  fc.constantFrom<unknown[]>(
    0,
    -1,
    2.5,
    32,
    true,
    null,
    '',
    'adam',
    'mse',
    '2 GB',
    '0 s',
    '5 parsecs',
  ),
  fc.constantFrom<unknown[]>([], [8, 8], [8, 16], [0], {}, { min: 9, max: 8 }, { name: 'sgd' }),
);
const section = (keys: string[]) =>
  fc.dictionary(fc.constantFrom(...keys, 'unknown'), anyValue, {
    maxKeys: 3,
    noNullPrototype: true,
  });

const anyConfig = fc.record({
  model: fc.constantFrom<unknown[]>(
    { topology: 'm' },
    {},
    { topology: 'm', module: 'n' },
    { layers: [] },
  ),
  data: section(['label', 'features', 'normalize', 'validation']).map((rest) => ({
    train: 'a.csv',
    ...rest,
  })),
  training: section(['loss', 'optimizer', 'learningRate', 'batchSize', 'epochs', 'seed']),
  tuning: section(['objective', 'batchSizes', 'memoryLimit', 'budget', 'targetLoss']),
});

describe('the JSON schema', () => {
  it('is draft-07 and describes every key', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    const missing: string[] = [];
    const visit = (node: unknown, path: string): void => {
      const { properties = {}, anyOf = [] } = node as {
        properties?: Record<string, { description?: string }>;
        anyOf?: unknown[];
      };
      for (const [key, child] of Object.entries(properties)) {
        if (!child.description) missing.push(`${path}.${key}`);
        visit(child, `${path}.${key}`);
      }
      for (const option of anyOf) visit(option, path);
    };
    visit(schema, '');
    expect(missing).toEqual([]);
  });

  it('rejects exactly the configs with a problem that is marked as its own', () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        const { problems } = parseConfig(JSON.stringify(config), '/batchwise.json');
        expect(problems.some(({ schemaToo }) => schemaToo)).toBe(
          !validator.safeParse(config).success,
        );
      }),
      { numRuns: 1000 },
    );
  });
});
