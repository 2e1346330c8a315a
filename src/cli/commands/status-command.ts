import { command } from '../command.ts';
import { DATABASE, JSON_OUTPUT, SELECTION } from '../options.ts';

export const statusCommand = command({
  command: 'status [sweep]',
  describe: 'List the sweeps of a database, or show one',
  positionals: {
    sweep: { type: 'string', describe: 'A sweep to show in detail, by its id, name, or name-id' },
  },
  options: { ...DATABASE, ...JSON_OUTPUT, ...SELECTION },
  details: [
    'Reads the database only, and works while a sweep runs. Of one sweep it prints the summary that `run` ends with, and the runs that did not succeed with their reasons.',
  ],
  examples: [
    ['ipc-sweep status', 'All sweeps, the newest first'],
    ['ipc-sweep status quickstart', 'The newest sweep of that name'],
  ],
  load: async () => (await import('./status.ts')).status,
});
