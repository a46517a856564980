import { Command, type ErrorOptions } from 'commander';
import type { MessageId } from '../core/text/messages';
import type { Language } from '../core/text/problem';

/** Commander's headings of a help text. */
const titles: Readonly<Record<string, MessageId>> = {
  'Usage:': 'cliUsageTitle',
  'Arguments:': 'cliArgumentsTitle',
  'Options:': 'cliOptionsTitle',
  'Commands:': 'cliCommandsTitle',
};

/** Its complaints, each about one thing that it names in quotes. */
const complaints: Readonly<Record<string, MessageId>> = {
  'commander.missingArgument': 'cliMissingArgument',
  'commander.optionMissingArgument': 'cliMissingOptionValue',
  'commander.unknownOption': 'cliUnknownOption',
  'commander.unknownCommand': 'cliUnknownCommand',
};

/** A command that says Commander's own words in the person's language, too. */
export class LocalCommand extends Command {
  readonly #language: Language;

  constructor(name: string, language: Language) {
    super(name);
    this.#language = language;
    const { say } = language;
    this.helpOption('-h, --help', say('cliHelpOption')).configureHelp({
      styleTitle: (title) => {
        const id = titles[title];
        return id ? say(id) : title;
      },
    });
  }

  override createCommand(name: string): LocalCommand {
    return new LocalCommand(name, this.#language);
  }

  override error(message: string, options?: ErrorOptions): never {
    return super.error(this.#inLanguage(message, options?.code), options);
  }

  #inLanguage(message: string, code: string | undefined): string {
    const { say } = this.#language;
    const name = /'([^']*)'/.exec(message)?.[1];
    const complaint = complaints[code ?? ''];
    if (complaint && name !== undefined) {
      const near = /\(Did you mean (?:one of )?(.*)\?\)/.exec(message)?.[1];
      const hint = near === undefined ? '' : `\n${say('cliDidYouMean', { near })}`;
      return `${say(complaint, { name })}${hint}`;
    }
    if (code === 'commander.excessArguments') return say('cliExcessArguments');
    if (code !== 'commander.invalidArgument') return message;
    // `error: option '--budget <duration>' argument 'soon' is invalid. ` and our own sentence.
    return message.replace(/^error: (option|command-argument) .* is invalid\. /, '');
  }
}
