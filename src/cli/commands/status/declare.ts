import { command } from '../../command.ts';
import { DATABASE, JSON_OUTPUT, SELECTION } from '../../options.ts';

export const statusCommand = command({
  command: 'status [sweep]',
  describe: 'List the sweeps of a database, or show one',
  positionals: {
    sweep: {
      type: 'string',
      describe:
        'A sweep to show in detail, by its id, name, or name-id; NAME@ORIGIN is one that was merged',
    },
  },
  options: { ...DATABASE, ...JSON_OUTPUT, ...SELECTION },
  details: [
    'Reads the database only, and works while a sweep runs. Of one sweep it prints the summary that `run` ends with, and the runs that did not succeed with their reasons.',
    'The list counts as `not good` the runs without a completed attempt, and as `doubts` the kinds of doubt about runs, the machine and the sweep as a whole. Mere notes are not counted, nor are doubts that the order or the spread of the values of a cell raises: `status SWEEP` has all of them. In `--json`, the list has the field `doubts_without_cells` (with the notes, whose `note` is true) in place of `doubts`, which only `status SWEEP --json` has.',
  ],
  examples: [
    ['ipc-sweep status', 'All sweeps, the newest first'],
    ['ipc-sweep status quickstart', 'The newest sweep of that name'],
  ],
  load: async () => (await import('./run.ts')).status,
});
