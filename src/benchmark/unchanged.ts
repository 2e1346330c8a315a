import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { ExitCode, UserError } from '../errors.ts';

/**
 * A check that a file is still the one that it is now: runs of a benchmark that is built anew during a
 * sweep would be stored under the hash of the old one. Whoever writes to a file can set its time of
 * modification, but not that of its last change; a changed time alone (chmod, another link to it) is
 * looked into.
 * @returns throws a UserError when the file has been changed, replaced or removed
 */
export function unchanged(path: string): () => void {
  const stateOf = () => {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    const { dev, ino, size, mtimeNs, ctimeNs } = found ?? {};
    return found && [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  };
  const hash = () => {
    try {
      return createHash('sha256').update(readFileSync(path)).digest('hex');
    } catch {
      return undefined;
    }
  };
  let state = stateOf();
  const content = hash();
  return () => {
    const now = stateOf();
    if (now === state) return;
    if (now !== undefined && content !== undefined && hash() === content) {
      state = now;
      return;
    }
    throw new UserError(
      `the benchmark ${path} was ${now === undefined ? 'removed' : 'changed'} during the sweep`,
      {
        hint: 'the runs so far are stored; `run` again goes on with the same program, and starts a new sweep with another',
        exitCode: ExitCode.machine,
      },
    );
  };
}
