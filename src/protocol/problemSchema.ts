import * as z from 'zod';
import { isMessageId } from '../core/text/messages';
import { problem, type Problem } from '../core/text/problem';

/** A problem as it travels between processes. */
export const problemSchema = z.object({
  reason: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  place: z
    .object({
      file: z.string(),
      line: z.number().optional(),
      column: z.number().optional(),
      pointer: z.array(z.union([z.string(), z.number()])).optional(),
    })
    .nullable(),
});

export type SentProblem = z.infer<typeof problemSchema>;

/** A problem in the mutable form that the schema gives it. */
export function sentProblem({ reason, values, place }: Problem): SentProblem {
  const mutable = place && { ...place, pointer: place.pointer && [...place.pointer] };
  return { reason, values: { ...values }, place: mutable };
}

/** A problem as it came over a channel; one whose sentence is not known here keeps its cause. */
export function receivedProblem({ reason, values, place: sent }: SentProblem): Problem {
  const place = sent as Problem['place'];
  return isMessageId(reason)
    ? problem(reason, values, place)
    : problem('trainerProblem', { cause: reason }, place);
}
