import { existsSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, type Result } from '../../core/text/problem';
import { runProgram, tellingLine } from './runProgram';
import { npmPackage } from './sources';

const checkMs = 120_000;

/** Loads the package named by the first argument, multiplies two matrices and prints what it is. */
const checkScript = `
const util = require('node:util');
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;
const tf = require(process.argv[1]);
const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]]));
const answer = {
  backend: tf.getBackend(),
  product: Array.from(product.dataSync()),
  libtensorflow: tf.backend().binding.TF_Version,
};
process.stdout.write('\\n' + JSON.stringify(answer) + '\\n');
`;

interface CheckedRuntime {
  /** Version of libtensorflow. */
  readonly libtensorflow: string;
}

/** The package's folder inside a runtime folder. */
export function packageIn(runtime: string): string {
  return path.join(runtime, 'node_modules', npmPackage.name);
}

/**
 * Tries an installed runtime in a process of its own, which a library made for another machine may
 * crash: it must load and multiply two matrices right.
 * @param node the Node that will train
 */
export async function checkRuntime(
  runtime: string,
  node: string,
  signal?: AbortSignal,
): Promise<Result<CheckedRuntime>> {
  const folder = packageIn(runtime);
  if (!existsSync(folder)) return fail('nativeMissing', { folder: runtime });
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', ELECTRON_RUN_AS_NODE: '1' };
  const ended = await runProgram(node, ['-e', checkScript, folder], {
    env,
    signal,
    timeoutMs: checkMs,
  });
  const cause = `${tellingLine(ended)} (${ended.code === null ? 'ended by a signal' : `exit code ${ended.code}`})`;
  if (ended.code !== 0) return fail('nativeCheckFailed', { cause });
  const answer = answerIn(ended.stdout);
  const right = answer?.backend === 'tensorflow' && String(answer.product) === '19,22,43,50';
  return right
    ? ok({ libtensorflow: answer.libtensorflow })
    : fail('nativeCheckFailed', { cause: ended.stdout.trim().slice(-200) });
}

interface Answer {
  readonly backend: unknown;
  readonly product: unknown;
  readonly libtensorflow: string;
}

function answerIn(output: string): Answer | null {
  try {
    const value: unknown = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    return typeof value === 'object' && value !== null ? (value as Answer) : null;
  } catch {
    return null;
  }
}
