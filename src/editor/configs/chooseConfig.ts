import * as vscode from 'vscode';
import { configOfScript, createPythonConfig, pythonInView } from '../createConfig/pythonConfig';
import { fileOf, type SiteDocuments } from '../sites/siteDocuments';
import {
  configInView,
  findConfigs,
  isConfigDocument,
  isConfigName,
  pickConfig,
} from './configFiles';

/** The file that a command's argument names: menus give a Uri, our own links its text. */
export function givenUri(target: unknown): vscode.Uri | undefined {
  if (target instanceof vscode.Uri) return target;
  if (typeof target !== 'string') return undefined;
  const uri = vscode.Uri.parse(target);
  return uri.scheme === 'file' ? uri : undefined;
}

/**
 * The config that a command is for: the one given, that of the Python script given or in view, the
 * one in view, or the person's choice. Undefined when the person cancelled, 'none' when the workspace
 * has no config.
 */
export async function chooseConfig(
  target: unknown,
  documents: SiteDocuments,
): Promise<vscode.Uri | 'none' | undefined> {
  const given = givenUri(target);
  if (given && isConfigName(given.fsPath)) return given;
  const script = given?.path.endsWith('.py')
    ? await vscode.workspace.openTextDocument(given)
    : pythonInView();
  const file = script && fileOf(script);
  if (script && file) {
    const config = await configOfScript(file);
    return config ?? (await createPythonConfig(script, documents)) ?? undefined;
  }
  const direct = given ?? configInView();
  if (direct) return direct;
  const untitled = vscode.window.activeTextEditor?.document;
  if (untitled?.isUntitled && isConfigDocument(untitled) && !(await untitled.save()))
    return undefined;
  const configs = await findConfigs();
  return configs.length === 0 ? 'none' : pickConfig(configs);
}
