import { statSync } from 'node:fs';
import { ExitCode, UserError } from '../errors.ts';

/**
 * A check that a file is still the one that it is now: runs of a benchmark that is built anew during a
 * sweep would be stored under the hash of the old one.
 * @returns throws a UserError when the file has been changed, replaced or removed
 */
export function unchanged(path: string): () => void {
  const state = () => {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found && [found.dev, found.ino, found.size, found.mtimeNs].join(' ');
  };
  const before = state();
  return () => {
    const now = state();
    if (now === before) return;
    throw new UserError(
      `the benchmark ${path} was ${now === undefined ? 'removed' : 'changed'} during the sweep`,
      {
        hint: 'the runs so far are stored; `run` again goes on with the same program, and starts a new sweep with another',
        exitCode: ExitCode.machine,
      },
    );
  };
}
