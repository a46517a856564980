import * as z from 'zod';
import { anyConfigSchema, rayAddressPattern } from './schema';
import { bytesPattern, durationPattern } from './units';

const patternMessages: Readonly<Record<string, string>> = {
  [bytesPattern.source]: 'A size is a number with a unit, such as "2 GB" or "512 MiB".',
  [durationPattern.source]: 'A duration is a number with a unit, such as "90 s" or "2 min".',
  [rayAddressPattern.source]:
    'The address is "auto", or a host and a port such as "10.0.0.5:6379" or "ray://10.0.0.5:10001".',
};

/** The config's JSON schema (draft-07, which VS Code reads best), as editors complete from it. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(anyConfigSchema, {
    target: 'draft-07',
    io: 'input',
    // VS Code would otherwise show the pattern itself.
    override: ({ jsonSchema }) => {
      const message = jsonSchema.pattern && patternMessages[jsonSchema.pattern];
      if (message) Object.assign(jsonSchema, { patternErrorMessage: message });
    },
  });
  return {
    ...schema,
    title: 'Batchwise config',
    description: 'What to train, on which data, and how to look for its batch size.',
    // Comments and trailing commas are fine in these files.
    allowComments: true,
    allowTrailingCommas: true,
  };
}
