// What streaming costs: `npm run bench:streaming [-- --quick]`.
import { parseArgs } from 'node:util';
import { describeStreaming, measureStreaming } from './streaming.mjs';
import { summary } from './targets.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const measured = await measureStreaming(options);
for (const line of describeStreaming(measured)) console.log(line);
for (const { row, why } of measured.notRun) console.log(`not run: ${row} (${why})`);
console.log(summary([measured.target]));
process.exitCode = measured.target.met === false ? 1 : 0;
