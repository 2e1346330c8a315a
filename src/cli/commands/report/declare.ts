import { command } from '../../command.ts';
import { DATABASE, JSON_OUTPUT, SELECTION, SWEEP } from '../../options.ts';

export const reportCommand = command({
  command: 'report [sweep]',
  describe: 'Write the report of a sweep: one HTML file with charts and tables',
  positionals: { sweep: SWEEP },
  options: {
    out: {
      type: 'string',
      requiresArg: true,
      value: 'FILE',
      defaultDescription: 'RESULTS/NAME-ID/report.html',
      describe: 'Write this file',
    },
    ...DATABASE,
    ...JSON_OUTPUT,
    ...SELECTION,
  },
  details: [
    'The file opens without a network. It holds the findings, the charts with their data, the tables, runs that are not good, the machine, and what it takes to run the sweep again. `docs/report.md` explains it. It can be written while the sweep runs.',
    'With `--json`, what the page says is printed as one JSON document, and no file is written: `docs/json.md`.',
  ],
  examples: [
    ['ipc-sweep report quickstart-1 --out quickstart.html', 'One sweep, to a file'],
    ['ipc-sweep report --json', 'The newest sweep, for a script'],
  ],
  load: async () => (await import('./run.ts')).report,
});
