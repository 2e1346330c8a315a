import { fileURLToPath } from 'node:url';
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

/** The folder of the program: that of the bundle, or of the modules. */
const OWN_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/**
 * Explains an error that comes from a part of the program which was there at the start: somebody has
 * built or installed ipc-sweep anew, or removed it, while it worked.
 * @returns undefined for any other error
 */
export function partGone(error: unknown, ownFolder = OWN_FOLDER): UserError | undefined {
  const { code = '', path = '', message } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  const notFound = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  const notRead = code === 'ENOENT' && path.startsWith(ownFolder);
  if (!notFound && !notRead) return undefined;
  return new UserError(`a part of ipc-sweep is no longer there: ${message}`, {
    hint: 'it was built or installed anew, or removed, while it worked; what was measured is stored, and the same command goes on from there (`ipc-sweep export` writes the tables)',
    exitCode: ExitCode.machine,
  });
}
