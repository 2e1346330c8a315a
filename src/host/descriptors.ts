import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { ExitCode, UserError } from '../errors.ts';

/**
 * A start takes two descriptors for each of three streams, and two through which Node learns that
 * it has failed. Two more are to spare.
 */
const NEEDED = 10;

/**
 * Must be called before a process is started: Node 20 reports a full table of open files in a way
 * that cannot be caught.
 * @throws UserError when there are too few file descriptors left
 */
export function requireDescriptors(): void {
  const taken: number[] = [];
  try {
    while (taken.length < NEEDED) taken.push(openSync(devNull, 'r'));
  } catch (error) {
    throw new UserError(`no process can be started: ${(error as Error).message}`, {
      hint: 'allow more open files (ulimit -n 1024), or close what holds them, and `run` again',
      exitCode: ExitCode.machine,
    });
  } finally {
    for (const file of taken) closeSync(file);
  }
}
