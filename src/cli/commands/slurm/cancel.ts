import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { isJobAlive } from '../../../slurm/answers.ts';
import type { Slurm } from '../../../slurm/commands.ts';
import { jobsOf } from '../../../slurm/record.ts';
import type { Terminal } from '../../terminal.ts';
import { ownStates, submissions } from './submitted.ts';

export interface CancelArguments {
  readonly target: string | undefined;
  readonly results: string;
  readonly allowLarge: boolean;
}

/** Ends the jobs of one submission, and no others. */
export async function cancel(
  args: CancelArguments,
  slurm: Slurm,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const [found, ...others] = submissions(args);
  if (found === undefined || others.length > 0) {
    throw new UserError('slurm cancel: several sweeps were submitted from there', {
      hint: `say which: ${[found, ...others].map((each) => each?.record.name).join(', ')}`,
    });
  }
  const { folder, record } = found;
  const alive = new Set((await ownStates(record, slurm)).filter(isJobAlive).map(({ job }) => job));
  const jobs = jobsOf(record).filter((job) => alive.has(job));
  if (jobs.length === 0) {
    terminal.out(`nothing of ${folder} is queued or running`);
    return ExitCode.ok;
  }
  await slurm.cancel(jobs, record.cluster ?? undefined);
  terminal.out(
    `cancelled job ${jobs.join(' and ')}; what was measured stays stored, and \`slurm submit\` goes on with it`,
  );
  return ExitCode.ok;
}
