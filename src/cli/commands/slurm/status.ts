import { lstatSync } from 'node:fs';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { documentHead } from '../../../report/json/document-head.ts';
import type { SlurmStatusDocument } from '../../../report/json/slurm-status-schema.ts';
import type { JobState } from '../../../slurm/answers.ts';
import type { Slurm } from '../../../slurm/commands.ts';
import { jobFiles, shardDatabase } from '../../../slurm/job.ts';
import { openForReading } from '../../../store/open.ts';
import { listSweeps, runsDone, type SweepState, stateCounts } from '../../../store/reader.ts';
import { storageError } from '../../../store/storage-errors.ts';
import { withCorrectedState } from '../../corrected-state.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { printJson } from '../../print-json.ts';
import { alignColumns } from '../../print-table.ts';
import type { Terminal } from '../../terminal.ts';
import { cut } from '../../text-width.ts';
import { ownStates, type Submission, submissions } from './submitted.ts';

export interface StatusArguments {
  readonly target: string | undefined;
  readonly results: string;
  readonly allowLarge: boolean;
  readonly json: boolean;
}

/** How far the runs of a database are. */
type Stored =
  | { readonly kind: 'none' }
  | { readonly kind: 'unread'; readonly reason: string }
  | {
      readonly kind: 'sweep';
      readonly done: number;
      readonly planned: number;
      readonly notGoodRuns: number;
      readonly state: SweepState;
    };

interface SubmissionStatus extends Submission {
  readonly shards: readonly { readonly slurm: JobState | undefined; readonly stored: Stored }[];
  readonly merge: { readonly slurm: JobState | undefined; readonly stored: Stored };
}

/** Shows each shard as Slurm and its database have it; reads only. */
export async function status(
  args: StatusArguments,
  slurm: Slurm,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const shown: SubmissionStatus[] = [];
  for (const submission of submissions(args)) shown.push(await submissionStatus(submission, slurm));
  if (args.json) {
    const document: SlurmStatusDocument = {
      ...documentHead('slurm-status'),
      submissions: shown.map(jsonOf),
    };
    printJson(document, terminal);
  } else {
    shown.forEach((each, at) => {
      if (at > 0) terminal.out('');
      for (const line of linesOf(each)) terminal.out(cut(line, terminal.width));
    });
  }
  return ExitCode.ok;
}

async function submissionStatus(submission: Submission, slurm: Slurm): Promise<SubmissionStatus> {
  const { folder, record } = submission;
  const states = await ownStates(record, slurm);
  const stateOf = (task: number | undefined) =>
    states.find(
      (each) =>
        each.task === task &&
        each.job === (task === undefined ? record.merge_job : record.array_job),
    );
  return {
    ...submission,
    shards: Array.from({ length: record.shards }, (_, at) => {
      const own = stateOf(at + 1);
      return { slurm: own, stored: storedIn(shardDatabase(folder, at + 1), own) };
    }),
    merge: { slurm: stateOf(undefined), stored: storedIn(jobFiles({ folder }).merged, undefined) },
  };
}

/**
 * Reads a database that another machine may be writing to. Slurm is asked as well as the file,
 * because not every shared file system shows the locks of other machines.
 */
function storedIn(file: string, slurm: JobState | undefined): Stored {
  if (!lstatSync(file, { throwIfNoEntry: false })) return { kind: 'none' };
  try {
    const db = openForReading(file);
    try {
      db.exec('BEGIN');
      const stored = listSweeps(db);
      const [sweep] = slurm?.state === 'RUNNING' ? stored : withCorrectedState(file, stored);
      if (sweep === undefined) return { kind: 'none' };
      const states = [...stateCounts(db, sweep.id)];
      const notGoodRuns = states.reduce(
        (sum, [state, n]) => sum + (state === 'completed' ? 0 : n),
        0,
      );
      const done = runsDone(db, sweep.id);
      return { kind: 'sweep', done, planned: sweep.planned_runs, notGoodRuns, state: sweep.state };
    } finally {
      db.close();
    }
  } catch (error) {
    const known = storageError(file, error);
    if (!(known instanceof UserError)) throw known;
    return { kind: 'unread', reason: known.message };
  }
}

function linesOf({ folder, record, shards, merge }: SubmissionStatus): readonly string[] {
  const rows = shards.map(({ slurm, stored }, at) => [String(at + 1), ...cellsOf(slurm, stored)]);
  const header = ['shard', 'Slurm', 'node', 'runs', 'not good', 'stored'];
  const sides = ['right', 'left', 'left', 'right', 'right', 'left'] as const;
  return [
    `${record.name} in ${folder}: ${countAndNoun(record.shards, 'shard')}, job ${record.array_job}, submitted ${record.submitted_at.slice(0, 19).replace('T', ' ')} UTC`,
    ...alignColumns(header, [...rows, ['merge', ...cellsOf(merge.slurm, merge.stored)]], sides),
  ];
}

function cellsOf(slurm: JobState | undefined, stored: Stored): readonly string[] {
  const said = slurm?.reason ? `${slurm.state} (${slurm.reason})` : slurm?.state;
  const slurmCells = [said ?? 'no longer known', slurm?.node || '-'];
  switch (stored.kind) {
    case 'none':
      return [...slurmCells, '-', '-', 'nothing yet'];
    case 'unread':
      return [...slurmCells, '?', '?', stored.reason.replace(/\s+/g, ' ')];
    case 'sweep': {
      const { done, planned, notGoodRuns, state } = stored;
      return [...slurmCells, `${done}/${planned}`, String(notGoodRuns), state];
    }
  }
}

function jsonOf({
  folder,
  record,
  shards,
  merge,
}: SubmissionStatus): SlurmStatusDocument['submissions'][number] {
  return {
    name: record.name,
    folder,
    spec_file: record.spec_file,
    submitted_at: record.submitted_at,
    cluster: record.cluster,
    shards: shards.map(({ slurm, stored }, at) => ({
      shard: at + 1,
      job: record.array_job,
      ...jsonParts(slurm, stored),
    })),
    merge: { job: record.merge_job, ...jsonParts(merge.slurm, merge.stored) },
  };
}

function jsonParts(slurm: JobState | undefined, stored: Stored) {
  const sweep = stored.kind === 'sweep' ? stored : undefined;
  return {
    slurm_state: slurm?.state ?? null,
    slurm_reason: slurm?.reason || null,
    node: slurm?.node || null,
    state: sweep?.state ?? null,
    done_runs: sweep?.done ?? null,
    planned_runs: sweep?.planned ?? null,
    not_good_runs: sweep?.notGoodRuns ?? null,
    unread: stored.kind === 'unread' ? stored.reason : null,
  };
}
