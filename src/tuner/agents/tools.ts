import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { readConfig, type CheckedConfig } from '../../config/readConfig';
import type { SweepResult } from '../../core/sweep/result';
import { describe as sentenceOf } from '../../core/text/problem';
import { latestResultFile, readLatestResult } from '../history/runLog';
import { explanationDocument, type Explained } from '../explain';

/**
 * What agents can do with Batchwise: one definition for VS Code's language model tools and for the
 * MCP server. Answers are short texts for a model and name the file with the rest; an error says what
 * to do next.
 */

/** What a door to the tools gives them; each asks for the person's consent in its own way. */
export interface AgentHost {
  /** Absolute folders that configs may be in. */
  readonly folders: readonly string[];
  /** Whether code of the workspace may run. */
  readonly isTrusted: boolean;
  explain(config: CheckedConfig, call: ToolCall): Promise<Outcome<Explained>>;
  /** Runs a sweep. One at a time: a second is refused. */
  tune(config: CheckedConfig, call: ToolCall): Promise<Outcome<SweepResult>>;
  /** Writes into the config; resolves to how it was left, such as "It is not saved yet." */
  apply(config: CheckedConfig, values: AppliedValues): Promise<Outcome<string>>;
}

/** What is written; null leaves the learning rate as it is. */
interface AppliedValues {
  readonly batchSize: number;
  readonly learningRate: number | null;
  /** Microbatches of an update, as the size was measured. */
  readonly gradientAccumulation: number;
}

export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export interface ToolCall {
  readonly signal: AbortSignal;
  /** Called with the progress, 0 to 1, and with what is being done. */
  progress(fraction: number, message: string): void;
}

const config = z
  .string()
  .min(1)
  .describe(
    'Path of the Batchwise config, relative to the workspace folder, such as batchwise.json.',
  );

const withConfig = z.object({ config });
const applied = z.object({
  config,
  sizeOnly: z
    .boolean()
    .optional()
    .describe(
      'Write the batch size alone and keep the learning rate. By default the rate that the size was measured with is written, too.',
    ),
});
type Input = z.infer<typeof applied>;

export interface AgentTool {
  readonly name: string;
  readonly title: string;
  /** For the model: what it does and when to use it. */
  readonly description: string;
  readonly input: z.ZodObject;
  /** Whether the person is asked first, and what for. */
  readonly asks: 'nothing' | 'train' | 'write';
  run(input: Input, host: AgentHost, call: ToolCall): Promise<Outcome<string>>;
}

export const agentTools: readonly AgentTool[] = [
  {
    name: 'batchwise_explain',
    title: 'Explain Batch Size',
    description:
      'Explains the batch size of a Batchwise config without training: samples, iterations per epoch, last partial batch, total updates and parameters, for the configured size and every size a sweep would compare. Use it to answer questions about epochs, iterations and batch sizes.',
    input: withConfig,
    asks: 'nothing',
    run: async (input, host, call) =>
      withChecked(input, host, async (checked) => {
        const refused = untrusted(host);
        if (refused) return refused;
        const explained = await host.explain(checked, call);
        if (!explained.ok) return explained;
        return done(explanationDocument(checked.config, explained.value));
      }),
  },
  {
    name: 'batchwise_tune',
    title: 'Tune Batch Size',
    description:
      "Finds the batch size that a model trains best with, by training it for real at several sizes on this machine. Takes up to the config's tuning.budget (2 minutes by default) and loads the machine. Returns the recommended batch size and learning rate with the reasons. Call batchwise_recommendation first: a result may be there already.",
    input: withConfig,
    asks: 'train',
    run: async (input, host, call) =>
      withChecked(input, host, async (checked) => {
        const refused = untrusted(host);
        if (refused) return refused;
        const tuned = await host.tune(checked, call);
        return tuned.ok ? done(summary(tuned.value, checked.file)) : tuned;
      }),
  },
  {
    name: 'batchwise_recommendation',
    title: 'Batch Size Recommendation',
    description:
      'Reads the last finished sweep of a Batchwise config: the recommended batch size and learning rate, the reasons, the time and memory of every size measured. Trains nothing and is instant.',
    input: withConfig,
    asks: 'nothing',
    run: async (input, host) =>
      withChecked(input, host, (checked) => {
        const result = readLatestResult(checked.file);
        return Promise.resolve(
          result
            ? done(summary(result, checked.file))
            : failed(`${input.config} has not been tuned yet. Call batchwise_tune to measure it.`),
        );
      }),
  },
  {
    name: 'batchwise_apply',
    title: 'Apply Batch Size',
    description:
      'Writes the recommended batch size of the last sweep into the config, with the learning rate that it was measured with. Comments and formatting stay. Needs a recommendation: see batchwise_recommendation.',
    input: applied,
    asks: 'write',
    run: async (input, host) =>
      withChecked(input, host, async (checked) => {
        const found = readLatestResult(checked.file)?.recommendation;
        if (!found)
          return failed(
            `Nothing is recommended for ${input.config} yet. Call batchwise_tune first.`,
          );
        const learningRate =
          input.sizeOnly === true ? null : Number(found.learningRate.toPrecision(3));
        const written = await host.apply(checked, {
          batchSize: found.batchSize,
          learningRate,
          gradientAccumulation: found.gradientAccumulation,
        });
        if (!written.ok) return written;
        const rate = learningRate === null ? '' : ` and learning rate ${learningRate}`;
        return {
          ok: true,
          value: `Wrote batch size ${found.batchSize}${rate} into ${input.config}. ${written.value}`,
        };
      }),
  },
];

