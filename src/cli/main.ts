#!/usr/bin/env node
import { ExitCode, type ExitCodeValue, UserError } from '../errors.ts';
import { commandLine } from './parser.ts';
import { processTerminal } from './terminal.ts';

/** The only place that decides how the process ends. */
async function main(words: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  let code: ExitCodeValue = ExitCode.ok;
  try {
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
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
