import { writeSync, openSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { mixSeed, seededRandom } from '../../src/trainer/random/seededRandom';
import { targets } from './targets';

/**
 * Gives a target its inputs, one after the other. Each follows from the seed and its number alone.
 * The number of the one that runs stands in a file, for the process that watches this one.
 */

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string' },
    inputs: { type: 'string' },
    progress: { type: 'string' },
    folder: { type: 'string' },
  },
});
const target = targets[values.target ?? ''];
if (!target) throw new Error(`There is no target ${values.target}.`);
/** Of the processor, so that a busy machine counts for nothing. What waits is the watching process's part. */
const slowMs = 5000;
/** Asking what the process used costs more than many an input. */
const inputsBetweenLooks = 10;
const progress = openSync(values.progress ?? '', 'w');
const end = Number(values.from) + Number(values.inputs);

const { seeds, run, close } = await target(values.folder ?? '.');
const baseKilobytes = process.resourceUsage().maxRSS;
let looked = process.cpuUsage();
for (let index = Number(values.from); index < end; index++) {
  writeSync(progress, String(index).padStart(12), 0);
  const random = seededRandom(mixSeed(Number(values.seed), index));
  const started = performance.now();
  let shown: Uint8Array | string = '';
  try {
    await run(random, seeds, (input) => (shown = input));
  } catch (error) {
    fail(index, error instanceof Error ? (error.stack ?? error.message) : String(error), shown);
  }
  const isSlow = performance.now() - started > slowMs;
  if (!isSlow && index % inputsBetweenLooks > 0) continue;
  const { user, system } = process.cpuUsage(looked);
  looked = process.cpuUsage();
  const ms = (user + system) / 1000;
  if (isSlow && ms > slowMs) fail(index, `took ${Math.round(ms)} ms of the processor`, shown);
  const grown = (process.resourceUsage().maxRSS - baseKilobytes) / 1024;
  if (grown > 1024)
    fail(index, `or one of ten before it took ${Math.round(grown)} MB of memory`, shown);
}
await close?.();
process.send?.({ peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024) });
process.disconnect();

function fail(index: number, message: string, input: Uint8Array | string): never {
  const shown = typeof input === 'string' ? input : Buffer.from(input).toString('base64');
  const isText = typeof input === 'string';
  process.send?.({ index, message, input: shown, isText }, () => process.exit(1));
  // Nothing else runs until that is sent.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  throw new Error(message);
}
