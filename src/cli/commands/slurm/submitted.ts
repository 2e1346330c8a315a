import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../../../errors.ts';
import { loadExperiment } from '../../../experiment/read-experiment.ts';
import { SWEEP_NAME } from '../../../experiment/sweep-name.ts';
import type { JobState } from '../../../slurm/answers.ts';
import type { Slurm } from '../../../slurm/commands.ts';
import { jobName } from '../../../slurm/job.ts';
import { jobsOf, readRecord, type SlurmRecord } from '../../../slurm/record.ts';

const SUFFIX = '-slurm';

/** The folder of a sweep's job. */
export function jobFolder(results: string, name: string): string {
  return join(results, name + SUFFIX);
}

export interface Submission {
  readonly folder: string;
  readonly record: SlurmRecord;
}

interface Places {
  readonly target: string | undefined;
  readonly results: string;
  readonly allowLarge: boolean;
}

/**
 * Finds submissions: of a spec, of a sweep's name, in a folder, or all in the results.
 * @throws UserError when there is none
 */
export function submissions({ target, results, allowLarge }: Places): readonly Submission[] {
  const folders =
    target === undefined ? allIn(results) : [resolve(folderMeant(target, results, allowLarge))];
  const found = folders.flatMap((folder) => {
    const record = readRecord(folder);
    return record === undefined ? [] : [{ folder, record }];
  });
  if (found.length > 0) return found;
  throw new UserError(
    target === undefined
      ? `nothing was submitted from ${results}`
      : `nothing was submitted from ${folders.join(', ')}`,
    { hint: '`ipc-sweep slurm submit SPEC` submits a sweep; --results names another folder' },
  );
}

function allIn(results: string): readonly string[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(results, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.name.endsWith(SUFFIX) && !entry.isFile())
    .map(({ name }) => resolve(results, name));
}

function folderMeant(target: string, results: string, allowLarge: boolean): string {
  const isThere = existsSync(target);
  if (isThere && statSync(target).isDirectory()) return target;
  if (!isThere && SWEEP_NAME.test(target)) return jobFolder(results, target);
  return jobFolder(results, loadExperiment(target, { allowLarge }).document.name);
}

/**
 * Asks Slurm for the jobs of a submission. A job of another name under one of the ids is not
 * ours: a cluster that is set up anew counts from 1 again.
 */
export async function ownStates(record: SlurmRecord, slurm: Slurm): Promise<readonly JobState[]> {
  const name = jobName(record.name);
  const states = await slurm.states(jobsOf(record), record.cluster ?? undefined);
  return states.filter(
    (each) =>
      (each.job === record.array_job && each.name === name) ||
      (each.job === record.merge_job && each.name === `${name}-merge`),
  );
}
