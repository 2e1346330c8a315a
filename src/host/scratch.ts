import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';

/** A folder for files that are not worth keeping. */
export interface Scratch {
  readonly folder: string;
  readonly remove: () => void;
}

const NAME = /^ipc-sweep-(\d+)-/;

/**
 * Makes a folder whose name tells which process it belongs to.
 * @throws UserError when there is no room or no folder for temporary files
 */
export function makeScratch(purpose: string): Scratch {
  let folder: string;
  try {
    folder = mkdtempSync(join(tmpdir(), `ipc-sweep-${process.pid}-${purpose}-`));
  } catch (error) {
    throw new UserError(`cannot keep temporary files in ${tmpdir()}: ${(error as Error).message}`, {
      hint: 'set TMPDIR to a folder that can be written and has room',
      exitCode: ExitCode.machine,
    });
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Removes the folders of processes that were killed before they could. */
export function removeStaleScratch(): void {
  let names: readonly string[] = [];
  // Whoever needs the folder says that it is not there.
  try {
    names = readdirSync(tmpdir());
  } catch {}
  for (const name of names) {
    const owner = NAME.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    // Somebody else's folder stays: it cannot be removed, and that is no error of ours.
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {}
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
