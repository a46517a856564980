import { serve, type Port } from '../../protocol/channel';
import { condensed, pointsOfCurve, withShortCurves } from '../../core/sweep/condensed';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { PageLanguage } from '../../protocol/pageLanguage';
import { panelContract } from '../../protocol/panel';
import type { PanelModel } from './panelModel';

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
  const snapshot = () => {
    const { events, compared, ...others } = model.snapshot();
    return { ...others, events: shown(events), compared: shown(compared) };
  };

  const server = serve(port, panelContract, {
    ready: () => {
      hydrated = true;
      return { snapshot: snapshot(), language };
    },
    tune: answered(() => model.tune()),
    cancel: answered(() => model.cancel()),
    resume: answered(() => model.resume()),
    apply: async ({ batchSize, learningRate }) => {
      await model.apply(batchSize, learningRate);
      return {};
    },
    openConfig: answered(() => model.openConfig()),
    createConfig: answered(() => model.createConfig()),
    manageTrust: answered(() => model.manageTrust()),
    showLog: answered(() => model.showLog()),
    exportResult: answered(() => model.exportResult()),
    compare: answered(() => model.compare()),
    stopComparing: answered(() => model.stopComparing()),
    saveChart: async ({ name, png }) => {
      const base64 = png.slice(png.indexOf(',') + 1);
      await model.saveChart(name, Buffer.from(base64, 'base64'));
      return {};
    },
    openProblem: async ({ index }) => {
      await model.openProblem(index);
      return {};
    },
    fixProblem: async ({ index }) => {
      await model.fixProblem(index);
      return {};
    },
  });

  const changes = model.onDidChange((change) => {
    if (!hydrated) return;
    switch (change.type) {
      case 'snapshot':
        server.emit('snapshot', snapshot());
        break;
      case 'sweepEvents':
        server.emit('sweepEvents', {
          events: change.events.map((event) => withShortCurves(event)),
        });
        break;
      case 'problems':
        server.emit('problems', { problems: [...change.problems] });
        break;
      case 'changedFiles':
        server.emit('changedFiles', { changedFiles: [...change.changedFiles] });
        break;
      case 'configured':
        server.emit('configured', {
          batchSize: change.batchSize,
          learningRate: change.learningRate,
        });
        break;
    }
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

function answered(act: () => Promise<void>) {
  return async () => {
    await act();
    return {};
  };
}
