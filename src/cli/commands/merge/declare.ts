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
    ...JSON_OUTPUT,
  },
  missing: {
    message: 'the databases to merge are missing',
    hint: 'such as `ipc-sweep merge alice.db bob.db -o class.db`',
  },
  details: [
    'Every sweep stays a sweep of its own, with its runs, its environment and its origin: the file, the machine, and the id that it had there. `status` shows the origin, and `NAME@ORIGIN` names such a sweep in every command: `pipe-sizes@alice` is the sweep `pipe-sizes` of `alice.db`.',
    'Merging again adds only what is new, in whatever order: sweeps and runs that were made since. All databases are checked before anything is written, and one that is damaged, not of ipc-sweep, or of a newer version is refused. Each database is taken over completely or not at all, even if ipc-sweep is killed.',
  ],
  examples: [
    ['ipc-sweep merge alice.db bob.db -o class.db', 'Two databases into a third one'],
    ['ipc-sweep merge submissions/*/results/ipc-sweep.db -o class.db', 'Those of a whole class'],
    ['ipc-sweep compare @alice @bob --db class.db', 'Two of the merged sweeps'],
  ],
  load: async () => (await import('./run.ts')).merge,
});
