import path from 'node:path';
import * as vscode from 'vscode';
import { lazy } from './editor/lazy';
import { guarded } from './editor/notify';
import { registerEditor } from './editor/register';
import { registerAgents } from './editor/registerAgents';
import type { RunSweep } from './editor/sweepSession';
import { loadLanguage, loadNotebook } from './languages/load';

type Keep = <T extends vscode.Disposable>(part: T) => T;

/** Registers and nothing more: what does the work is loaded when it is first needed. */
export function activate(context: vscode.ExtensionContext): void {
  const keep: Keep = (part) => {
    context.subscriptions.push(part);
    return part;
  };
  const log = keep(vscode.window.createOutputChannel('Batchwise', { log: true }));
  const parts = lazyParts(context, log, keep);
  context.subscriptions.push(
    ...registerEditor(parts.workbench, log),
    ...registerAgents(parts.tools, context),
    ...registerMachineCommands(parts, log),
    ...registerViews(parts, context),
  );
  // A sweep that was cut off with the last window is offered again.
  if (context.workspaceState.get('batchwise.running') !== undefined) void parts.workbench.load();
}

type Parts = ReturnType<typeof lazyParts>;

/** The parts that do the work, each a bundle of its own or made of several. */
function lazyParts(context: vscode.ExtensionContext, log: vscode.LogOutputChannel, keep: Keep) {
  const { extensionUri, extensionPath, workspaceState } = context;
  const workerFile = path.join(extensionPath, 'dist', 'worker.js');
  const runSweep: RunSweep = async (options) => (await import('./tuner/sweep')).tune(options);
  const workbench = lazy(async () => {
    const { Workbench } = await import('./editor/workbench');
    return keep(
      new Workbench({
        runSweep,
        workerFile,
        log,
        showPanel: async () => {
          (await panel.load()).show(true);
        },
        languages: { loadLanguage, loadNotebook },
        extensionUri,
        memory: workspaceState,
      }),
    );
  });
  const panel = lazy(async () => {
    const [{ SweepPanel }, { panelModel }] = await Promise.all([
      import('./editor/webviews/sweepPanel'),
      workbench.load(),
    ]);
    return keep(new SweepPanel(extensionUri, panelModel));
  });
  const doctor = lazy(async () => {
    const [{ Doctor }, { examine }] = await Promise.all([
      import('./editor/doctor'),
      import('./tuner/doctor'),
    ]);
    return keep(new Doctor(examine, workerFile));
  });
  const tools = lazy(async () => {
    const [{ AgentTools }, loaded] = await Promise.all([
      import('./editor/agentTools'),
      workbench.load(),
    ]);
    return new AgentTools(loaded, workerFile);
  });
  return { workbench, panel, doctor, tools };
}

/** Commands about this machine, which need no config and no workspace. */
function registerMachineCommands(
  { doctor }: Parts,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  return [
    vscode.commands.registerCommand('batchwise.doctor', () =>
      guarded(async () => (await doctor.load()).show(), log),
    ),
    vscode.commands.registerCommand('batchwise.installNative', () =>
      guarded(async () => {
        const [{ installNative }, { installNativeRuntime }] = await Promise.all([
          import('./editor/installNative'),
          import('./tuner/nativeRuntime/install'),
        ]);
        await installNative(installNativeRuntime, log);
      }, log),
    ),
  ];
}

/** The side view, and the panel that VS Code brings back after a reload. */
function registerViews(
  { workbench, panel }: Parts,
  { extensionUri }: vscode.ExtensionContext,
): vscode.Disposable[] {
  return [
    vscode.window.registerWebviewViewProvider('batchwise.side', {
      resolveWebviewView: async (view) => {
        const [{ resolveSideView }, { sideModel }] = await Promise.all([
          import('./editor/webviews/sideView'),
          workbench.load(),
        ]);
        resolveSideView(view, extensionUri, sideModel);
      },
    }),
    vscode.window.registerWebviewPanelSerializer('batchwise.panel', {
      deserializeWebviewPanel: async (restored, state: unknown) => {
        (await panel.load()).restore(restored, state);
      },
    }),
  ];
}
