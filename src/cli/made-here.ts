import { hostname } from 'node:os';
import { ExitCode, UserError } from '../errors.ts';
import { homeMachines } from '../store/home-machines.ts';
import { guarded } from '../store/open.ts';
import { isBeingWritten } from '../store/writer-lock.ts';

/**
 * Refuses a database if all its sweeps were made on other machines. Somebody who was given it would
 * otherwise write into it by accident.
 * @throws UserError naming those machines
 */
export function requireMadeHere(file: string): void {
  const machine = hostname();
  const { here, others } = guarded(file, () =>
    // If somebody is writing to it, the attempt to open it says who that is.
    isBeingWritten(file) ? { here: true, others: [] } : homeMachines(file, machine),
  );
  if (here || others.length === 0) return;
  throw new UserError(
    `the sweeps in ${file} were made on ${others.join(', ')}, but this is ${machine}: nothing is written into it`,
    {
      hint: `\`ipc-sweep check SPEC --db ${file}\` judges what is stored; --db names another database for new runs, and --fresh starts a sweep in this one`,
      exitCode: ExitCode.machine,
    },
  );
}
