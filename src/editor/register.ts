import * as vscode from 'vscode';
import { configSelector, isConfigDocument } from './configFiles';
import type { Lazy } from './lazy';
import { tellUnexpected } from './notify';
import type { Workbench } from './workbench';

type Action = (workbench: Workbench, target: unknown) => Promise<unknown>;

/** The commands of the manifest; `target` is the config a menu, lens or hover link names. */
const actions: Readonly<Record<string, Action>> = {
  tune: (workbench, target) => workbench.tune(target),
  cancel: (workbench) => workbench.session.cancel(),
  resume: (workbench, target) => workbench.resume(target),
  createConfig: (workbench) => workbench.createConfig(),
  showResults: (workbench, target) => workbench.showResults(target),
  applyRecommendation: (workbench, target) => workbench.applyRecommendation(target),
  exportResult: (workbench, target) => workbench.exportResult(target),
  manageTrust: (workbench) => workbench.manageTrust(),
  showLog: (workbench) => workbench.showLog(),
};

/** Registers commands, providers and listeners; none of them loads the workbench before its use. */
export function registerEditor(
  workbench: Lazy<Workbench>,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  return [
    ...registerCommands(workbench, log),
    ...registerProviders(workbench),
    ...followConfigs(workbench, log),
  ];
}

function registerCommands(
  workbench: Lazy<Workbench>,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  return Object.entries(actions).map(([name, act]) =>
    vscode.commands.registerCommand(`batchwise.${name}`, async (target: unknown) => {
      try {
        return await act(await workbench.load(), target);
      } catch (error) {
        void tellUnexpected(error, log);
        return undefined;
      }
    }),
  );
}

function registerProviders(workbench: Lazy<Workbench>): vscode.Disposable[] {
  const lensesChanged = new vscode.EventEmitter<void>();
  let following = false;
  return [
    new vscode.Disposable(() => {
      lensesChanged.dispose();
    }),
    vscode.languages.registerHoverProvider(configSelector, {
      provideHover: async (document, position) =>
        (await workbench.load()).providers.hover(document, position),
    }),
    vscode.languages.registerCodeLensProvider(configSelector, {
      onDidChangeCodeLenses: lensesChanged.event,
      provideCodeLenses: async (document) => {
        const parts = await workbench.load();
        if (!following) {
          following = true;
          parts.onDidChangeLenses(() => {
            lensesChanged.fire();
          });
        }
        return parts.providers.lenses(document);
      },
    }),
    vscode.languages.registerCodeActionsProvider(
      configSelector,
      {
        provideCodeActions: async (document, range) =>
          (await workbench.load()).providers.codeActions(document, range),
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.RefactorRewrite] },
    ),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('batchwise.codeLens')) lensesChanged.fire();
    }),
  ];
}

/** Configs that are open, opened or edited are checked; other documents cost a look at their name. */
function followConfigs(
  workbench: Lazy<Workbench>,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const check = (document: vscode.TextDocument) => {
    if (!isConfigDocument(document)) return;
    workbench.load().then(
      ({ diagnostics }) => {
        diagnostics.checkSoon(document);
      },
      (error: unknown) => {
        log.error(error instanceof Error ? error : String(error));
      },
    );
  };
  // After activation, which only registers.
  const soon = setImmediate(() => {
    vscode.workspace.textDocuments.forEach(check);
  });
  return [
    new vscode.Disposable(() => {
      clearImmediate(soon);
    }),
    vscode.workspace.onDidOpenTextDocument(check),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      check(document);
    }),
    vscode.workspace.onDidSaveTextDocument(check),
    vscode.workspace.onDidCloseTextDocument((document) => {
      workbench.loaded?.diagnostics.forget(document);
    }),
  ];
}