/** Checks an input against its tool's schema: not every door has done so. */
export function checkedInput(tool: AgentTool, input: unknown): Outcome<Input> {
  const parsed = tool.input.safeParse(input);
  if (parsed.success) return { ok: true, value: applied.parse(parsed.data) };
  return failed(`${z.prettifyError(parsed.error)} Give "config", such as "batchwise.json".`);
}

function done(document: unknown): Outcome<string> {
  return { ok: true, value: JSON.stringify(document) };
}

function failed(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}

function untrusted({ isTrusted }: AgentHost) {
  return isTrusted
    ? null
    : failed(
        'The workspace is not trusted, and loading a model can run its code. Ask the person to trust the workspace, then try again.',
      );
}

/** Finds, confines and checks the config that a call names. */
async function withChecked(
  input: Input,
  host: AgentHost,
  act: (checked: CheckedConfig) => Promise<Outcome<string>>,
): Promise<Outcome<string>> {
  const found = await configFile(input.config, host.folders);
  if (!found.ok) return found;
  const checked = await readConfig(found.value.file, found.value.folder);
  if (checked.ok) return act(checked);
  const problems = checked.problems.map((each) => sentenceOf(each)).join('\n');
  return failed(`The config has to be corrected first:\n${problems}`);
}

async function configFile(
  written: string,
  folders: readonly string[],
): Promise<Outcome<{ readonly file: string; readonly folder: string }>> {
  if (folders.length === 0) return failed('No folder is open. Ask the person to open one.');
  let isOutside = false;
  for (const each of folders) {
    const folder = await realpath(each).catch(() => each);
    const wanted = path.resolve(folder, written);
    const real = await realpath(wanted).catch(() => null);
    if (!isInside(folder, real ?? wanted)) isOutside = true;
    else if (real !== null && (await stat(real)).isFile())
      return { ok: true, value: { file: real, folder } };
  }
  if (isOutside) return failed(`${written} is outside the workspace. Name a config inside it.`);
  const known = (await Promise.all(folders.map(configsIn))).flat();
  const hint =
    known.length > 0
      ? `Known configs: ${known.join(', ')}.`
      : 'Create a batchwise.json that names model, data and loss.';
  return failed(`There is no ${written}. ${hint}`);
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}

/** Configs in a folder and its subfolders, one level down. */
async function configsIn(folder: string): Promise<string[]> {
  const named = async (sub: string) =>
    (await readdir(path.join(folder, sub)).catch(() => []))
      .filter((name) => name === 'batchwise.json' || name.endsWith('.batchwise.json'))
      .map((name) => path.join(sub, name));
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules',
  );
  const below = await Promise.all(folders.slice(0, 50).map(({ name }) => named(name)));
  return [...(await named('')), ...below.flat()].slice(0, 20);
}

/** A result as short as a model needs it, with the path to the rest. */
function summary(result: SweepResult, file: string) {
  const { recommendation: found, target, backend, dataset, trials, notes = [] } = result;
  return {
    recommendation: found && {
      batchSize: found.batchSize,
      learningRate: found.learningRate,
      gradientAccumulation: found.gradientAccumulation,
      iterationsPerEpoch: found.iterationsPerEpoch,
      reasons: found.reasons.map(({ text }) => text),
      alternatives: found.alternatives,
    },
    notes: notes.map(({ text }) => text),
    measuredOn: `${backend.name}, ${backend.device}`,
    samples: dataset.samples,
    target,
    finishedAt: result.finishedAt,
    trials: trials.map((trial) => ({
      batchSize: trial.batchSize,
      learningRate: trial.learningRate,
      status: trial.status,
      stopReason: trial.stopReason,
      secondsToTarget: trial.timeToTargetSeconds,
      stepMs: trial.stepMs,
      peakBytes: trial.peakBytes,
    })),
    cost: result.cost,
    /** The whole result document. */
    resultFile: latestResultFile(file),
  };
}
