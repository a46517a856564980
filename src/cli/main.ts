import { exitCode } from './exitCode';
import { languageOf } from './language';
import { runCommandLine } from './program';

/** The entry of the terminal's command. A fault of our own is one line, too, never a stack trace. */
async function main(): Promise<void> {
  // A reader that has read enough (`batchwise tune … | head`) is no error.
  process.stdout.on('error', () => undefined);
  process.exitCode = await runCommandLine(process.argv.slice(2), languageOf(process.env));
}

main().catch((error: unknown) => {
  const cause = error instanceof Error ? error.message : String(error);
  process.stderr.write(`batchwise: ${cause}\n`);
  process.exitCode = exitCode.failed;
});
