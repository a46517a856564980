import { serve, type Port } from '../../protocol/channel';
import { panelContract, type Snapshot } from '../../protocol/panel';
import type { PanelModel } from './panelModel';

/** What the editor knows of its language. */
export interface PanelLanguage {
  readonly strings: Snapshot['strings'];
  readonly language: string;
}

/**
 * Carries the model over a port: answers calls, and once the page has asked for its snapshot, sends
 * it every change until `pause`.
 */
export function servePanel(
  port: Port,
  model: PanelModel,
  language: PanelLanguage,
): { pause(): void; dispose(): void } {
  let hydrated = false;
  const snapshot = (): Snapshot => ({ ...model.snapshot(), ...language });

  const server = serve(port, panelContract, {
    ready: () => {
      hydrated = true;
      return snapshot();
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
        server.emit('sweepEvents', { events: [...change.events] });
        break;
      case 'problems':
        server.emit('problems', { problems: [...change.problems] });
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

function answered(act: () => Promise<void>) {
  return async () => {
    await act();
    return {};
  };
}
