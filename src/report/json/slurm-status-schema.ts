import { z } from 'zod';
import { type Described, head, id, text, textOrNull } from './schema-parts.ts';

const runs = (description: string) =>
  z
    .int()
    .min(0)
    .nullable()
    .meta({ description: `${description}; null without a sweep`, unit: 'runs' });

const progress = {
  slurm_state: textOrNull('what Slurm says of the job, such as PENDING; null: no longer known'),
  slurm_reason: textOrNull('why it waits, or was ended, as Slurm says it; null if it says nothing'),
  node: textOrNull('where it runs, or has run; null before that'),
  state: z
    .enum(['running', 'interrupted', 'stopped', 'ended'])
    .nullable()
    .describe('how far the sweep in its database is; null without a sweep'),
  done_runs: runs('planned runs that have ended'),
  planned_runs: runs('runs that it has, or has at least'),
  not_good_runs: runs('runs without a completed attempt'),
  unread: textOrNull('why its database cannot be read; null if it can, or is not there yet'),
};

export const slurmStatusSchema = z
  .strictObject({
    document: z.literal('slurm-status'),
    ...head,
    submissions: z
      .array(
        z.strictObject({
          name: text('the name of the experiment'),
          folder: text('where its jobs write'),
          spec_file: text('the path of the spec'),
          submitted_at: text('in UTC, ISO 8601'),
          cluster: textOrNull('the cluster, where Slurm has several; otherwise null'),
          shards: z
            .array(
              z.strictObject({
                shard: id('which of the shards, from 1'),
                job: text('the number of the job array'),
                ...progress,
              }),
            )
            .describe('in their order'),
          merge: z
            .strictObject({
              job: textOrNull('the number of the job that merges; null if it was not submitted'),
              ...progress,
            })
            .describe('the job that puts the databases of all shards together'),
        }),
      )
      .describe('of the results folder, or the one that was named'),
  })
  .meta({ title: 'ipc-sweep slurm status --json' });

export type SlurmStatusDocument = Described<typeof slurmStatusSchema>;
