import { statSync } from 'node:fs';
import { ExitCode, UserError } from '../errors.ts';

/**
 * Paths are relative to the working folder, and every program that is started needs one.
 * @throws UserError when it has been deleted
 */
export function requireWorkingFolder(): void {
  try {
    statSync(process.cwd());
  } catch (error) {
    throw new UserError(`the working folder is gone: ${(error as Error).message}`, {
      hint: 'it was deleted or renamed: `cd` to a folder that is there',
      exitCode: ExitCode.machine,
    });
  }
}
