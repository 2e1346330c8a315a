import { setImmediate } from 'node:timers/promises';
import { doubtLine } from '../../../analyse/doubts.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';
import { type Checked, type CheckRequest, checkDatabase } from './check-database.ts';
import { studentNames } from './students.ts';

/** A database with its place in the list. */
export interface CheckedFile {
  readonly student: string;
  readonly file: string;
  readonly checked: Checked;
  /** The first file of the list that has the same identity, because one is a copy of the other. */
  readonly copyOf: string | undefined;
}

/** Reads one database after the other, and keeps none. */
export async function* checkedFiles(
  files: readonly string[],
  asked: CheckRequest,
  terminal: Terminal,
): AsyncGenerator<CheckedFile> {
  const students = studentNames(files);
  const first = new Map<string, string>();
  for (const [at, file] of files.entries()) {
    if (terminal.interactive) terminal.live(`${at + 1} of ${files.length}: ${printable(file)}`);
    const checked = checkDatabase(file, asked);
    const id = checked.state === 'judged' ? checked.databaseId : '';
    const copyOf = first.get(id);
    if (id !== '' && copyOf === undefined) first.set(id, file);
    yield { student: students[at]!, file, checked, copyOf };
    // Lets Node finish its writes to a pipe, which would pile up, and handle signals.
    await setImmediate();
  }
}

/** The sentences about copies, doubts and differences of a database. */
export function doubtsOf({ checked, copyOf }: CheckedFile): readonly string[] {
  if (checked.state === 'unread') return [];
  const copied =
    copyOf === undefined
      ? []
      : [`it has the identity of ${copyOf}: one is a copy of the other (same-database)`];
  return [...copied, ...checked.doubts.map(doubtLine)];
}
