#!/usr/bin/env node
import { ExitCode, type ExitCodeValue, UserError } from '../errors.ts';
import { requireWorkingFolder } from '../host/working-folder.ts';
import { endWithTerminal } from './hang-up.ts';
import { load } from './load.ts';
import { outputLost, processTerminal } from './terminal.ts';

/** The only place that decides how the process ends. */
async function main(words: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  let code: ExitCodeValue = ExitCode.ok;
  try {
    requireWorkingFolder();
    // Here, so that a message can be given when that fails.
    const { commandLine } = await load(() => import('./parser.ts'));
    await commandLine(terminal, (ended) => {
      code = ended;
    }).parseAsync([...words]);
    return code;
  } catch (error) {
    if (error instanceof UserError) {
      terminal.talk(`ipc-sweep: ${error.message}`);
      if (error.hint) terminal.talk(`hint: ${error.hint}`);
      return error.exitCode;
    }
    terminal.talk(`ipc-sweep: this is a bug, please report it with what led to it\n`);
    terminal.talk(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return ExitCode.runsFailed;
  }
}

// A reader or a terminal that went away (`ipc-sweep plan | head`) is no error.
let lost: UserError | undefined;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') lost = outputLost(error);
});
// There is nowhere left to say it.
process.stderr.on('error', () => {});

endWithTerminal();
const code = await main(process.argv.slice(2));
process.exitCode = code;
process.once('exit', () => {
  if (code !== ExitCode.ok || lost === undefined) return;
  processTerminal().talk(`ipc-sweep: ${lost.message}\nhint: ${lost.hint}`);
  process.exitCode = lost.exitCode;
});
