import * as vscode from 'vscode';
import { emptySweep, reduceSweep } from '../../core/sweep/sweepState';
import { applyFix, showConfig } from '../configs/applyValues';
import { problemRange } from '../configs/configDiagnostics';
import { saveChart } from '../exportResult';
import { guarded } from '../notify';
import type { Keeping, SweepSession } from '../sweepSession';
import type { PanelModel } from './panelModel';
import type { ShownConfig } from './shownConfig';
import type { SideModel, SideViewModel } from './sideModel';

/** What the models show and pass on to: the workbench. */
interface Workbench {
  readonly shown: ShownConfig;
  readonly session: SweepSession;
  readonly side: SideModel;
  tune(target?: vscode.Uri, keeping?: Keeping): Promise<unknown>;
  resume(): Promise<unknown>;
  apply(batchSize: number, learningRate: number | null): Promise<unknown>;
  createConfig(): Promise<void>;
  manageTrust(): Promise<void>;
  showLog(): Promise<void>;
  exportResult(): Promise<void>;
  compare(): Promise<void>;
  showResults(target?: vscode.Uri): Promise<void>;
}

/** All that the panel asks of the extension. What takes as long as a sweep is only begun. */
export function panelModelOf(workbench: Workbench, log: vscode.LogOutputChannel): PanelModel {
  const { shown, session } = workbench;
  const begin = (act: () => Promise<unknown>) => {
    void guarded(act, log);
    return Promise.resolve();
  };
  return {
    snapshot: () => ({ ...shown.snapshot(), waitingFor: session.waitingFor }),
    onDidChange: shown.onDidChange,
    selectConfig: (configUri) => void selectConfig(shown, configUri),
    tune: () => {
      const { state } = shown;
      // The panel shows what there is already: its button means to measure again.
      const keeping = state && state.events.length > 0 ? 'nothing' : 'result';
      return begin(() => workbench.tune(state?.uri, keeping));
    },
    cancel: () => session.cancel(),
    resume: () => begin(() => workbench.resume()),
    apply: async (batchSize, learningRate) => {
      await workbench.apply(batchSize, learningRate);
    },
    openConfig: async () => {
      if (shown.state) await showConfig(shown.state.uri);
    },
    createConfig: () => workbench.createConfig(),
    manageTrust: () => workbench.manageTrust(),
    showLog: () => workbench.showLog(),
    exportResult: () => workbench.exportResult(),
    compare: () => workbench.compare(),
    stopComparing: () => {
      shown.compareWith([]);
      return Promise.resolve();
    },
    saveChart: async (name, png) => {
      const { state } = shown;
      if (!state) return;
      const sweep = state.events.reduce(reduceSweep, emptySweep);
      await saveChart(state.uri, name, png, sweep);
    },
    openProblem: async (index) => {
      const { state, problems } = shown;
      const found = problems[index];
      if (!state || !found) return;
      const document = await vscode.workspace.openTextDocument(state.uri);
      await showConfig(state.uri, problemRange(document, found));
    },
    fixProblem: async (index) => {
      const { state, problems } = shown;
      const found = problems[index];
      if (state && found) await applyFix(state.uri, found);
    },
  };
}

/** All that the side view asks of the extension. */
export function sideModelOf(workbench: Workbench, log: vscode.LogOutputChannel): SideViewModel {
  const { side } = workbench;
  return {
    setVisible: (visible) => {
      side.setVisible(visible);
    },
    state: () => side.state(),
    onDidChange: side.onDidChange,
    tune: () => {
      void guarded(() => workbench.tune(side.config?.uri), log);
      return Promise.resolve();
    },
    manageTrust: () => workbench.manageTrust(),
    showResults: () => workbench.showResults(side.config?.uri),
  };
}

async function selectConfig(shown: ShownConfig, configUri: string): Promise<void> {
  try {
    const uri = vscode.Uri.parse(configUri, true);
    await vscode.workspace.fs.stat(uri);
    shown.followActive(uri);
  } catch {
    // The config is gone: what is shown now stays.
  }
}
