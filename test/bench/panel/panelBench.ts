import { afterAll, beforeAll, expect, it } from 'vitest';
import { PanelBench, ScriptedModel } from '../../e2e/panelPage';
import { largeSweep, largeSweepAlive, pointCount, trialCount } from './largeSweep';
import { longestTasks, timeToFirstPaint, type Duration, type TraceEvent } from './trace';

/**
 * How the panel carries 64 trials of 5,000 points: `npm run bench:panel`. Times come from the
 * browser's own trace of the built page, on a machine with nothing else to do.
 */
const limits = { firstPaintMs: 500, frameMs: 50 };
const runs = 3;
const pointsAtOnce = 10;
const batches = 120;
const msBetweenBatches = 50;

let bench: PanelBench;
beforeAll(async () => {
  bench = await PanelBench.start();
});
afterAll(async () => {
  await bench.end();
});

async function traced(
  model: ScriptedModel,
  act: (settled: () => Promise<void>) => Promise<void>,
): Promise<readonly TraceEvent[]> {
  let browser: { stopTracing(): Promise<Buffer> } | undefined;
  const panel = await bench.open(model, {
    beforeOpening: async (page) => {
      const own = page.context().browser();
      if (!own) throw new Error('There is no browser.');
      browser = own;
      await own.startTracing(page, {
        categories: [
          'devtools.timeline',
          'disabled-by-default-devtools.timeline',
          'toplevel',
          'loading',
          // Where the page's navigation begins.
          'blink.user_timing',
        ],
      });
    },
  });
  await act(async () => {
    await panel.page.waitForFunction(
      () => performance.getEntriesByName('first-contentful-paint').length > 0,
    );
    await panel.page.evaluate(
      () =>
        new Promise((resolve) => {
          requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(resolve)));
        }),
    );
  });
  const trace = await browser?.stopTracing();
  expect(panel.faults).toEqual([]);
  await panel.close();
  const { traceEvents } = JSON.parse(String(trace)) as { traceEvents: TraceEvent[] };
  return traceEvents;
}

const shown = (values: readonly Duration[]) =>
  values.map(({ wall, processor }) => `${wall.toFixed(0)} (${processor.toFixed(0)})`).join(', ');
const least = (values: readonly Duration[]) => Math.min(...values.map(({ wall }) => wall));

it(`paints ${trialCount} trials of ${pointCount} points`, async () => {
  const times: Duration[] = [];
  for (let run = 0; run < runs; run++) {
    const events = await traced(new ScriptedModel({ events: largeSweep() }), (settled) =>
      settled(),
    );
    times.push(timeToFirstPaint(events));
  }
  console.log(`First paint: ${shown(times)} ms (of the processor; limit ${limits.firstPaintMs})`);
  expect(least(times)).toBeLessThan(limits.firstPaintMs);
});

it('stays fluent while a trial trains', async () => {
  const longest: Duration[] = [];
  for (let run = 0; run < runs; run++) {
    const { before, points } = largeSweepAlive();
    const model = new ScriptedModel({ events: before });
    const events = await traced(model, async (settled) => {
      await settled();
      for (let batch = 0; batch < batches; batch++) {
        model.happen(points.slice(batch * pointsAtOnce, (batch + 1) * pointsAtOnce));
        await new Promise((resolve) => setTimeout(resolve, msBetweenBatches));
      }
      await settled();
    });
    const tasks = longestTasks(events);
    console.log(`Longest tasks while live: ${shown(tasks.slice(0, 8))} ms`);
    longest.push(...tasks.slice(0, 1));
  }
  console.log(`Longest of each run: ${shown(longest)} ms (limit ${limits.frameMs})`);
  expect(least(longest)).toBeLessThan(limits.frameMs);
});
