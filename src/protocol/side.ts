import * as z from 'zod';
import { modelTypes } from '../core/sweep/result';
import { sweepEventSchema } from '../core/sweep/sweepEvent';
import { pageLanguageSchema } from './pageLanguage';

/** How the side view speaks with its host: it asks with `ready`, then hears what the cursor is on. */

const size = z.number().int().positive();

const memoryEstimatePointSchema = z.object({
  batchSize: size,
  /** Peak device bytes, estimated from the layers. */
  bytes: z.number().nonnegative(),
});

/** The training that the cursor is in, with all that decides its arithmetic. */
const subjectSchema = z.object({
  /** The file as people know it, and the line from 1. */
  file: z.string(),
  line: size,
  /** As written: `model.fit`; null for a number that belongs to no call. */
  call: z.string().nullable(),
  batchSize: size.nullable(),
  epochs: size.nullable(),
  accumulation: size,
  /** Whether a partial last batch is left out of every epoch. */
  dropsLast: z.boolean(),
  learningRate: z.number().nullable(),
  samples: z.number().int().nonnegative().nullable(),
  /** The kind of model with the layers that say so, each with where it stands. */
  model: z
    .object({
      type: z.enum(modelTypes),
      layers: z.array(z.object({ name: z.string(), place: z.string().nullable() })),
    })
    .nullable(),
  estimate: z.array(memoryEstimatePointSchema),
  /** Layers whose memory is not known, so that the estimate is too low. */
  unknownLayers: z.array(z.string()),
  /** The config that speaks for the file; null where none lists it. */
  config: z.string().nullable(),
  /** What the config's newest sweep was measured with, `TensorFlow.js (WASM)`, and on which device. */
  measured: z.object({ engine: z.string(), device: z.string() }).nullable(),
});
export type Subject = z.infer<typeof subjectSchema>;

const sideSnapshotSchema = z.object({
  /** Null where no editor shows a batch size. */
  subject: subjectSchema.nullable(),
  /** What is said where there is none: that a document is not read, and why. */
  notice: z.string().nullable(),
  /** Events of the newest sweep of `subject.config`; empty when it was never tuned. */
  events: z.array(sweepEventSchema),
  trusted: z.boolean(),
});
export type SideSnapshot = z.infer<typeof sideSnapshotSchema>;

const nothing = z.object({});

export const sideContract = {
  calls: {
    ready: {
      input: nothing,
      output: z.object({ snapshot: sideSnapshotSchema, language: pageLanguageSchema }),
    },
    tune: { input: nothing, output: nothing },
    manageTrust: { input: nothing, output: nothing },
    showResults: { input: nothing, output: nothing },
  },
  events: {
    /** The cursor, the text or the measurements are others now. */
    snapshot: sideSnapshotSchema,
    /** The sweep shown went on; `started` begins a new one. In order, each exactly once. */
    sweepEvents: z.object({ events: z.array(sweepEventSchema) }),
    /** Only the subject: an edit or a cursor that moved within one config's reach. */
    subject: sideSnapshotSchema.pick({ subject: true, notice: true }),
  },
} as const;
