import path from 'node:path';
import * as vscode from 'vscode';
import { lazy } from './editor/lazy';
import { tellUnexpected } from './editor/notify';
import { registerEditor } from './editor/register';
import { registerAgents } from './editor/registerAgents';
import type { RunSweep } from './editor/sweepSession';
import { loadLanguage, loadNotebook } from './languages/load';

/** Registers and nothing more: what does the work is loaded when it is first needed. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Batchwise', { log: true });
  const keep = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };

  const runSweep: RunSweep = async (options) => (await import('./tuner/sweep')).tune(options);
  const workerFile = path.join(context.extensionPath, 'dist', 'worker.js');
  const workbench = lazy(async () => {
    const { Workbench } = await import('./editor/workbench');
    return keep(
      new Workbench({
        runSweep,
        workerFile,
        log,
        showPanel,
        languages: { loadLanguage, loadNotebook },
        extensionUri: context.extensionUri,
        memory: context.workspaceState,
      }),
    );
  });
  const panel = lazy(async () => {
    const [{ SweepPanel }, parts] = await Promise.all([
      import('./editor/webviews/sweepPanel'),
      workbench.load(),
    ]);
    return keep(new SweepPanel(context.extensionUri, parts.panelModel()));
  });
  async function showPanel(): Promise<void> {
    (await panel.load()).show(true);
  }

  keep(log);
  const doctor = lazy(async () => {
    const [{ Doctor }, { examine }] = await Promise.all([
      import('./editor/doctor'),
      import('./tuner/doctor'),
    ]);
    return keep(new Doctor(examine, workerFile));
  });
  keep(
    vscode.commands.registerCommand('batchwise.doctor', async () => {
      try {
        return await (await doctor.load()).show();
      } catch (error) {
        void tellUnexpected(error, log);
        return undefined;
      }
    }),
  );
  keep(
    vscode.commands.registerCommand('batchwise.installNative', async () => {
      try {
        const [{ installNative }, { installNativeRuntime }] = await Promise.all([
          import('./editor/installNative'),
          import('./tuner/nativeRuntime/install'),
        ]);
        await installNative(installNativeRuntime, log);
      } catch (error) {
        void tellUnexpected(error, log);
      }
    }),
  );
  context.subscriptions.push(...registerEditor(workbench, log));
  const tools = lazy(async () => {
    const [{ AgentTools }, parts] = await Promise.all([
      import('./editor/agentTools'),
      workbench.load(),
    ]);
    return new AgentTools(parts, workerFile);
  });
  context.subscriptions.push(...registerAgents(tools, context));
  // A sweep that was cut off with the last window is offered again.
  if (context.workspaceState.get('batchwise.running') !== undefined) void workbench.load();
  keep(
    vscode.window.registerWebviewViewProvider('batchwise.side', {
      resolveWebviewView: async (view) => {
        const [{ resolveSideView }, parts] = await Promise.all([
          import('./editor/webviews/sideView'),
          workbench.load(),
        ]);
        resolveSideView(view, context.extensionUri, parts.sideModel());
      },
    }),
  );
  keep(
    vscode.window.registerWebviewPanelSerializer('batchwise.panel', {
      deserializeWebviewPanel: async (restored, state: unknown) => {
        (await panel.load()).restore(restored, state);
      },
    }),
  );
}
