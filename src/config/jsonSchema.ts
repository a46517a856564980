import * as z from 'zod';
import { configSchema } from './schema';

/** The config's JSON schema (draft-07, which VS Code reads best), as editors complete from it. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-07', io: 'input' });
  return {
    ...schema,
    title: 'Batchwise config',
    description: 'What to train, on which data, and how to look for its batch size.',
    // Comments and trailing commas are fine in these files.
    allowComments: true,
    allowTrailingCommas: true,
  };
}
