import { getPriority } from 'node:os';

/** Asks a program that prints when its launcher calls getpriority(2) for a pid. */
export function askForCounts(pid: number): void {
  try {
    getPriority(pid);
  } catch {
    // No such process: the run has ended, and the question has been heard all the same.
  }
}
