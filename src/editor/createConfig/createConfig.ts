import path from 'node:path';
import * as vscode from 'vscode';
import { lossNames, type LossName } from '../../core/model/losses';
import { freeConfigUri } from '../configs/configFiles';
import { findData, findModels, headOf, type ModelCandidate } from './candidates';
import { newConfigText, type NewConfig } from './configText';
import {
  byLikelihoodOfLabel,
  byLikelihoodOfLabels,
  isCompiled,
  jsonlRows,
  labelSource,
  likelyLoss,
  previewColumns,
  tableRows,
  type ColumnPreview,
} from './detect';
import { askText, choose, runSteps, type Answer, type Choice, type Step } from './wizard';

const { l10n } = vscode;
const totalSteps = 4;
const maxTopologyBytes = 16 * 2 ** 20;

interface Answers {
  readonly folder: vscode.WorkspaceFolder;
  readonly model: ModelCandidate | null;
  readonly train: string | null;
  readonly label: string | null;
  readonly labels: string | null;
  readonly loss: string | null;
}

/**
 * Asks for model, data, label and loss, writes a commented config and opens it.
 * @returns the new config, or null when the person turned away
 */
export async function createConfig(): Promise<vscode.Uri | null> {
  const folder = await chooseFolder();
  if (!folder) return null;
  const models = findModels(folder);
  const data = findData(folder);
  const initial: Answers = {
    folder,
    model: null,
    train: null,
    label: null,
    labels: null,
    loss: null,
  };
  const answers = await runSteps(initial, [
    (_, step) => askModel(folder, models, step),
    (_, step) => askData(folder, data, step),
    ({ train }, step) => (train === null ? Promise.resolve(null) : askLabel(train, data, step)),
    (given, step) => askLoss(given, step),
  ] satisfies Step<Answers>[]);
  if (!answers?.model || answers.train === null) return null;
  return writeConfig(answers, answers.model, answers.train);
}

async function chooseFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length > 1) {
    return vscode.window.showWorkspaceFolderPick({
      placeHolder: l10n.t('In which folder should the config be created?'),
    });
  }
  const [folder] = folders;
  if (!folder) {
    const openFolder = l10n.t('Open Folder');
    const chosen = await vscode.window.showInformationMessage(
      l10n.t('Batchwise keeps its config beside your model and data: open their folder first.'),
      openFolder,
    );
    if (chosen) await vscode.commands.executeCommand('workbench.action.files.openFolder');
  }
  return folder;
}

function title(): string {
  return l10n.t('New Batchwise Config');
}

async function askModel(
  folder: vscode.WorkspaceFolder,
  models: Promise<readonly ModelCandidate[]>,
  step: number,
): Promise<Answer<Partial<Answers>>> {
  const choices = models.then((found) => [
    ...found.map((value) => ({
      ...fileItem(folder, value.file),
      detail:
        value.kind === 'topology'
          ? l10n.t('Layers as JSON')
          : l10n.t('Module with createModel(tf)'),
      value: value,
    })),
    { ...browseItem(), value: null },
  ]);
  const placeholder = l10n.t('Which model should be trained?');
  const answer = await choose({ title: title(), placeholder, step, totalSteps, choices });
  if (answer.kind !== 'answer') return answer;
  if (answer.value) return { kind: 'answer', value: { model: answer.value } };
  const file = await browse(folder, placeholder, false, {
    [l10n.t('Models')]: ['json', 'mjs', 'js', 'cjs', 'ts', 'mts'],
  });
  if (file === null) return askModel(folder, models, step);
  const kind = file.toLowerCase().endsWith('.json') ? 'topology' : 'module';
  return { kind: 'answer', value: { model: { file, kind } } };
}

async function askData(
  folder: vscode.WorkspaceFolder,
  data: Promise<readonly string[]>,
  step: number,
): Promise<Answer<Partial<Answers>>> {
  const choices = data.then((files) => [
    ...files.map((file) => ({ ...fileItem(folder, file), value: file })),
    { ...browseItem(), value: null },
  ]);
  const placeholder = l10n.t('Which data should it be trained on?');
  const answer = await choose({ title: title(), placeholder, step, totalSteps, choices });
  if (answer.kind !== 'answer') return answer;
  const train = answer.value ?? (await browse(folder, placeholder, true));
  if (train === null) return askData(folder, data, step);
  return { kind: 'answer', value: { train, label: null, labels: null } };
}

async function askLabel(
  train: string,
  data: Promise<readonly string[]>,
  step: number,
): Promise<Answer<Partial<Answers>> | null> {
  const source = labelSource(train);
  if (source === 'none') return null;
  const base = { title: title(), step, totalSteps };
  if (source === 'file') {
    const choices = data.then((files) =>
      byLikelihoodOfLabels(
        train,
        files.filter((file) => labelSource(file) === 'file'),
      ).map((file) => ({ label: path.basename(file), description: file, value: file })),
    );
    const placeholder = l10n.t('Which file holds the labels?');
    if ((await choices).length === 0) return null;
    const answer = await choose({ ...base, placeholder, choices });
    return answer.kind === 'answer' ? { kind: 'answer', value: { labels: answer.value } } : answer;
  }
  const columns = await columnsOf(train);
  const names = byLikelihoodOfLabel(columns);
  const placeholder =
    source === 'column' ? l10n.t('Which column is the label?') : l10n.t('Which key is the label?');
  const answer =
    columns.length > 0
      ? await choose({
          ...base,
          placeholder,
          choices: Promise.resolve(
            names.map((label) => ({
              ...previewItem(columns.find(({ name }) => name === label)),
              label,
              value: label,
            })),
          ),
        })
      : await askText({ ...base, placeholder, problem: l10n.t('Type the name of the label.') });
  return answer.kind === 'answer' ? { kind: 'answer', value: { label: answer.value } } : answer;
}

