import { command } from '../../command.ts';
import { DATABASE, SWEEP_TO_CHANGE } from '../../options.ts';

export const deleteCommand = command({
  command: 'delete <sweep>',
  describe: 'Delete a sweep with all its runs, and give its space back',
  positionals: { sweep: SWEEP_TO_CHANGE },
  options: {
    yes: {
      type: 'boolean',
      default: false,
      describe: 'Do not ask',
    },
    folder: {
      type: 'boolean',
      default: false,
      describe: 'Also remove what was written to RESULTS/NAME-ID',
    },
    ...DATABASE,
  },
  details: [
    'Nothing brings a deleted sweep back. On a terminal `delete` asks first; elsewhere it needs `--yes`. It refuses while somebody writes to the database. No later sweep gets the id of a deleted one.',
    'The database is then written anew without the free space (`VACUUM`), which for a moment takes up to twice its size on the disk. If there is no room for that, the sweep is deleted all the same, and the next sweeps fill its space. While the database is written anew, its content is in memory, or in a temporary file if it has more than 256 MiB.',
    'With `--folder`, the files that ipc-sweep has written to the folder of the sweep are removed, too, if the folder belongs to this database; other files in it stay.',
  ],
  examples: [
    ['ipc-sweep delete lab-3', 'Ask, delete, and say how much smaller the database is'],
    ['ipc-sweep delete @3 --yes --folder', 'From a script, with the tables'],
  ],
  load: async () => (await import('./run.ts')).deleteStored,
});
