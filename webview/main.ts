import { hostPort, vscode } from './host';
import * as l10n from '@vscode/l10n';
import { render } from 'lit-html';
import { emptySweep } from '../src/core/sweep/sweepState';
import { connect } from '../src/protocol/channel';
import { panelContract, type Snapshot } from '../src/protocol/panel';
import type { BoardModel, ChartBoard } from './charts/chartBoard';
import { onThemeChange, readTheme, type ChartTheme } from './charts/theme';
import { createFormat, type Format } from './format';
import { lossModel } from './model/lossModel';
import { memoryChartModel, throughputModel } from './model/sizeModels';
import { timeModel } from './model/timeModel';
import { axisSizes, chosenSize, summarize } from './model/trials';
import { sizeColours } from '../src/core/report/sizeColours';
import { savedUi } from './savedUi';
import { initialState, phaseOf, reduce, type Action, type PanelAction } from './store';
import { useLanguage } from './text';
import { app } from './views/app';
import type { ViewContext } from './views/viewContext';
import './styles.css';

/** Wiring only: messages and clicks go into the reducer, the reducer's state onto the page. */
const client = connect(hostPort, panelContract, (error) => {
  console.error(error.message);
});
// Asked for before anything else, for the host takes its time to answer.
const answer = client.call('ready', {});
const page = document.getElementById('root') ?? document.body;
let state = { ...initialState, ui: savedUi(vscode.getState()) };
let format: Format | null = null;
let theme: ChartTheme | null = null;
/** Null until something is on the screen: charts take longer than text. */
let board: ChartBoard | null = null;
let isLoadingCharts = false;
/** Rows of the table that are on the page: a long one comes onto it in parts, after the charts. */
let rows = 0;
const rowsAtOnce = 16;
let isTableGrowing = false;
let lossZoomed = false;
let scheduled = false;
let lastDrawn = 0;
let liveTimer: ReturnType<typeof setTimeout> | null = null;
/** A sweep tells more than anyone can read: so often it is drawn while nobody does anything. */
const msBetweenLiveDraws = 100;

function dispatch(action: Action): void {
  const before = state;
  state = reduce(state, action);
  if (state === before) return;
  if (state.ui !== before.ui || state.configUri !== before.configUri) {
    vscode.setState({
      configUri: state.configUri,
      ui: {
        ...state.ui,
        hidden: [...state.ui.hidden],
        hiddenParts: [...state.ui.hiddenParts],
        asTable: [...state.ui.asTable],
      },
    });
  }
  if (action.type === 'sweepEvents') scheduleLive();
  else schedule();
}

/** One draw a frame, however much has happened. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    lastDrawn = performance.now();
    draw();
  });
}

function scheduleLive(): void {
  liveTimer ??= setTimeout(
    () => {
      liveTimer = null;
      schedule();
    },
    Math.max(0, lastDrawn + msBetweenLiveDraws - performance.now()),
  );
}

/** A browser loads what it knows of languages on first use, which takes longer than a frame. */
function prepare(): { readonly format: Format; readonly theme: ChartTheme } {
  format ??= createFormat(document.documentElement.lang);
  theme ??= readTheme(document);
  return { format, theme };
}

async function loadCharts(): Promise<void> {
  if (isLoadingCharts) return;
  isLoadingCharts = true;
  await firstPaint();
  const module = await import('./charts/chartBoard');
  board = new module.ChartBoard(
    document,
    (batchSize) => {
      dispatch({ type: 'selected', batchSize });
    },
    (zoomed) => {
      lossZoomed = zoomed;
      schedule();
    },
  );
  schedule();
}

/** Resolves once there is something to read, or a second later where the browser does not say. */
function firstPaint(): Promise<void> {
  return new Promise((resolve) => {
    new PerformanceObserver((entries, observer) => {
      if (!entries.getEntriesByName('first-contentful-paint').length) return;
      observer.disconnect();
      resolve();
    }).observe({ type: 'paint', buffered: true });
    setTimeout(resolve, 1000);
  });
}

function growTable(): void {
  if (isTableGrowing) return;
  isTableGrowing = true;
  requestIdleCallback(() => {
    isTableGrowing = false;
    rows += rowsAtOnce;
    schedule();
  });
}

