import { ExitCode, UserError } from '../errors.ts';

/** Imports a part of the program. @throws UserError if that fails, with advice */
export async function load<T>(part: () => Promise<T>): Promise<T> {
  try {
    return await part();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!['EMFILE', 'ENFILE', 'ERR_MODULE_NOT_FOUND'].includes(code ?? '')) throw error;
    throw new UserError(`cannot load ipc-sweep: ${message}`, {
      hint: 'allow more open files (ulimit -n 1024); if they are enough, build it: npm run build',
      exitCode: ExitCode.machine,
    });
  }
}
