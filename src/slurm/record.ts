import { z } from 'zod';
import { ExitCode, UserError } from '../errors.ts';
import { SWEEP_NAME } from '../experiment/sweep-name.ts';
import { readPlain, requireRegular } from '../host/plain-file.ts';
import { MOST_SHARDS } from '../plan/shards.ts';
import { jobFiles } from './job.ts';

const JOB = z.string().regex(/^\d{1,10}$/);

const recordSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().regex(SWEEP_NAME),
  shards: z.int().min(1).max(MOST_SHARDS),
  spec_file: z.string().max(10_000),
  submitted_at: z.iso.datetime(),
  array_job: JOB,
  /** Null until it is submitted, which is after the array job. */
  merge_job: JOB.nullable(),
  cluster: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .nullable(),
});

/** A submission as it is kept in the folder of its job: which jobs of Slurm it has made. */
export type SlurmRecord = z.output<typeof recordSchema>;

const MOST_BYTES = 64 << 10;

/** @returns undefined if nothing was submitted from the folder. @throws UserError for another file */
export function readRecord(folder: string): SlurmRecord | undefined {
  const { record: file } = jobFiles({ folder });
  const hint = 'remove it; `squeue` and `scancel` know the jobs by their ids';
  if (requireRegular(file, hint) === undefined) return undefined;
  const text = readPlain(file, MOST_BYTES)?.toString('utf8') ?? '';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const read = recordSchema.safeParse(value);
  if (read.success) return read.data;
  throw new UserError(`${file} is not what \`slurm submit\` writes`, {
    hint,
    exitCode: ExitCode.machine,
  });
}

export function recordText(record: SlurmRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** The ids of a submission's jobs. */
export function jobsOf({ array_job: array, merge_job: merge }: SlurmRecord): readonly string[] {
  return merge === null ? [array] : [array, merge];
}
