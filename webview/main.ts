import { hostPort, loadScript, vscode } from './host';
import * as l10n from '@vscode/l10n';
import { render } from 'lit-html';
import { connect } from '../src/protocol/channel';
import { panelContract, type Snapshot } from '../src/protocol/panel';
import type { ChartBoard } from './charts/chartBoard';
import { onThemeChange, readTheme, type ChartTheme } from './charts/theme';
import { createFormat, type Format } from './format';
import { rememberedSweep } from './model/shownSweep';
import { chosenSize } from './model/trials';
import { savedUi } from './savedUi';
import { chartNames, initialState, phaseOf, reduce, type Action, type PanelAction } from './store';
import { useLanguage } from './text';
import { app } from './views/app';
import type { PageExtent, ViewContext } from './views/viewContext';
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
let isCompleting = false;
/** At first, what is in sight. */
let extent: PageExtent = { cards: 2, details: 0, rows: 0 };
const rowsAtOnce = 6;
let isTableGrowing = false;
const shownOf = rememberedSweep();
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

/** Brings the rest of the page onto it, once there is something to read: a part a frame. */
async function complete(): Promise<void> {
  if (isCompleting) return;
  isCompleting = true;
  await firstPaint();
  await Promise.all([loadScript('charts.js'), completeText()]);
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

async function completeText(): Promise<void> {
  const cards = chartNames.length;
  for (let details = 0; details <= cards; details++) {
    extent = { ...extent, cards, details };
    schedule();
    await new Promise(requestAnimationFrame);
  }
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
  const grow = () => {
    // A frame has no room for both.
    if (board?.isBusy) {
      soon();
      return;
    }
    isTableGrowing = false;
    extent = { ...extent, rows: extent.rows + rowsAtOnce };
    schedule();
  };
  const soon = () => requestIdleCallback(grow, { timeout: 300 });
  soon();
}

function draw(): void {
  const { format, theme } = prepare();
  const phase = phaseOf(state);
  const shown = shownOf(state, phase, theme.kind);
  const context: ViewContext = {
    state,
    phase,
    format,
    lossZoomed,
    extent,
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
  if (!shown) {
    render(app(context), page);
    return;
  }
  const { sweep, models, colours } = shown;
  const chosen = chosenSize(sweep, state.ui.selected);
  render(app({ ...context, ...shown, chosen }), page);
  if (board && extent.rows < sweep.trials.length) growTable();
  complete().catch(() => {
    dispatch({ type: 'refused', message: l10n.t('The charts could not be loaded.') });
  });
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
