import * as z from 'zod';
import { sweepEventSchema } from '../core/sweep/sweepEvent';
import { pageLanguageSchema } from './pageLanguage';
import { toldEventsSchema } from './toldEvents';

/** How a webview speaks with its host: it asks with `ready`, gets a snapshot, then deltas. */

const startings = ['no', 'preparing', 'waiting'] as const;
export type Starting = (typeof startings)[number];

/** Something wrong in the config, in the person's language. */
const configTroubleSchema = z.object({
  message: z.string(),
  /** `batchwise.json:3:5` */
  place: z.string(),
  /** What to write there instead; null where that is not known. */
  fix: z.string().nullable(),
});
export type ConfigTrouble = z.infer<typeof configTroubleSchema>;

const snapshotSchema = z.object({
  /** The config shown, relative to its workspace folder; null when there is none. */
  config: z.string().nullable(),
  /** Its URI, kept by the webview so that a reload shows the same config. */
  configUri: z.string().nullable().default(null),
  /** The events so far of the sweep shown; empty when nothing was ever tuned. */
  events: toldEventsSchema,
  /** The sweep's log has no end and no process is writing it any more. */
  interrupted: z.boolean(),
  /**
   * A sweep was requested and has delivered no event yet: its training process starts, or it waits for
   * another sweep on this machine to end. Events take over from there.
   */
  starting: z.enum(startings).default('no'),
  /** Whose sweep it waits for; left out or null when it does not wait. */
  waitingFor: z.string().nullable().optional(),
  trusted: z.boolean(),
  /** The events of an earlier sweep that is laid over the one shown; empty for none. */
  compared: toldEventsSchema,
  /** Files of the config that were written after the sweep shown had ended: its numbers may be old. */
  changedFiles: z.array(z.string()).default([]),
  /** What keeps the config from being tuned, first things first. */
  problems: z.array(configTroubleSchema).default([]),
  /** The batch size in the config now, to show whether the recommendation is applied already. */
  batchSize: z.number().int().nullable(),
  learningRate: z.number().nullable(),
});

const nothing = z.object({});
const numbered = z.object({ index: z.number().int().nonnegative() });

export const panelContract = {
  calls: {
    ready: {
      input: nothing,
      output: z.object({ snapshot: snapshotSchema, language: pageLanguageSchema }),
    },
    tune: { input: nothing, output: nothing },
    cancel: { input: nothing, output: nothing },
    /** Goes on with an interrupted sweep. */
    resume: { input: nothing, output: nothing },
    /** Writes a batch size into the config, and the learning rate where one is given. */
    apply: {
      input: z.object({
        batchSize: z.number().int().positive(),
        learningRate: z.number().positive().nullable(),
      }),
      output: nothing,
    },
    openConfig: { input: nothing, output: nothing },
    createConfig: { input: nothing, output: nothing },
    manageTrust: { input: nothing, output: nothing },
    showLog: { input: nothing, output: nothing },
    /** Lets the person pick an earlier sweep to lay over the one shown. */
    compare: { input: nothing, output: nothing },
    stopComparing: { input: nothing, output: nothing },
    /** Saves a chart's picture where the person chooses. */
    saveChart: {
      input: z.object({
        name: z.string().regex(/^\w+$/),
        /** `data:image/png;base64,…`, as a canvas gives it. */
        png: z
          .string()
          .max(2 ** 26)
          .regex(/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/),
      }),
      output: nothing,
    },
    /** Shows the place of one of `problems`, or writes its fix there. */
    openProblem: { input: numbered, output: nothing },
    fixProblem: { input: numbered, output: nothing },
    /** Saves the result document where the person chooses. */
    exportResult: { input: nothing, output: nothing },
  },
  events: {
    snapshot: snapshotSchema,
    sweepEvents: z.object({ events: z.array(sweepEventSchema) }),
    problems: z.object({ problems: z.array(configTroubleSchema) }),
    /** Other files than before were written since the sweep's end, or none. */
    changedFiles: z.object({ changedFiles: z.array(z.string()) }),
    /** The config's own batch size or learning rate was edited. */
    configured: z.object({
      batchSize: z.number().int().nullable(),
      learningRate: z.number().nullable(),
    }),
  },
} as const;

export type Snapshot = z.output<typeof snapshotSchema>;
/** A snapshot on its way to the page. */
export type ToldSnapshot = z.input<typeof snapshotSchema>;
