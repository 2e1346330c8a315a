import { ExitCode, UserError } from '../errors.ts';

/** What SQLite says when the disk or the file is at fault, and not the program. */
const ENVIRONMENT =
  /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|BUSY|LOCKED|PERM|AUTH|PROTOCOL)/;

/** Turns a fault of disk or file into a message; hands everything else back as it is. */
export function storageError(file: string, error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof UserError || typeof code !== 'string' || !ENVIRONMENT.test(code)) {
    return error;
  }
  const damaged = /CORRUPT|NOTADB/.test(code);
  return new UserError(`cannot use the database ${file}: ${(error as Error).message} (${code})`, {
    hint: damaged
      ? `\`ipc-sweep doctor --db ${file}\` saves what can be read`
      : 'check the folder, its permissions, its free space and the limit on files (ulimit -f), or name another file with --db; what is stored already is whole',
    exitCode: ExitCode.machine,
  });
}
