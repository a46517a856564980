import * as z from 'zod';
import type { MessageId } from '../core/text/messages';
import type { Values } from '../core/text/problem';

/** What a rule that no JSON schema can state says of a value; `params` of a custom zod issue. */
export interface RuleFailure {
  readonly reason: MessageId;
  readonly values: Values;
}

/** A rule's failure, for zod's `params`. */
export const broken = (reason: MessageId, values: Values = {}) => ({
  params: { reason, values } satisfies RuleFailure,
});

/** A path relative to the config. */
export const path = (description: string, ...examples: string[]) =>
  z
    .string()
    .min(1)
    .meta(examples.length > 0 ? { description, examples } : { description });
