import { ExitCode, UserError } from '../errors.ts';

/** SQLite's error codes when the disk or the file is at fault, and not the program. */
const ENVIRONMENT =
  /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|BUSY|LOCKED|PERM|AUTH|PROTOCOL)/;

/** Turns a disk or file error into a message; returns anything else unchanged. */
export function storageError(file: string, error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === 'SQLITE_ERROR' && message === 'integer overflow') {
    return new UserError(`the numbers in the database ${file} are too large to be added up`, {
      hint: 'ipc-sweep never writes such numbers: do not trust the file',
      exitCode: ExitCode.machine,
    });
  }
  if (error instanceof UserError || typeof code !== 'string' || !ENVIRONMENT.test(code)) {
    return error;
  }
  return new UserError(`cannot use the database ${file}: ${(error as Error).message} (${code})`, {
    hint: hintFor(code, file),
    exitCode: ExitCode.machine,
  });
}

function hintFor(code: string, file: string): string {
  if (/CORRUPT|NOTADB/.test(code))
    return `\`ipc-sweep doctor --db ${file}\` saves what can be read`;
  if (/BUSY|LOCKED|PROTOCOL/.test(code)) {
    return 'another program is using it at this moment: wait for it or close it there, and try again';
  }
  if (/READONLY_(ROLLBACK|RECOVERY)/.test(code)) {
    return 'a program was killed while it wrote to it; the next `run` puts that right';
  }
  return 'check the folder, its permissions, its free space and the limit on files (ulimit -f), or name another file with --db; what is stored already is whole';
}
