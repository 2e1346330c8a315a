import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns the words that start this ipc-sweep: `npx ipc-sweep` in a clone or if npx has started it,
 * otherwise `ipc-sweep`.
 * @param main the file that Node was started with
 */
export function ownCommand(main: string, environment: NodeJS.ProcessEnv): string {
  if (environment.npm_command === 'exec') return 'npx ipc-sweep';
  try {
    const root = dirname(dirname(realpathSync(main)));
    return existsSync(join(root, 'tsconfig.json')) ? 'npx ipc-sweep' : 'ipc-sweep';
  } catch {
    return 'ipc-sweep';
  }
}

/** A text with its command lines as they have to be typed here. */
export function asTypedHere(
  text: string,
  command: string = ownCommand(process.argv[1] ?? '', process.env),
): string {
  return text.replace(/(?<![\w./-])(?:npx )?ipc-sweep (?=[a-z.])/g, `${command} `);
}
