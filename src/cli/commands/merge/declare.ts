import { command } from '../../command.ts';
import { JSON_OUTPUT } from '../../options.ts';

export const mergeCommand = command({
  command: 'merge <databases..>',
  describe: 'Put the sweeps of several databases into one',
  positionals: {
    databases: {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Databases of ipc-sweep, also of older versions; they are only read',
    },
  },
  options: {
    output: {
      type: 'string',
      alias: 'o',
      requiresArg: true,
      value: 'FILE',
      describe: 'The database to add to, which is made if it is not there',
    },
    'as-one': {
      type: 'boolean',
      default: false,
      describe:
        'Join the sweeps of one experiment that were made on several machines into one sweep',
    },
    'hosts-by': {
      choices: ['machine', 'file'],
      default: 'machine',
      describe:
        'Call the hosts of a joined sweep by the names of the machines, or of the databases',
    },
    ...JSON_OUTPUT,
  },
  missing: {
    message: 'the databases to merge are missing',
    hint: 'name them, as in `ipc-sweep merge alice.db bob.db -o class.db`',
  },
  details: [
    'Every sweep stays a sweep of its own, with its runs, its environment and its origin: the file, the machine, and the id that it had there. `status` shows the origin, and `NAME@ORIGIN` names such a sweep in every command: `ipc-sweep compare @alice @bob --db class.db` compares the newest of two, and `pipe-sizes@alice` is the sweep `pipe-sizes` of `alice.db`.',
    'Merging again, in any order, adds only the sweeps and runs that were made since. All databases are checked before anything is written; one that is damaged, that is not of ipc-sweep, or that has a newer version is refused. Each database is taken over completely or not at all, even if ipc-sweep is killed.',
    'With `--as-one`, the sweeps of one experiment become one sweep. The host is then an axis, as with `assign: every-host`; the shards of a sweep (`run --shard`) are put together into the whole plan. The conditions must agree: name, seed, order, warm-up, tracer, instruments, scripts, benchmark, commands around the runs, operating system; otherwise the message names those that differ. If a database has several sweeps of the experiment, the newest is joined.',
  ],
  examples: [
    ['ipc-sweep merge alice.db bob.db -o class.db', 'Merge two databases into a third one'],
    [
      'ipc-sweep merge submissions/*/results/ipc-sweep.db -o class.db',
      'Merge those of a whole class',
    ],
    ['ipc-sweep merge shard-*.db -o whole.db --as-one', 'Put the shards of a sweep together'],
  ],
  load: async () => (await import('./run.ts')).merge,
});
