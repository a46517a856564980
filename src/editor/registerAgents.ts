import path from 'node:path';
import * as vscode from 'vscode';
import type { AgentTools } from './agentTools';
import { foldersOnDisk } from './configs/configFiles';
import type { Lazy } from './lazy';

/** As package.json declares them; what they do is loaded when a model calls one. */
const toolNames = [
  'batchwise_explain',
  'batchwise_tune',
  'batchwise_recommendation',
  'batchwise_apply',
] as const;

/** Registers the tools for agents, and the MCP server that offers the same outside of VS Code's chat. */
export function registerAgents(
  tools: Lazy<AgentTools>,
  context: vscode.ExtensionContext,
): vscode.Disposable[] {
  const serversChanged = new vscode.EventEmitter<void>();
  const changed = () => {
    serversChanged.fire();
  };
  return [
    new vscode.Disposable(() => {
      serversChanged.dispose();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(changed),
    vscode.workspace.onDidChangeWorkspaceFolders(changed),
    ...toolNames.map((name) =>
      vscode.lm.registerTool<object>(name, {
        prepareInvocation: async ({ input }) => (await tools.load()).prepare(name, input),
        invoke: async ({ input }, token) => (await tools.load()).invoke(name, input, token),
      }),
    ),
    vscode.lm.registerMcpServerDefinitionProvider('batchwise', {
      onDidChangeMcpServerDefinitions: serversChanged.event,
      provideMcpServerDefinitions: () => {
        const { version } = context.extension.packageJSON as { readonly version: string };
        const cli = path.join(context.extensionPath, 'dist', 'cli.js');
        return (vscode.workspace.isTrusted ? foldersOnDisk() : []).map(
          ({ name, uri }) =>
            new vscode.McpStdioServerDefinition(
              `Batchwise (${name})`,
              process.execPath,
              [cli, 'mcp', '--folder', uri.fsPath],
              // On the desktop the executable is Electron.
              { ELECTRON_RUN_AS_NODE: '1' },
              version,
            ),
        );
      },
    }),
  ];
}
