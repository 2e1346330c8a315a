import { readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { cellKey } from '../../../experiment/cell.ts';
import {
  type Experiment,
  loadExperiment,
  parseExperiment,
} from '../../../experiment/read-experiment.ts';
import { shellWord } from '../../../experiment/shell-word.ts';
import { writeFolder, writeWhole } from '../../../export/safe-file.ts';
import { readPlain } from '../../../host/plain-file.ts';
import { isJobAlive } from '../../../slurm/answers.ts';
import type { Slurm } from '../../../slurm/commands.ts';
import {
  arrayWords,
  type Job,
  jobFiles,
  jobName,
  mergeScript,
  mergeWords,
  requirePlainPath,
  requireSbatchOption,
  shardScript,
} from '../../../slurm/job.ts';
import { jobsOf, readRecord, recordText, type SlurmRecord } from '../../../slurm/record.ts';
import { notShared } from '../../../slurm/shared-files.ts';
import { divide } from '../../../sweep/divide.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { asTypedHere } from '../../own-command.ts';
import { Ownership } from '../../ownership.ts';
import type { Terminal } from '../../terminal.ts';
import { jobFolder, ownStates } from './submitted.ts';

export interface SubmitArguments {
  readonly target: string | undefined;
  readonly results: string;
  readonly shards: number | undefined;
  readonly nodes: number | undefined;
  readonly partition: string | undefined;
  readonly time: string | undefined;
  readonly account: string | undefined;
  readonly sbatch: readonly string[] | undefined;
  readonly tune: boolean;
  readonly allowScripts: boolean;
  readonly allowLarge: boolean;
  readonly print: boolean;
}

/** Submits a sweep: check -> write the job's folder -> sbatch the array -> sbatch the merge. */
export async function submit(
  args: SubmitArguments,
  slurm: Slurm,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  if (args.target === undefined) {
    throw new UserError('slurm submit: the spec is missing', {
      hint: '`ipc-sweep slurm submit SPEC --shards 4`',
    });
  }
  const experiment = loadExperiment(args.target, { allowLarge: args.allowLarge });
  const job = jobOf(args, experiment);
  divide(experiment, job.shards);
  for (const line of notes(job)) terminal.talk(line);
  if (args.print) {
    print(job, terminal);
    return ExitCode.ok;
  }
  await requireEnded(job, experiment, args.allowLarge, slurm);
  const owner = new Ownership(process.env, process.geteuid?.());
  owner.folder(job.folder);
  try {
    await submitted(job, experiment.text, { slurm, owner, terminal });
  } finally {
    owner.handBack();
  }
  return ExitCode.ok;
}

function jobOf(args: SubmitArguments, experiment: Experiment): Job {
  const { shards = args.nodes, nodes } = args;
  if (shards === undefined) {
    throw new UserError('slurm submit: the number of shards is missing', {
      hint: 'give it with --shards S, and --nodes N if fewer nodes than that may work at a time; `sinfo` lists nodes',
    });
  }
  for (const [name, value] of Object.entries({ shards, nodes })) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new UserError(`--${name}: expected a whole number from 1, got ${value}`);
  }
  const { partition, time, account, sbatch = [] } = args;
  for (const word of sbatch) requireSbatchOption(word);
  const named = Object.entries({ partition, time, account });
  const job = {
    name: experiment.document.name,
    folder: jobFolder(resolve(args.results), experiment.document.name),
    specFile: experiment.file,
    specFolder: experiment.folder,
    ...{ shards, nodes },
    node: process.execPath,
    // The file that was started, with links resolved, because it differs between the bundle and the
    // modules.
    program: realpathSync(process.argv[1] ?? ''),
    runWords: [
      ...(args.tune ? ['--tune'] : []),
      ...(args.allowScripts ? ['--allow-scripts'] : []),
      ...(args.allowLarge ? ['--allow-large'] : []),
    ],
    sbatchWords: [
      ...named.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
      ...sbatch,
    ],
  };
  for (const path of pathsOf(job)) requirePlainPath(path);
  return job;
}

/** The files that a node must find under the same names. */
function pathsOf({ folder, specFile, node, program }: Job): readonly string[] {
  return [folder, specFile, node, program];
}

function notes(job: Job): readonly string[] {
  let mounts: string;
  try {
    mounts = readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    return [];
  }
  const own = notShared(pathsOf(job).map(realFolder), mounts);
  if (own.length === 0) return [];
  const types = [...new Set(own.map(({ type }) => type))].join(', ');
  return [
    `note: these are on a file system of this machine alone (${types}), but every node needs them under the same paths:`,
    ...own.map(({ path }) => `  ${path}`),
  ];
}

