import { countsByName } from '../counts';
import { inTurn } from '../clock';
import { hintIn } from '../hints';
import { isEvaluationBatchSize, isTrainingBatchSize, kindOfName } from '../names';
import type { Findings, Training } from '../site';
import { SiteBuilder } from '../siteBuilder';
import { commandsOf, type Command, type ShellComment, type Stretch, type Word } from './commands';
import { isOtherWork, isScript, namesOtherWork, trainingOf } from './commandTraining';
import {
  addFlag,
  assignmentsIn,
  flagsIn,
  literalIn,
  resolve,
  span,
  type Flag,
  type Literal,
} from './flags';

/**
 * Finds the batch sizes of commands that train, and of variables that they are given.
 * @param fileName says of `eval_model.sh` that nothing in it trains
 */
export function* searchCommands(
  text: string,
  fileName: string | null = null,
): Generator<undefined, Findings> {
  const search = new CommandSearch(text, fileName !== null && namesOtherWork(fileName));
  yield* search.searchIn({ from: 0, to: text.length });
  return yield* search.finish();
}

/**
 * The trainings that a part of a text starts, as a workflow holds a script.
 * @param builder takes the sizes, `inferences` those of evaluations
 */
export function* searchLine(
  text: string,
  within: Stretch,
  builder: SiteBuilder,
  inferences: SiteBuilder,
): Generator<undefined, readonly Training[]> {
  const search = new CommandSearch(text, false, builder, inferences);
  yield* search.searchIn(within);
  return (yield* search.finish()).trainings;
}

/** Options that a variable holds: `ARGS="--lr 0.1"`. */
interface Options {
  /** The variable's name, where it is assigned. */
  readonly name: Word;
  readonly words: Command;
}

/** A script as it is read from its start: variables hold what was assigned to them last. */
class CommandSearch {
  readonly #text: string;
  /** Whether some of it takes a trained model, or data for one. */
  #otherwise: boolean;
  readonly #comments: ShellComment[] = [];
  readonly #builder: SiteBuilder;
  readonly #inferences: SiteBuilder;
  readonly #variables = new Map<string, Literal>();
  /** All that was ever assigned: a script may choose between several. */
  readonly #assigned: Literal[] = [];
  readonly #options = new Map<string, Options>();
  readonly #given = new Set<Options>();
  /** Of the variable of a loop, the values after its first. */
  readonly #loops = new Map<Literal, readonly Literal[]>();
  /** What programs find in their environment. */
  readonly #exported: Flag[] = [];
  readonly #trainings: Training[] = [];
  /** Quotes in quotes. */
  #depth = 0;

  constructor(
    text: string,
    otherwise: boolean,
    builder = new SiteBuilder(),
    inferences = new SiteBuilder(),
  ) {
    this.#text = text;
    this.#otherwise = otherwise;
    this.#builder = builder;
    this.#inferences = inferences;
  }

  *searchIn(stretch: Stretch): Generator<undefined> {
    for (const command of yield* commandsOf(this.#text, this.#comments, stretch)) {
      yield;
      this.#noteLoop(command);
      const assignments = assignmentsIn(command);
      for (const assignment of assignments) {
        const literal = literalIn(assignment.value, assignment);
        if (literal) {
          this.#variables.set(assignment.name, literal);
          this.#assigned.push(literal);
        } else if (assignment.value.inner)
          this.#options.set(assignment.name, {
            name: { text: assignment.name, ...assignment.nameAt },
            words: yield* this.#wordsIn(assignment.value.inner),
          });
        else this.#variables.delete(assignment.name);
      }
      if (command[0]?.text === 'export') this.#exported.push(...assignments);
      const isAssignment = assignments.length >= command.length;
      if (!isAssignment) this.#train(this.#expanded(command), assignments);
      // `srun bash -c "python train.py --batch-size 8"`
      for (const { inner } of command.slice(assignments.length))
        if (inner && this.#depth < 2) yield* this.#inside(inner);
    }
  }

  /** `for SIZE in 16 32`: the variable is each of them in turn. */
  #noteLoop([first, variable, sign, ...values]: Command): void {
    if (first?.text !== 'for' || !variable || sign?.text !== 'in') return;
    const named = { name: variable.text, nameAt: span(variable), value: variable };
    const literals = values.flatMap((value) => literalIn(value, named) ?? []);
    const [start, ...others] = literals;
    if (!start || literals.length < values.length) return;
    this.#variables.set(variable.text, start);
    this.#loops.set(start, others);
  }

  *#inside(stretch: Stretch): Generator<undefined> {
    this.#depth++;
    yield* this.searchIn(stretch);
    this.#depth--;
  }

  *#wordsIn(stretch: Stretch): Generator<undefined, Command> {
    return (yield* commandsOf(this.#text, this.#comments, stretch)).flat();
  }

  /** A command with the options that its variables hold: `python train.py $ARGS`. */
  #expanded(command: Command): Command {
    return command.flatMap((word) => {
      const name = variableIn(word.text);
      const options = name === null ? undefined : this.#options.get(name);
      if (!options) return [word];
      this.#given.add(options);
      return options.words;
    });
  }

  #train(command: Command, assignments: readonly Flag[], isProgram = false): void {
    const variables = this.#variables;
    const otherwise = this.#otherwise;
    const environment = [...assignments, ...this.#exported];
    const around = { variables, environment, isProgram, otherwise };
    const training = trainingOf(command, around, this.#builder);
    if (!training) {
      this.#otherwise ||= command.some(({ text }) => isScript(text) && isOtherWork(text));
      return;
    }
    // A command in a loop over rates has no rate of its own.
    const swept = flagsIn(command).some((flag) => {
      const rate = kindOfName(flag.name) === 'learningRate' ? resolve(flag, variables) : null;
      return rate !== null && (this.#loops.get(rate)?.length ?? 0) > 0;
    });
    this.#trainings.push(swept ? { ...training, learningRate: null } : training);
    for (const flag of flagsIn(command)) {
      const looped = kindOfName(flag.name) === 'batchSize' ? resolve(flag, variables) : null;
      for (const other of (looped && this.#loops.get(looped)) ?? [])
        addFlag(this.#builder, 'batchSize', flag, other, training.call);
      const literal = isEvaluationBatchSize(flag.name) ? resolve(flag, variables) : null;
      if (literal) addFlag(this.#inferences, 'batchSize', flag, literal, training.call);
    }
  }

  *finish(): Generator<undefined, Findings> {
    const builder = this.#builder;
    if (!this.#otherwise) {
      // Options and sizes for a command of another script.
      for (const options of this.#options.values()) {
        yield;
        if (!this.#given.has(options)) this.#train([options.name, ...options.words], [], true);
      }
      for (const { name, nameRange, value, range } of this.#assigned) {
        yield;
        if (name !== null && isTrainingBatchSize(name))
          builder.add(
            {
              kind: 'batchSize',
              value,
              range,
              quote: '',
              name,
              nameRange,
              counts: countsByName(name),
            },
            range,
          );
      }
    }
    const hints = yield* inTurn(this.#comments, (comment) => hintIn(comment.text, span(comment)));
    return {
      sites: builder.all(),
      inferences: this.#inferences.all(),
      trainings: this.#trainings,
      layers: [],
      hints: hints.filter((hint) => hint !== null),
    };
  }
}

/** The variable whose words a word stands for: `$ARGS`, `${ARGS}`, `"${ARGS[@]}"`. */
function variableIn(text: string): string | null {
  return /^"?\$\{?(\w+)(?:\[[@*]\])?\}?"?$/.exec(text)?.[1] ?? null;
}
