#!/usr/bin/env node
import { ExitCode, UserError } from '../errors.ts';
import { HostLost } from '../host/host-lost.ts';
import { requireWorkingFolder } from '../host/working-folder.ts';
import { endWithTerminal, hangUpIgnored, keepIgnoringHangUp } from './hang-up.ts';
import { load, partGone } from './import-part.ts';
import { asTypedHere } from './own-command.ts';
import { outputLost, processTerminal } from './terminal.ts';
import { requireUtf8Names } from './utf8-names.ts';

/** The only place that decides how the process ends. */
async function main(words: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  try {
    // First, because a folder whose name is not UTF-8 looks as if it did not exist.
    requireUtf8Names(words, process.env, workingFolder);
    requireWorkingFolder();
    if (words.length === 1 && words[0] === '--version') {
      // The parser would know it, too, but takes longer to load than all the rest.
      const { ownVersion } = await load(() => import('../own-version.ts'));
      terminal.out(ownVersion());
      return ExitCode.ok;
    }
    // Imported here, so that there can be a message if that fails.
    const { runCommandLine } = await load(() => import('./parser.ts'));
    return await runCommandLine(words, terminal);
  } catch (thrown) {
    const error = partGone(thrown) ?? thrown;
    if (error instanceof UserError) {
      terminal.talk(`ipc-sweep: ${error.message}`);
      if (error.hint) terminal.talk(`hint: ${asTypedHere(error.hint)}`);
      return error.exitCode;
    }
    if (error instanceof HostLost) {
      terminal.talk(`ipc-sweep: ${error.message}`);
      terminal.talk(
        'hint: try again; what was measured is stored, and `run` goes on with the rest',
      );
      return ExitCode.machine;
    }
    terminal.talk(await bugText(error, words));
    return ExitCode.runsFailed;
  }
}

/**
 * The report is loaded only now: where few open files are allowed, every module that has to be there
 * at the start counts. Without it, the stack alone must do.
 */
async function bugText(error: unknown, words: readonly string[]): Promise<string> {
  try {
    const { ownBugReport } = await import('./bug-report.ts');
    return ownBugReport(error, words, workingFolder());
  } catch {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `ipc-sweep: this is a bug, please report it with what led to it (look through the text first: it may name folders of yours)\n\n${stack}`;
  }
}

/** The working folder; empty if it has been removed, which is reported by whatever needs it. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

// A write beyond the limit on file sizes should fail with EFBIG. Node ignores the signal, but a
// library that has listened to it restores the default, which ends the process.
process.on('SIGXFSZ', () => {});
if (hangUpIgnored()) keepIgnoringHangUp();

// It is no error if whatever reads the output has gone away (`ipc-sweep plan | head`).
let lost: UserError | undefined;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') lost = outputLost(error);
});
// There is nowhere left to report it.
process.stderr.on('error', () => {});

endWithTerminal();
const code = await main(process.argv.slice(2));
process.exitCode = code;
process.once('exit', () => {
  if (code !== ExitCode.ok || lost === undefined) return;
  processTerminal().talk(`ipc-sweep: ${lost.message}\nhint: ${lost.hint}`);
  process.exitCode = lost.exitCode;
});
