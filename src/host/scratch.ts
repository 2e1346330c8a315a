import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import { changeableByOthersHere } from './private-path.ts';

/** A folder for files that need not be kept. */
export interface Scratch {
  readonly folder: string;
  readonly remove: () => void;
}

const NAME = /^ipc-sweep-(\d+)-/;
const PERMISSIONS = 0o777;

/**
 * Makes a folder whose name tells which process it belongs to. Nobody else can create a name in it
 * or replace anything in it: programs that root runs are read from it.
 * @throws UserError when there is no room or no folder for temporary files
 */
export function makeScratch(purpose: string): Scratch {
  let folder: string;
  try {
    // The new folder has mode 0700, minus what the umask removes.
    folder = mkdtempSync(join(tmpdir(), `ipc-sweep-${process.pid}-${purpose}-`));
  } catch (error) {
    throw new UserError(`cannot keep temporary files in ${tmpdir()}: ${(error as Error).message}`, {
      hint: 'set TMPDIR to a folder that can be written and has room',
      exitCode: ExitCode.machine,
    });
  }
  const open = sharedPart(folder);
  if (open !== undefined) {
    rmSync(folder, { recursive: true, force: true });
    throw new UserError(
      `cannot keep temporary files in ${tmpdir()}: others can put theirs in their place, by ${open}`,
      {
        hint: 'set TMPDIR to a folder below which only you can write, such as one of mode 0700, or to one with the sticky bit, such as /tmp',
        exitCode: ExitCode.machine,
      },
    );
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Removes the folders of processes that were killed before they could do it themselves. In a shared
 * folder anybody may make folders with such names, so only those are removed that this user has
 * made and that nobody else can replace in the meantime.
 */
export function removeStaleScratch(): void {
  let names: readonly string[] = [];
  // Code that needs the folder reports that it is missing.
  try {
    names = readdirSync(tmpdir());
  } catch {}
  for (const name of names) {
    const owner = NAME.exec(name)?.[1];
    if (owner === undefined || isProcessAlive(Number(owner))) continue;
    const folder = join(tmpdir(), name);
    try {
      if (isOwn(folder)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // It was removed in the meantime or holds what cannot be removed; this sweep need not care.
    }
  }
}

function isOwn(folder: string): boolean {
  const stats = lstatSync(folder);
  const { uid, mode } = stats;
  return (
    stats.isDirectory() &&
    uid === process.geteuid?.() &&
    (mode & PERMISSIONS) === 0o700 &&
    sharedPart(folder) === undefined
  );
}

function sharedPart(folder: string): string | undefined {
  const user = process.geteuid?.();
  return user === undefined ? undefined : changeableByOthersHere(folder, user, process.getegid?.());
}

export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
