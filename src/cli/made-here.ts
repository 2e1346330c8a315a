import { hostname } from 'node:os';
import { ExitCode, UserError } from '../errors.ts';
import { homeMachines } from '../store/home-machines.ts';
import { guarded } from '../store/open.ts';
import { isBeingWritten } from '../store/writer-lock.ts';

/**
 * Keeps a database as it is if all its sweeps were made on other machines: whoever has been given
 * it would otherwise write into it by accident.
 * @throws UserError naming those machines
 */
export function requireMadeHere(file: string): void {
  const machine = hostname();
  const { here, others } = guarded(file, () =>
    // Who writes to it is said when it is opened.
    isBeingWritten(file) ? { here: true, others: [] } : homeMachines(file, machine),
  );
  if (here || others.length === 0) return;
  throw new UserError(
    `the sweeps in ${file} were made on ${others.join(', ')}, and this is ${machine}: nothing is written into it`,
    {
      hint: `\`ipc-sweep check SPEC --db ${file}\` judges what is stored; --db names another database for new runs, and --fresh starts a sweep in this one`,
      exitCode: ExitCode.machine,
    },
  );
}
