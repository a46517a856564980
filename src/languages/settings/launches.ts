import { trainingOf } from '../shell/commandTraining';
import type { Word } from '../shell/commands';
import { searchLine } from '../shell/searchCommands';
import type { SiteBuilder } from '../siteBuilder';
import type { Training } from '../site';
import { span } from './settingSites';
import type { Entry, Mapping, Node, Scalar } from './settingsTree';

/** Whether a file holds the programs that VS Code starts. */
export function isLaunches(fileName: string | null): boolean {
  return fileName === 'launch.json';
}

/** The trainings that `launch.json` starts, by the `args` of its configurations. */
export function launchesIn(root: Node, builder: SiteBuilder): Training[] {
  const configurations = root.type === 'mapping' ? valueOf(root, 'configurations') : null;
  if (configurations?.type !== 'sequence') return [];
  return configurations.items.flatMap((item) => {
    const command = item.type === 'mapping' ? commandOf(item) : null;
    const training = command && trainingOf(command, nothingAround, builder);
    return training ? [training] : [];
  });
}

const nothingAround = {
  variables: new Map<string, never>(),
  environment: [],
  isProgram: false,
  otherwise: false,
};

/** The trainings that the command lines of workflows and containers start. */
export function* commandsIn(
  text: string,
  commands: readonly (readonly Scalar[])[],
  builder: SiteBuilder,
  inferences: SiteBuilder,
): Generator<undefined, Training[]> {
  const trainings: Training[] = [];
  for (const words of commands) {
    yield;
    const [line] = words;
    if (line && words.length === 1)
      trainings.push(...(yield* searchLine(text, span(line), builder, inferences)));
    else {
      const training = trainingOf(words.map(wordOf), nothingAround, builder);
      if (training) trainings.push(training);
    }
  }
  return trainings;
}

function commandOf(configuration: Mapping): Word[] | null {
  const started = valueOf(configuration, 'program') ?? valueOf(configuration, 'module');
  const args = valueOf(configuration, 'args');
  if (started?.type !== 'scalar' || args?.type !== 'sequence') return null;
  const given = args.items.filter((item): item is Scalar => item.type === 'scalar');
  const words = [wordOf(started), ...given.map(wordOf)];
  const from = Math.min(...words.map((word) => word.from));
  return [{ text: 'python', from, to: from }, ...words];
}

function valueOf({ entries }: Mapping, name: string): Entry['value'] {
  return entries.find(({ key }) => key === name)?.value ?? null;
}

/** A string without its quotes. */
function wordOf(scalar: Scalar): Word {
  const { from, to } = span(scalar);
  const quote = scalar.quote.length;
  return { text: scalar.text, from: from + quote, to: to - quote };
}
