import * as vscode from 'vscode';
import { createPythonConfig, pythonInView } from '../createConfig/pythonConfig';
import { fileOf, type SiteDocuments } from '../sites/siteDocuments';
import type { SourceConfigs } from '../sites/sourceConfigs';
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
  configs: SourceConfigs,
): Promise<vscode.Uri | 'none' | undefined> {
  const given = givenUri(target);
  if (given && isConfigName(given.fsPath)) return given;
  const script = await scriptFor(given);
  const file = script && fileOf(script);
  const own = file ? await configs.training(file) : given;
  const direct = own ?? configInView();
  if (direct) return direct;
  const untitled = vscode.window.activeTextEditor?.document;
  if (untitled?.isUntitled && isConfigDocument(untitled) && !(await untitled.save()))
    return undefined;
  const found = await findConfigs();
  return found.length === 0 ? 'none' : pickConfig(found);
}

/** As chooseConfig; a Python script that no config trains gets one. */
export async function configToTune(
  target: unknown,
  documents: SiteDocuments,
  configs: SourceConfigs,
): Promise<vscode.Uri | 'none' | undefined> {
  const script = await scriptFor(givenUri(target));
  const file = script && fileOf(script);
  if (script && file && !(await configs.training(file)))
    return (await createPythonConfig(script, documents)) ?? undefined;
  return chooseConfig(target, configs);
}

/** The Python script that is given; where nothing is, the one in view. */
async function scriptFor(given: vscode.Uri | undefined): Promise<vscode.TextDocument | null> {
  if (!given) return pythonInView();
  return given.path.endsWith('.py') ? vscode.workspace.openTextDocument(given) : null;
}
