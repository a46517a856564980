import * as z from 'zod';
import { broken, path } from './schemaParts';

const separatorNames = [',', ';', 'tab', '|', 'blanks'] as const;
/** What separates columns; blanks are any number of spaces and tabs. */
export type Separator = ',' | ';' | '\t' | '|' | 'blanks';
/** By their names in a config. */
export const separators: Readonly<Record<(typeof separatorNames)[number], Separator>> = {
  ',': ',',
  ';': ';',
  tab: '\t',
  '|': '|',
  blanks: 'blanks',
};

const pixels = z.number().int().min(1).max(8192);
/** One image of so many takes 200 MB as 32-bit numbers of three channels. */
export const mostTrainedPixels = 4096 ** 2;

/** One column, key or array of a data file, or several. */
const partsOfFile = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** `data` of a config: what is trained on, and how it is read. */
export const dataSchema = z
  .strictObject({
    train: path(
      'Training data: a table (.csv, .tsv, .txt, .data, .parquet, .arrow, .feather), JSON (.json, .jsonl), .npy, .npz, IDX (text, .npy and IDX gzipped, too), a folder of images by class (perhaps below train/ and val/), or a module that exports load(tf).',
      'train.csv',
      'train.npz',
      'train-images-idx3-ubyte.gz',
      'images',
      'data.mjs',
    ),
    labels: path(
      'The labels, when they are a separate file (IDX, NPY).',
      'train-labels-idx1-ubyte.gz',
    ).optional(),
    label: z
      .string()
      .min(1)
      .meta({
        description:
          'The label\'s column or key (tables, JSON, NPZ). Columns of a table without a header are called by their number: "0", "1" …',
        examples: ['label'],
      })
      .optional(),
    features: z
      .array(z.string().min(1))
      .min(1)
      .describe(
        'Columns or keys to train on. Default: every other column of numbers or truth values; a note lists what is left out.',
      )
      .optional(),
    inputs: z
      .record(z.string().min(1), partsOfFile)
      .meta({
        description:
          'For a model of several inputs: the columns, keys or arrays that feed each, by the name of the input. Default: those of the same name.',
        examples: [{ image: 'pixels', table: ['age', 'income'] }],
      })
      .optional(),
    outputs: z
      .record(z.string().min(1), partsOfFile)
      .meta({
        description:
          'For a model of several outputs: the columns, keys or arrays that each learns, by the name of the output. Default: those of the same name.',
        examples: [{ species: 'species', weight: 'grams' }],
      })
      .optional(),
    sampleWeights: z
      .string()
      .min(1)
      .meta({
        description:
          'The column, key or array (NPZ, or of the labels that a module returns) that says how much each sample counts in the training loss. Validation counts every sample once.',
        examples: ['weight'],
      })
      .optional(),
    normalize: z
      .boolean()
      .default(true)
      .describe(
        'Standardize columns (the last axis of arrays) by the training samples; scale bytes to 0..1. What a module returns is taken as it is.',
      ),
    missing: z
      .enum(['mean', 'drop', 'error'])
      .default('mean')
      .describe(
        'What a missing value of a table becomes: the mean of its column (in a column of texts, a value of its own); drop leaves the row out; error refuses it. Rows without a label are left out, except with error.',
      ),
    categories: z
      .enum(['auto', 'oneHot', 'ordinal', 'ignore'])
      .default('auto')
      .describe(
        "What columns of texts with few different values become: oneHot, a column of 0 and 1 per value; ordinal, the value's place in the alphabet; ignore leaves them out. auto: oneHot where the model's input is as wide as that, or where there is nothing else to train on; else ignore. Named in features, they are used in any case.",
      ),
    dates: z
      .enum(['auto', 'number', 'ignore'])
      .default('auto')
      .describe(
        'What columns of dates become: number, the days since 1970-01-01; ignore leaves them out. auto: number where there is nothing else to train on; else ignore.',
      ),
    separator: z
      .enum(['auto', ...separatorNames])
      .default('auto')
      .describe('What separates the columns of a table. auto: found in its first lines.'),
    header: z
      .enum(['auto', 'firstRow', 'none'])
      .default('auto')
      .describe(
        'Whether the first row of a table names its columns. auto: decided by the columns below it.',
      ),
    window: z
      .strictObject({
        size: z.number().int().min(1).describe('Rows in one sample.'),
        ahead: z
          .number()
          .int()
          .min(1)
          .default(1)
          .describe('How many rows after the last row of a sample its label stands.'),
      })
      .describe(
        'Makes a series of rows into samples of several rows each, with the label of a later row; the last samples validate. The label is also a feature, unless features say otherwise.',
      )
      .optional(),
    text: z
      .strictObject({
        vocabulary: z
          .number()
          .int()
          .min(3)
          .max(1_000_000)
          .default(10_000)
          .describe(
            "How many numbers there are: the inputDim of the model's Embedding. 0 fills up, 1 is a word that is not among the most frequent.",
          ),
        length: z
          .number()
          .int()
          .min(1)
          .max(4096)
          .describe(
            "Words in one sample; longer texts are cut. Default: the model's input, where its file says it, else so many that 95% of the texts are not cut.",
          )
          .optional(),
      })
      .describe(
        'Makes a column of texts into numbers of words, for an Embedding: lower case, without punctuation, by the most frequent words. The column: the one in features, else the one with the longest texts.',
      )
      .optional(),
    image: z
      .strictObject({
        size: z
          .union([pixels, z.tuple([pixels, pixels])])
          .superRefine((size, context) => {
            const [height, width] = typeof size === 'number' ? [size, size] : size;
            if (height * width <= mostTrainedPixels) return;
            const values = { size: `${width}×${height}`, most: mostTrainedPixels };
            context.addIssue({ code: 'custom', ...broken('dataImagesLarge', values) });
          })
          .describe(
            "Height and width in pixels, [height, width], or one number for both. Default: the size that the model's input has; where that is not known, the size of the first image.",
          )
          .optional(),
        resize: z
          .enum(['stretch', 'crop', 'pad'])
          .default('stretch')
          .describe(
            'How an image of another shape is fitted: stretch; crop what sticks out on both sides; or pad with black.',
          ),
      })
      .describe('How the images of a folder are brought to one size.')
      .optional(),
    validation: z
      .union([z.number().gt(0).lt(1), path('A file like train.', 'test.csv')])
      .default(0.2)
      .describe(
        'Validation data: a fraction of the training data, or a file like train. Data that bring their own (folders train/ and val/ or test/, arrays x_train and x_test) validate with that, not with a fraction.',
      ),
    validationLabels: path(
      'The labels of a validation file, when they are a separate file.',
    ).optional(),
  })
  .describe('The data to train on.');