/** A path with every link resolved, or that of the nearest folder above it that is there. */
function realFolder(path: string): string {
  for (let at = path; ; at = resolve(at, '..')) {
    try {
      return join(realpathSync(at), path.slice(at.length));
    } catch {
      if (at === '/') return path;
    }
  }
}

function print(job: Job, terminal: Terminal): void {
  const { shardScript: shards, mergeScript: merge } = jobFiles(job);
  const commands = [arrayWords(job), mergeWords(job, 'ARRAY_JOB')].map((words) =>
    ['sbatch', ...words].map(shellWord).join(' '),
  );
  const parts = [`# ${shards}`, shardScript(job), `# ${merge}`, mergeScript(job), ...commands];
  for (const line of parts.join('\n').split('\n')) terminal.out(line);
}

/**
 * Makes sure that the folder's last submission has ended, and that its shards can be gone on with.
 * @throws UserError
 */
async function requireEnded(
  job: Job,
  experiment: Experiment,
  allowLarge: boolean,
  slurm: Slurm,
): Promise<void> {
  const before = readRecord(job.folder);
  if (before === undefined) return;
  const anew = 'to start again, give another folder with --results';
  if (before.shards !== job.shards) {
    throw new UserError(
      `${job.folder} has the sweep in ${countAndNoun(before.shards, 'shard')}, which cannot become ${job.shards}`,
      { hint: `go on with --shards ${before.shards}; ${anew}` },
    );
  }
  const kept = readPlain(jobFiles(job).spec, MOST_SPEC_BYTES)?.toString('utf8');
  if (kept !== undefined) {
    const cellsOf = ({ cells }: Experiment) => cells.map(cellKey).join(' ');
    const earlier = parseExperiment(jobFiles(job).spec, kept, { allowLarge });
    if (cellsOf(earlier) !== cellsOf(experiment)) {
      throw new UserError(
        `the matrix has changed since the sweep in ${job.folder} was divided: its shards would no longer fit together`,
        { hint: `put the old matrix back; ${anew}` },
      );
    }
  }
  const alive = (await ownStates(before, slurm)).filter(isJobAlive);
  if (alive.length === 0) return;
  throw new UserError(
    `the sweep in ${job.folder} is still queued or running, as job ${jobsOf(before).join(' and ')}`,
    { hint: '`ipc-sweep slurm status` shows it, `ipc-sweep slurm cancel` ends it' },
  );
}

const MOST_SPEC_BYTES = 64 << 20;

interface SubmitSetting {
  readonly slurm: Slurm;
  readonly owner: Ownership;
  readonly terminal: Terminal;
}

async function submitted(
  job: Job,
  specText: string,
  { slurm, owner, terminal }: SubmitSetting,
): Promise<void> {
  const files = jobFiles(job);
  const write = async (path: string, text: string) => {
    await writeWhole(path, text);
    owner.file(path);
  };
  await writeFolder(job.folder, 'the job', async () => {
    await write(files.spec, specText);
    await write(files.shardScript, shardScript(job));
    await write(files.mergeScript, mergeScript(job));
  });
  const name = jobName(job.name);
  const { job: array, cluster } = await slurm.submit(arrayWords(job), name);
  const record: SlurmRecord = {
    version: 1,
    name: job.name,
    shards: job.shards,
    spec_file: job.specFile,
    submitted_at: new Date().toISOString(),
    array_job: array,
    merge_job: null,
    cluster: cluster ?? null,
  };
  const keep = (kept: SlurmRecord) =>
    write(files.record, recordText(kept)).catch((error: NodeJS.ErrnoException) => {
      if (error.syscall === undefined) throw error;
      throw notKept(kept, files.record, error);
    });
  // This is written at once, so that what has been submitted can be cancelled whatever comes next.
  await keep(record);
  terminal.out(
    `job ${array}: ${countAndNoun(job.shards, 'shard')} of ${job.name}${job.nodes === undefined ? '' : `, on ${countAndNoun(job.nodes, 'node')} at most`}`,
  );
  const merge = await slurm.submit(mergeWords(job, array), `${name}-merge`);
  await keep({ ...record, merge_job: merge.job });
  terminal.out(`job ${merge.job}: merges them into ${files.merged} when they have ended`);
  const status = asTypedHere('ipc-sweep slurm status');
  terminal.out(`\`${status} ${shellWord(job.folder)}\` shows how far it is`);
}

/** Slurm has the jobs, and nothing here says so: the message must name them. */
function notKept(record: SlurmRecord, file: string, { message }: Error): UserError {
  const jobs = jobsOf(record);
  return new UserError(
    `submitted as job ${jobs.join(' and ')}, but that cannot be written to ${file}: ${message}`,
    {
      hint: `\`scancel ${jobs.join(' ')}\` ends what was submitted; then mend the folder and submit again`,
      exitCode: ExitCode.machine,
    },
  );
}
