import * as vscode from 'vscode';
import type { Lazy } from './lazy';
import { guarded } from './notify';
import { isEnabled } from './settings';
import { mayHaveSites, siteSelector } from './sites/siteSelector';
import type { Workbench } from './workbench';

type Action = (workbench: Workbench, target: unknown, second: unknown) => Promise<unknown>;

/** The commands of the manifest; `target` is the config a menu, lens or hover link names. */
const actions: Readonly<Record<string, Action>> = {
  tune: (workbench, target) => workbench.tune(target),
  tuneAgain: (workbench, target) => workbench.tuneAgain(target),
  cancel: (workbench) => workbench.session.cancel(),
  resume: (workbench, target) => workbench.resume(target),
  createConfig: (workbench) => workbench.createConfig(),
  showResults: (workbench, target) => workbench.showResults(target),
  applyRecommendation: (workbench, target) => workbench.applyRecommendation(target),
  exportResult: (workbench, target) => workbench.exportResult(target),
  compareSweeps: (workbench, target) => workbench.compare(target),
  manageTrust: (workbench) => workbench.manageTrust(),
  showLog: (workbench) => workbench.showLog(),
  linkSource: (workbench, config, file) => workbench.linkSource(config, file),
};

/** Registers commands, providers and listeners; none of them loads the workbench before its use. */
export function registerEditor(
  workbench: Lazy<Workbench>,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  return [
    ...registerCommands(workbench, log),
    ...registerProviders(workbench),
    ...followDocuments(workbench, log),
  ];
}

function registerCommands(
  workbench: Lazy<Workbench>,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  return Object.entries(actions).map(([name, act]) =>
    vscode.commands.registerCommand(`batchwise.${name}`, (target: unknown, second: unknown) =>
      guarded(async () => act(await workbench.load(), target, second), log),
    ),
  );
}

function registerProviders(workbench: Lazy<Workbench>): vscode.Disposable[] {
  const lensesChanged = new vscode.EventEmitter<void>();
  const hintsChanged = new vscode.EventEmitter<void>();
  let following = false;
  /** What is shown in the text follows configs and sweeps from the first time somebody asks. */
  const loaded = async () => {
    const parts = await workbench.load();
    if (!following) {
      following = true;
      parts.onDidChangeLenses(() => {
        lensesChanged.fire();
        hintsChanged.fire();
      });
    }
    return parts;
  };
  return [
    new vscode.Disposable(() => {
      lensesChanged.dispose();
      hintsChanged.dispose();
    }),
    vscode.languages.registerHoverProvider(siteSelector, {
      provideHover: async (document, position) =>
        isEnabled('hover', document)
          ? (await workbench.load()).providers.hover(document, position)
          : null,
    }),
    vscode.languages.registerCodeLensProvider(siteSelector, {
      onDidChangeCodeLenses: lensesChanged.event,
      provideCodeLenses: async (document) =>
        isEnabled('codeLens', document) ? (await loaded()).providers.lenses(document) : [],
    }),
    registerCodeActions(workbench),
    vscode.languages.registerInlayHintsProvider(siteSelector, {
      onDidChangeInlayHints: hintsChanged.event,
      provideInlayHints: async (document, range) =>
        isEnabled('inlayHints', document)
          ? (await loaded()).providers.inlayHints(document, range)
          : [],
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('batchwise.codeLens')) lensesChanged.fire();
      if (event.affectsConfiguration('batchwise.inlayHints')) hintsChanged.fire();
    }),
  ];
}

function registerCodeActions(workbench: Lazy<Workbench>): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    siteSelector,
    {
      provideCodeActions: async (document, range, context) => {
        const { providers, configDiagnostics } = await workbench.load();
        return [
          ...(await configDiagnostics.fixes(document, range)),
          ...(await providers.codeActions(document, range, context)),
        ];
      },
    },
    {
      providedCodeActionKinds: [
        vscode.CodeActionKind.RefactorRewrite,
        vscode.CodeActionKind.QuickFix,
      ],
    },
  );
}

/** Documents that are open, opened or edited are checked where they can hold sites at all. */
function followDocuments(
  workbench: Lazy<Workbench>,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const check = (document: vscode.TextDocument) => {
    if (!mayHaveSites(document)) return;
    workbench.load().then(
      (parts) => {
        parts.checkSoon(document);
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
      workbench.loaded?.forget(document);
    }),
  ];
}
