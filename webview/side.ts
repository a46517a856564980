import { hostPort } from './host';
import * as l10n from '@vscode/l10n';
import { render } from 'lit-html';
import { emptySweep, reduceSweep, type SweepState } from '../src/core/sweep/sweepState';
import { connect } from '../src/protocol/channel';
import { sideContract, type SideSnapshot, type Subject } from '../src/protocol/side';
import { ChartBoard } from './charts/chartBoard';
import { onThemeChange, readTheme } from './charts/theme';
import { createFormat } from './format';
import { lossModel } from './model/lossModel';
import { sideCharts } from './model/sideModels';
import { throughputModel } from './model/sizeModels';
import { sizeColours } from '../src/core/report/sizeColours';
import { useLanguage } from './text';
import { sideView, type SideContext } from './views/sideView';
import './side.css';

/** Wiring only: what the host says of the cursor goes onto the page. */
const client = connect(hostPort, sideContract, (error) => {
  console.error(error.message);
});
const page = document.getElementById('root') ?? document.body;
const board = new ChartBoard(
  document,
  () => undefined,
  () => undefined,
);
let theme = readTheme(document);
let format = createFormat('en');
let subject: Subject | null = null;
let notice: string | null = null;
let sweep: SweepState | null = null;
let trusted = true;
let refusal: string | null = null;
let scheduled = false;

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    draw();
  });
}

function draw(): void {
  const charts = subject && sideCharts(subject, sweep);
  const context: SideContext = { subject, notice, sweep, charts, trusted, format, refusal, ask };
  render(sideView(context), page);
  if (!charts) return;
  const known = sweep ?? emptySweep;
  const colours = sizeColours(charts.sizes, theme.kind);
  board.update(
    {
      time: charts.time,
      memory: {
        ...charts.memory,
        hiddenParts: [],
        markedSize: subject?.batchSize ?? null,
        ...(charts.estimated ? { lineLabel: l10n.t('Estimate') } : {}),
      },
      // The side view has no place for these two: no canvas asks for them.
      loss: { ...lossModel(known, [], 'samples'), hidden: [] },
      throughput: throughputModel(known, [], []),
    },
    {
      theme,
      format,
      colours,
      chosen: subject?.batchSize ?? null,
      highlighted: null,
      recommended: known.recommendation?.batchSize ?? null,
    },
  );
  board.drawNow();
}

function ask(action: 'tune' | 'manageTrust' | 'showResults'): void {
  refusal = null;
  client.call(action, {}).catch(refused);
}

function refused(error: unknown): void {
  refusal = error instanceof Error ? error.message : String(error);
  schedule();
}

function receive(snapshot: SideSnapshot): void {
  ({ subject, notice } = snapshot);
  trusted = snapshot.trusted;
  sweep = snapshot.events.length ? snapshot.events.reduce(reduceSweep, emptySweep) : null;
  schedule();
}

client.on('snapshot', receive);
client.on('sweepEvents', ({ events }) => {
  sweep = events.reduce(reduceSweep, sweep ?? emptySweep);
  schedule();
});
client.on('subject', (change) => {
  ({ subject, notice } = change);
  // At once, not in the next frame's callback: what is drawn before a frame is painted with it.
  draw();
});
onThemeChange(document, () => {
  theme = readTheme(document);
  schedule();
});
client.call('ready', {}).then(({ snapshot, language }) => {
  format = useLanguage(document.documentElement, language);
  receive(snapshot);
}, refused);
