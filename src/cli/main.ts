// First of all, so that a signal in the first moment is heard.
import { interruption, outOfPatience } from './interruption';
import { exitCode } from './exitCode';
import { languageOf } from './language';
import { runCommandLine } from './program';
import { causeOf } from '../core/text/errorText';

/** The entry of the terminal's command. A fault of our own is one line, too, never a stack trace. */
async function main(): Promise<void> {
  const language = languageOf(process.env);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has read enough (`batchwise tune … | head`) is no error.
    if (error.code === 'EPIPE') return;
    process.stderr.write(`${language.say('cliOutputUnwritable', { cause: error.message })}\n`);
    process.exitCode = exitCode.failed;
  });
  const ended = runCommandLine(process.argv.slice(2), language, interruption);
  const code = await Promise.race([ended, outOfPatience]);
  if (code === undefined) process.exit(exitCode.cancelled);
  process.exitCode ||= code;
}

main().catch((error: unknown) => {
  const cause = causeOf(error);
  process.stderr.write(`batchwise: ${cause}\n`);
  process.exitCode = exitCode.failed;
});
