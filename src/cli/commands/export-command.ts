import { command } from '../command.ts';
import { CSV, DATABASE, SELECTION, SWEEP } from '../options.ts';

export const exportCommand = command({
  command: 'export [sweep]',
  describe: 'Write the CSV files of a sweep',
  positionals: { sweep: SWEEP },
  options: {
    out: {
      type: 'string',
      requiresArg: true,
      value: 'FOLDER',
      defaultDescription: 'RESULTS/NAME-ID',
      describe: 'Folder for the files',
    },
    ...DATABASE,
    ...CSV,
    ...SELECTION,
  },
  details: [
    'The files are the same as those that `run` writes; `docs/csv.md` explains their columns. All of them show one moment of the database, even while a sweep runs.',
  ],
  examples: [
    ['ipc-sweep export quickstart-1 --out figures/data', 'One sweep, to a folder of your own'],
    ['ipc-sweep export --preset spreadsheet --semicolon', 'For a spreadsheet that writes 0,5'],
  ],
  load: async () => (await import('./export.ts')).exportSweep,
});
