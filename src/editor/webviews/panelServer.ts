import { serve, type Port } from '../../protocol/channel';
import { condensed, pointsOfCurve, withShortCurves } from '../../core/sweep/condensed';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { PageLanguage } from '../../protocol/pageLanguage';
import { panelContract, type ToldSnapshot } from '../../protocol/panel';
import { toldEvents } from '../../protocol/toldEvents';
import type { PanelChange, PanelModel } from './panelModel';

/**
 * Carries the model over a port: answers calls, and once the page has asked for its snapshot, sends
 * it every change until `pause`.
 */
export function servePanel(
  port: Port,
  model: PanelModel,
  language: PageLanguage,
): { pause(): void; dispose(): void } {
  let hydrated = false;
  const snapshot = (): ToldSnapshot => {
    const { events, compared, ...others } = model.snapshot();
    return {
      ...others,
      events: toldEvents(shown(events)),
      compared: toldEvents(shown(compared)),
    };
  };

  const server = serve(port, panelContract, {
    ready: () => {
      hydrated = true;
      return { snapshot: snapshot(), language };
    },
    tune: answered(() => model.tune()),
    cancel: answered(() => model.cancel()),
    resume: answered(() => model.resume()),
    apply: answered(({ batchSize, learningRate }) => model.apply(batchSize, learningRate)),
    openConfig: answered(() => model.openConfig()),
    createConfig: answered(() => model.createConfig()),
    manageTrust: answered(() => model.manageTrust()),
    showLog: answered(() => model.showLog()),
    exportResult: answered(() => model.exportResult()),
    compare: answered(() => model.compare()),
    stopComparing: answered(() => model.stopComparing()),
    saveChart: answered(({ name, png }) =>
      model.saveChart(name, Buffer.from(png.slice(png.indexOf(',') + 1), 'base64')),
    ),
    openProblem: answered(({ index }) => model.openProblem(index)),
    fixProblem: answered(({ index }) => model.fixProblem(index)),
  });

  const changes = model.onDidChange((change) => {
    if (hydrated) announce(server, change, snapshot);
  });

  return {
    pause: () => {
      hydrated = false;
    },
    dispose: () => {
      changes.dispose();
      server.dispose();
    },
  };
}

function announce(
  server: Pick<ReturnType<typeof serve<typeof panelContract>>, 'emit'>,
  change: PanelChange,
  snapshot: () => ToldSnapshot,
): void {
  switch (change.type) {
    case 'snapshot':
      server.emit('snapshot', snapshot());
      break;
    case 'sweepEvents':
      server.emit('sweepEvents', { events: change.events.map((each) => withShortCurves(each)) });
      break;
    case 'problems':
      server.emit('problems', { problems: [...change.problems] });
      break;
    case 'changedFiles':
      server.emit('changedFiles', { changedFiles: [...change.changedFiles] });
      break;
    case 'configured': {
      const { batchSize, learningRate } = change;
      server.emit('configured', { batchSize, learningRate });
      break;
    }
  }
}

/** What a page needs of a sweep so far: a long one would take seconds to carry over whole. */
function shown(events: readonly SweepEvent[]): SweepEvent[] {
  const kept = condensed(events);
  const last = kept.at(-1);
  const trials =
    last?.type === 'finished'
      ? last.result.trials.length
      : kept.filter(({ type }) => type === 'trialFinished').length;
  const most = pointsOfCurve(trials);
  return kept.map((event) => withShortCurves(event, most));
}

/** A call that answers nothing but that it is done. */
function answered<I>(act: (input: I) => Promise<void>) {
  return async (input: I) => {
    await act(input);
    return {};
  };
}
