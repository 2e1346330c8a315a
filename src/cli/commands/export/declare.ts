import { command } from '../../command.ts';
import { CSV, DATABASE, FORMAT, SELECTION, SWEEP } from '../../options.ts';

export const exportCommand = command({
  command: 'export [sweep]',
  describe: 'Write the tables of a sweep as CSV, workbook, Parquet, Markdown, AsciiDoc or LaTeX',
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
    ...FORMAT,
    ...CSV,
    ...SELECTION,
  },
  details: [
    'The files are the same as those that `run` writes; `docs/csv.md` explains their columns, and so does the `datapackage.json` beside the CSV files. All of them show one moment of the database, even while a sweep runs.',
    'Markdown, AsciiDoc and LaTeX are for people: they get the tables of cells only, rounded, with units, intervals and notes, and not the long tables with a row for each run.',
  ],
  examples: [
    ['ipc-sweep export quickstart-1 --out figures/data', 'One sweep, to a folder of your own'],
    ['ipc-sweep export --format csv,xlsx', 'A workbook, too'],
    ['ipc-sweep export --format tex --out paper/tables', 'Tables for a paper'],
    ['ipc-sweep export --preset spreadsheet --semicolon', 'For a spreadsheet that writes 0,5'],
  ],
  load: async () => (await import('./run.ts')).exportSweep,
});
