import { isatty } from 'node:tty';

const STANDARD = [0, 1, 2];

/**
 * Lets this process end by SIGHUP when its terminal has gone meanwhile. Node would set that terminal
 * back as it ends, fail, and abort, with a core instead of an exit code.
 */
export function endWithTerminal(): void {
  const terminals = STANDARD.filter(isatty);
  process.once('exit', () => {
    if (!terminals.every(isatty)) process.kill(process.pid, 'SIGHUP');
  });
}
