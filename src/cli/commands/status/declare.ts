import { command } from '../../command.ts';
import { DATABASE, JSON_OUTPUT, SELECTION } from '../../options.ts';

export const statusCommand = command({
  command: 'status [sweep]',
  describe: 'List the sweeps of a database, or show one',
  positionals: {
    sweep: {
      type: 'string',
      complete: 'sweep',
      describe:
        'A sweep to show in detail, by its id, name, or name-id; NAME@ORIGIN is one that was merged',
    },
  },
  options: { ...DATABASE, ...JSON_OUTPUT, ...SELECTION },
  details: [
    'Reads the database only, and works while a sweep runs. Of one sweep it prints the summary that `run` ends with, and the runs that did not succeed with their reasons.',
    'In the list, `not good` counts the runs without a completed attempt, and `doubts` counts the kinds of doubt about runs, the machine and the sweep as a whole. It leaves out mere notes, and doubts about the order or the spread of the values of a cell; `status SWEEP` has all of them. `docs/json.md` says what `--json` prints of the list, and of one sweep.',
  ],
  examples: [
    ['ipc-sweep status', 'All sweeps, the newest first'],
    ['ipc-sweep status quickstart', 'The newest sweep of that name'],
    ['ipc-sweep status quickstart --json', 'The same for a script, with every figure'],
  ],
  load: async () => (await import('./run.ts')).status,
});
