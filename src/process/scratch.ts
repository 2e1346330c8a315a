import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for files that are not worth keeping. */
export interface Scratch {
  readonly folder: string;
  readonly remove: () => void;
}

const NAME = /^ipc-sweep-(\d+)-/;

/** Makes a folder whose name tells which process it belongs to. */
export function makeScratch(purpose: string): Scratch {
  const folder = mkdtempSync(join(tmpdir(), `ipc-sweep-${process.pid}-${purpose}-`));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Removes the folders of processes that were killed before they could. */
export function removeStaleScratch(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = NAME.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    // Somebody else's folder stays: it cannot be removed, and that is no error of ours.
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {}
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
