import { command, type Positional } from '../../command.ts';
import { JSON_OUTPUT, LARGE } from '../../options.ts';
import { ACTIONS } from './actions.ts';

const TARGET = {
  type: 'string',
  defaultDescription: 'all in RESULTS',
  describe: 'The spec; for status and cancel also the name of its sweep, or the folder of its job',
} as const satisfies Positional & { defaultDescription: string };

export const slurmCommand = command({
  command: 'slurm <action> [target]',
  describe: 'Run a sweep on the nodes of a Slurm cluster',
  positionals: {
    action: {
      type: 'string',
      demandOption: true,
      complete: ACTIONS,
      describe: '`submit` a spec, show the `status` of what was submitted, or `cancel` it',
    },
    target: TARGET,
  },
  options: {
    shards: {
      type: 'number',
      requiresArg: true,
      value: 'S',
      defaultDescription: 'N of --nodes',
      describe: 'submit: the number of shards; each is a task of an array job',
    },
    nodes: {
      type: 'number',
      requiresArg: true,
      value: 'N',
      defaultDescription: 'no limit',
      describe: 'submit: the most nodes that work at a time',
    },
    partition: {
      type: 'string',
      requiresArg: true,
      value: 'P',
      describe: 'submit: the partition, as sinfo lists it',
    },
    time: {
      type: 'string',
      requiresArg: true,
      value: 'T',
      describe: 'submit: the time limit of a shard, as sbatch reads it: minutes, or D-HH:MM:SS',
    },
    account: {
      type: 'string',
      requiresArg: true,
      value: 'A',
      describe: 'submit: the account that the time is charged to',
    },
    sbatch: {
      type: 'string',
      array: true,
      requiresArg: true,
      value: 'OPTION',
      describe: 'submit: a further option for sbatch, such as --sbatch=--mem=0; repeatable',
    },
    tune: {
      type: 'boolean',
      default: false,
      describe: 'submit: fix the clock of each node while it works, as `run --tune` does',
    },
    'allow-scripts': {
      type: 'boolean',
      default: false,
      describe: "submit: run tracing scripts from outside the spec's folder",
    },
    ...LARGE,
    print: {
      type: 'boolean',
      default: false,
      describe: 'submit: print the job scripts and the commands, and run nothing',
    },
    results: {
      type: 'string',
      requiresArg: true,
      default: 'results',
      value: 'FOLDER',
      describe:
        'Folder for NAME-slurm, the folder of the job; on a file system that all nodes share',
    },
    ...JSON_OUTPUT,
  },
  missing: {
    message: 'slurm: expected submit, status or cancel',
    hint: '`ipc-sweep slurm submit SPEC --shards 4`',
  },
  details: [
    '`slurm submit` divides the sweep into shards. It submits an array job in which each task makes one shard (`run --shard`) on a node of its own, and a second job that merges them when all have ended. Everything is in the folder `RESULTS/NAME-slurm/`: the job scripts, a copy of the spec, a log and a database for each shard, the ids of the jobs (`slurm.json`), and in the end the merged `ipc-sweep.db` with its tables. A shard whose node is lost is queued again by Slurm and goes on where it was. Submitting the same spec again goes on with shards that have not ended.',
    '`slurm status` shows each shard: what Slurm says about it, its node, and how many of its runs are stored. `slurm cancel` ends exactly the jobs that were submitted. `--json` is for `status`.',
    'docs/slurm.md says what a cluster needs for this.',
  ],
  examples: [
    [
      'ipc-sweep slurm submit my.yaml --shards 8 --nodes 4 --time 2:00:00',
      'Eight shards, on at most four nodes at a time',
    ],
    ['ipc-sweep slurm submit my.yaml --shards 8 --print', 'Look at the job first'],
    ['ipc-sweep slurm status', 'See how far it is'],
    ['ipc-sweep slurm cancel my.yaml', 'End it'],
  ],
  load: async () => (await import('./run.ts')).slurm,
});