function draw(): void {
  const { format, theme } = prepare();
  const { ui } = state;
  const phase = phaseOf(state);
  // A sweep without events already has its place, so that nothing jumps.
  const known =
    phase === 'waiting' ? null : (state.sweep ?? (phase === 'running' ? emptySweep : null));
  // A log that was cut off still has trials that nobody trains.
  const sweep = phase === 'interrupted' && known ? { ...known, running: [], active: null } : known;
  const own = sweep ? axisSizes(sweep, phase === 'running') : [];
  const sizes = state.compared
    ? [...new Set([...own, ...axisSizes(state.compared, false)])].sort((a, b) => a - b)
    : own;
  const colours = sizeColours(sizes, theme.kind);
  const context: ViewContext = {
    state,
    phase,
    format,
    colours,
    lossZoomed,
    isWhole: board !== null,
    rows,
    dispatch,
    ask: (action) => void run(action, () => client.call(action, {})),
    apply: (batchSize, learningRate) =>
      void run('apply', () => client.call('apply', { batchSize, learningRate })),
    saveChart: (name) => {
      const png = board?.picture(name, theme.background)?.toDataURL('image/png');
      if (png !== undefined) void run('saveChart', () => client.call('saveChart', { name, png }));
    },
    copyChart: (name) => {
      const picture = board?.picture(name, theme.background);
      if (picture) void run('copyChart', () => copyPicture(picture));
    },
    openProblem: (index) => void run('openProblem', () => client.call('openProblem', { index })),
    fixProblem: (index) => void run('fixProblem', () => client.call('fixProblem', { index })),
    zoomLoss: (factor) => {
      board?.zoomLoss(factor);
    },
  };
  if (!sweep) {
    render(app(context), page);
    return;
  }
  const summaries = summarize(sweep);
  const { compared } = state;
  const earlier = compared ? summarize(compared) : [];
  const models: BoardModel = {
    time: {
      ...timeModel(sweep, summaries, sizes),
      compared: compared ? timeModel(compared, earlier, sizes).reached : [],
    },
    loss: {
      ...lossModel(sweep, summaries, ui.lossAxis),
      hidden: ui.hidden,
      compared: compared ? lossModel(compared, earlier, ui.lossAxis).series : [],
    },
    throughput: throughputModel(sweep, summaries, sizes),
    memory: { ...memoryChartModel(sweep, summaries, sizes), hiddenParts: ui.hiddenParts },
  };
  const chosen = chosenSize(sweep, ui.selected);
  render(app({ ...context, sweep, summaries, models, chosen }), page);
  if (board && rows < sweep.trials.length) growTable();
  void loadCharts();
  board?.update(models, {
    theme,
    format,
    colours,
    chosen,
    highlighted: state.highlighted,
    recommended: sweep.recommendation?.batchSize ?? null,
  });
}

/** The clipboard is this page's own: extensions can put text there only. */
async function copyPicture(picture: HTMLCanvasElement): Promise<void> {
  const png = new Promise<Blob>((resolve, reject) => {
    picture.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error(l10n.t('The chart could not be copied.')));
    }, 'image/png');
  });
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
}

async function run(action: PanelAction, call: () => Promise<unknown>): Promise<void> {
  dispatch({ type: 'asked', action });
  try {
    await call();
    dispatch({ type: 'answered' });
  } catch (error) {
    dispatch({ type: 'refused', message: error instanceof Error ? error.message : String(error) });
  }
}

function receive(snapshot: Snapshot): void {
  dispatch({ type: 'snapshot', snapshot });
}

client.on('snapshot', receive);
client.on('sweepEvents', ({ events }) => {
  dispatch({ type: 'sweepEvents', events });
});
client.on('configured', ({ batchSize, learningRate }) => {
  dispatch({ type: 'configured', batchSize, learningRate });
});
client.on('problems', ({ problems }) => {
  dispatch({ type: 'problems', problems });
});
client.on('changedFiles', ({ changedFiles }) => {
  dispatch({ type: 'changedFiles', changedFiles });
});
onThemeChange(document, () => {
  theme = readTheme(document);
  schedule();
});
setTimeout(prepare);
answer.then(
  ({ snapshot, language }) => {
    format = useLanguage(document.documentElement, language);
    receive(snapshot);
  },
  (error: unknown) => {
    dispatch({ type: 'refused', message: error instanceof Error ? error.message : String(error) });
  },
);
