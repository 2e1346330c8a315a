#!/usr/bin/env node
import { release, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ExitCode, UserError } from '../errors.ts';
import { HostLost } from '../host/host-lost.ts';
import { requireWorkingFolder } from '../host/working-folder.ts';
import { ownVersion } from '../own-version.ts';
import { bugReport } from './bug-report.ts';
import { endWithTerminal, hangUpIgnored, keepIgnoringHangUp } from './hang-up.ts';
import { load } from './load.ts';
import { outputLost, processTerminal } from './terminal.ts';
import { requireTrueNames } from './true-names.ts';

/** The only place that decides how the process ends. */
async function main(words: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  try {
    // First: a folder whose name is no UTF-8 looks as if it were gone.
    requireTrueNames(words, process.env, workingFolder);
    requireWorkingFolder();
    // Here, so that a message can be given when that fails.
    const { commandLine } = await load(() => import('./parser.ts'));
    return await commandLine(words, terminal);
  } catch (error) {
    if (error instanceof UserError) {
      terminal.talk(`ipc-sweep: ${error.message}`);
      if (error.hint) terminal.talk(`hint: ${error.hint}`);
      return error.exitCode;
    }
    if (error instanceof HostLost) {
      terminal.talk(`ipc-sweep: ${error.message}`);
      terminal.talk(
        'hint: try again; what was measured is stored, and `run` goes on with the rest',
      );
      return ExitCode.machine;
    }
    terminal.talk(
      bugReport(error, {
        version: ownVersion(),
        nodeVersion: process.version,
        system: `${type()} ${release()} ${process.arch}`,
        words,
        home: process.env.HOME ?? '',
        workingFolder: workingFolder(),
        ownFolder: fileURLToPath(new URL('../..', import.meta.url)),
      }),
    );
    return ExitCode.runsFailed;
  }
}

/** Empty where it has been removed; what needs it says so. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

// A write beyond the limit on file sizes is to fail with EFBIG. Node ignores the signal, but a
// library that has listened to it sets it back to what ends the process.
process.on('SIGXFSZ', () => {});
if (hangUpIgnored()) keepIgnoringHangUp();

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
