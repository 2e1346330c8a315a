/** One job, or one task of an array job, as Slurm describes it. */
export interface JobState {
  readonly job: string;
  /** The number of the task; undefined for a job that is no array. */
  readonly task: number | undefined;
  /** Slurm's own word, such as PENDING, RUNNING or NODE_FAIL. */
  readonly state: string;
  /** The node on which it runs or has run; empty if it has not been started. */
  readonly node: string;
  /** Why it waits, or how it ended; empty where Slurm says nothing. */
  readonly reason: string;
  /** The job's name. */
  readonly name: string;
}

/** A job's id, with the cluster if sbatch names one. */
export interface Submitted {
  readonly job: string;
  readonly cluster: string | undefined;
}

/** Reads what `sbatch --parsable` prints: `12`, or `12;cluster`. @returns undefined for anything else */
export function parseSubmitted(stdout: string): Submitted | undefined {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const [, job, cluster] = /^(\d{1,10})(?:;([\w.-]{1,64}))?$/.exec(last.trim()) ?? [];
  return job === undefined ? undefined : { job, cluster };
}

/** The columns of squeue for {@link parseQueue}; the name comes last, since it may hold anything. */
export const QUEUE_FORMAT = '%i|%T|%N|%r|%j';

/** @returns a row for each line, or the first line that is not understood */
export function parseQueue(stdout: string): readonly JobState[] | { readonly unread: string } {
  return parseLines(stdout, /^(\d+)(?:_(\d+))?\|([A-Z_]+)\|([^|]*)\|([^|]*)\|(.*)$/, (found) => {
    const [, job = '', task, state = '', node = '', reason = '', name = ''] = found;
    return {
      ...{ job, task: task === undefined ? undefined : Number(task), state, node },
      ...{ reason: reason === 'None' ? '' : reason, name },
    };
  });
}

/** The columns of sacct for {@link parseAccounts}. */
export const ACCOUNTS_FORMAT = 'JobID,State,NodeList,ExitCode,JobName';

/**
 * Reads what `sacct --parsable2 --noheader --allocations` prints. Tasks that wait are in one line
 * together (`12_[3-9]`); they are left out, because squeue knows them.
 * @returns a row for each other line, or the first line that is not understood
 */
export function parseAccounts(stdout: string): readonly JobState[] | { readonly unread: string } {
  const single = stdout.replace(/^\d+_\[[^|\n]*\|.*$/gm, '');
  return parseLines(
    single,
    /^(\d+)(?:_(\d+))?\|([A-Z_]+)[^|]*\|([^|]*)\|([^|]*)\|(.*)$/,
    ([, job = '', task, state = '', nodes = '', exit = '', name = '']) => ({
      ...{ job, task: task === undefined ? undefined : Number(task), state, name },
      node: nodes === 'None assigned' ? '' : nodes,
      reason: /^0:0$|^$/.test(exit) ? '' : `exit ${exit}`,
    }),
  );
}

function parseLines(
  text: string,
  pattern: RegExp,
  rowOf: (found: RegExpExecArray) => JobState,
): readonly JobState[] | { readonly unread: string } {
  const rows: JobState[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const found = pattern.exec(line.trim());
    if (!found) return { unread: line };
    rows.push(rowOf(found));
  }
  return rows;
}

/** Tells whether a job in this state waits or runs, and so can be cancelled. */
export function isJobAlive({ state }: Pick<JobState, 'state'>): boolean {
  return !ENDED.has(state);
}

/** States of squeue(1) and sacct(1) in which a job has ended and is not started again. */
const ENDED: ReadonlySet<string> = new Set([
  ...['BOOT_FAIL', 'CANCELLED', 'COMPLETED', 'DEADLINE', 'FAILED', 'NODE_FAIL'],
  ...['OUT_OF_MEMORY', 'PREEMPTED', 'REVOKED', 'TIMEOUT'],
]);