async function columnsOf(file: string): Promise<ColumnPreview[]> {
  if (/\.jsonl$/i.test(file)) return previewColumns(jsonlRows(await headOf(file)), true);
  if (/\.(csv|tsv)$/i.test(file))
    return previewColumns(tableRows(await headOf(file), /\.tsv$/i.test(file)));
  return [];
}

const mostShown = 5;
const longestCell = 24;

/** What a column holds, and its values in the first five rows. */
function previewItem(column: ColumnPreview | undefined): Partial<vscode.QuickPickItem> {
  if (!column) return {};
  const { cells, holds, values } = column;
  const short = (cell: string) =>
    cell.length > longestCell ? `${cell.slice(0, longestCell)}…` : cell;
  const named = values?.slice(0, mostShown).map(([value, times]) => `${short(value)} (${times})`);
  const listed = `${named?.join(', ') ?? ''}${(values?.length ?? 0) > mostShown ? ', …' : ''}`;
  const kinds = {
    numbers: l10n.t('Numbers'),
    texts: l10n.t('Texts'),
    nothing: l10n.t('No values'),
  };
  const counted =
    values === null || values.length === 0
      ? ''
      : l10n.t('{0} values in the first {1} rows: {2}', values.length, cells.length, listed);
  return {
    description: [kinds[holds], counted].filter((text) => text !== '').join(' · '),
    detail: l10n.t('First rows: {0}', cells.slice(0, mostShown).map(short).join(' · ')),
  };
}

async function askLoss(answers: Answers, step: number): Promise<Answer<Partial<Answers>>> {
  const choices = lossChoices(answers);
  const placeholder = l10n.t('Which loss should be minimized?');
  const answer = await choose({ title: title(), placeholder, step, totalSteps, choices });
  return answer.kind === 'answer' ? { kind: 'answer', value: { loss: answer.value } } : answer;
}

async function lossChoices(answers: Answers): Promise<Choice<string | null>[]> {
  // The others are chosen in the file itself, where each has its description.
  const about: Partial<Record<LossName, string>> = {
    categoricalCrossentropy: l10n.t('Classes, one output each (softmax)'),
    sparseCategoricalCrossentropy: l10n.t('Classes given as numbers, one output each (softmax)'),
    binaryCrossentropy: l10n.t('Yes or no (sigmoid)'),
    meanSquaredError: l10n.t('Numbers; large errors count more'),
    meanAbsoluteError: l10n.t('Numbers; all errors count alike'),
  };
  const likely = await likelyLossOf(answers);
  const common = lossNames.filter((loss) => about[loss] !== undefined);
  const sorted = common.toSorted((a, b) => Number(b === likely) - Number(a === likely));
  const choices: Choice<string | null>[] = sorted.map((loss) => ({
    label: loss,
    description: about[loss] ?? '',
    value: loss,
  }));
  const { model } = answers;
  const compiled =
    model?.kind === 'topology' && isCompiled(await headOf(model.file, maxTopologyBytes));
  return compiled
    ? [{ label: l10n.t('The loss that the model was compiled with'), value: null }, ...choices]
    : choices;
}

async function likelyLossOf({ train, label }: Answers): Promise<string> {
  const column =
    train === null ? undefined : (await columnsOf(train)).find(({ name }) => name === label);
  return column ? likelyLoss(column.cells) : 'categoricalCrossentropy';
}

function fileItem(folder: vscode.WorkspaceFolder, file: string): vscode.QuickPickItem {
  const relative = path.relative(folder.uri.fsPath, file);
  const parent = path.dirname(relative);
  return { label: path.basename(file), ...(parent === '.' ? {} : { description: parent }) };
}

function browseItem(): vscode.QuickPickItem {
  return { label: l10n.t('Browse…'), iconPath: new vscode.ThemeIcon('folder-opened') };
}

async function browse(
  folder: vscode.WorkspaceFolder,
  dialogTitle: string,
  folders: boolean,
  filters?: Record<string, string[]>,
): Promise<string | null> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: dialogTitle,
      defaultUri: folder.uri,
      canSelectFolders: folders,
      canSelectFiles: true,
      ...(filters ? { filters } : {}),
    })) ?? [];
  return chosen?.fsPath ?? null;
}

async function writeConfig(
  answers: Answers,
  model: ModelCandidate,
  train: string,
): Promise<vscode.Uri> {
  const stem = path.basename(model.file, path.extname(model.file));
  const uri = await freeConfigUri(answers.folder.uri, stem, ['batchwise.json']);
  const relative = (file: string) =>
    path.relative(path.dirname(uri.fsPath), file).split(path.sep).join('/');
  const config: NewConfig = {
    model: { kind: model.kind, path: relative(model.file) },
    train: relative(train),
    label: answers.label,
    labels: answers.labels === null ? null : relative(answers.labels),
    loss: answers.loss,
  };
  const text = newConfigText(config, {
    model: l10n.t('The model that is trained.'),
    data: l10n.t('What it is trained on; validation is a share of it, or a file of its own.'),
    training: l10n.t('How it is trained now. Point at a number to see what it means.'),
    tuning: l10n.t(
      'What "best" means: time, throughput, quality or memory; and how long a tune may take.',
    ),
  });
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(uri);
  return uri;
}
