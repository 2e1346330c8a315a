import { execa } from 'execa';
import { ExitCode, UserError } from '../errors.ts';
import {
  ACCOUNTS_FORMAT,
  type JobState,
  parseAccounts,
  parseQueue,
  parseSubmitted,
  QUEUE_FORMAT,
  type Submitted,
} from './answers.ts';

/** This is long because Slurm's controller may be busy with thousands of jobs. */
const ANSWER_MS = 60_000;
const LONGEST_ANSWER = 16 << 20;

/** Settings of the user's own that would change what a command does or prints. */
const NOT_PASSED: Readonly<Record<string, RegExp>> = {
  // With --wait, sbatch would answer when the job has ended; --test-only gives no job's id.
  sbatch: /^SBATCH_(WAIT|TEST_ONLY)$/,
  squeue: /^SQUEUE_/,
  sacct: /^SACCT_/,
  scancel: /^SCANCEL_/,
};

type Answer =
  | { readonly state: 'ok'; readonly stdout: string }
  /** It ended with an exit code other than 0; the reason is what it said. */
  | { readonly state: 'refused'; readonly reason: string };

/** Slurm's commands on this machine. */
export class Slurm {
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** @throws UserError with Slurm's own words when it refuses the job */
  async submit(words: readonly string[], name: string): Promise<Submitted> {
    const look = `\`squeue --name=${name}\` shows whether the job was submitted all the same`;
    const answer = await this.#run('sbatch', words, look);
    if (answer.state === 'refused') {
      throw new UserError(`sbatch refuses the job: ${answer.reason}`, {
        hint: '`sinfo` lists partitions and their limits; --sbatch passes on what your cluster asks for',
        exitCode: ExitCode.machine,
      });
    }
    const submitted = parseSubmitted(answer.stdout);
    if (submitted) return submitted;
    throw unread('sbatch', answer.stdout, look);
  }

  /**
   * Asks what Slurm knows of some jobs and their tasks: the queue, which forgets them minutes after
   * their end, and then its accounts, where it keeps any.
   */
  async states(jobs: readonly string[], cluster: string | undefined): Promise<readonly JobState[]> {
    const where = cluster === undefined ? [] : [`--clusters=${cluster}`];
    const ids = `--jobs=${jobs.join(',')}`;
    const queue = await this.#run('squeue', [
      ...['--noheader', '--array', '--states=all', `--format=${QUEUE_FORMAT}`],
      ...[...where, ids],
    ]);
    if (queue.state === 'refused' && !/invalid job id/i.test(queue.reason)) {
      throw new UserError(`squeue does not show the jobs: ${queue.reason}`, {
        exitCode: ExitCode.machine,
      });
    }
    // The name of a cluster stands above its jobs.
    const lines = queue.state === 'ok' ? queue.stdout.replace(/^CLUSTER: .*$/gm, '') : '';
    const queued = readable('squeue', parseQueue(lines));
    const accounts = await this.#run('sacct', [
      ...['--noheader', '--parsable2', '--allocations', `--format=${ACCOUNTS_FORMAT}`],
      ...[...where, ids],
    ]).catch(() => undefined);
    // Many clusters keep no accounts, and then sacct ends with an error.
    const ended = accounts?.state === 'ok' ? readable('sacct', parseAccounts(accounts.stdout)) : [];
    const keyOf = ({ job, task }: JobState) => `${job}_${task ?? ''}`;
    return [...new Map([...ended, ...queued].map((each) => [keyOf(each), each])).values()];
  }

  /** Ends jobs with all their tasks. @throws UserError with Slurm's own words when it refuses to */
  async cancel(jobs: readonly string[], cluster: string | undefined): Promise<void> {
    const where = cluster === undefined ? [] : [`--clusters=${cluster}`];
    const answer = await this.#run('scancel', [...where, ...jobs]);
    if (answer.state === 'ok') return;
    throw new UserError(`scancel refuses to end the jobs: ${answer.reason}`, {
      exitCode: ExitCode.machine,
    });
  }

  async #run(program: string, words: readonly string[], silent = 'try again'): Promise<Answer> {
    const passed = Object.entries(this.#environment).filter(
      ([name]) => !NOT_PASSED[program]?.test(name),
    );
    const result = await execa(program, words, {
      ...{ reject: false, stdin: 'ignore', timeout: ANSWER_MS, maxBuffer: LONGEST_ANSWER },
      ...{ extendEnv: false, env: Object.fromEntries(passed) },
    });
    if (result.code === 'ENOENT') {
      throw new UserError(`there is no ${program}: Slurm is not installed on this machine`, {
        hint: 'submit from a machine of the cluster; `ipc-sweep slurm submit SPEC --print` shows the job without Slurm',
        exitCode: ExitCode.machine,
      });
    }
    if (result.timedOut || result.isMaxBuffer) {
      const what = result.timedOut
        ? `gave no answer for ${ANSWER_MS / 1000} s`
        : 'wrote more than it should';
      throw new UserError(`${program} ${what}`, { hint: silent, exitCode: ExitCode.machine });
    }
    if (result.exitCode === 0) return { state: 'ok', stdout: result.stdout };
    const said = (result.stderr || result.stdout).trim().split('\n').slice(0, 5).join('; ');
    return { state: 'refused', reason: said || (result.shortMessage ?? 'it gives no reason') };
  }
}

function readable(
  program: string,
  parsed: readonly JobState[] | { readonly unread: string },
): readonly JobState[] {
  if (!('unread' in parsed)) return parsed;
  throw unread(program, parsed.unread, 'please report it with `sinfo --version`');
}

function unread(program: string, text: string, hint: string): UserError {
  return new UserError(
    `${program} gave an answer that cannot be read: ${JSON.stringify(text.slice(0, 200))}`,
    { hint, exitCode: ExitCode.machine },
  );
}
