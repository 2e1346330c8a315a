import { command } from '../../command.ts';
import { DATABASE, SWEEP_TO_CHANGE } from '../../options.ts';

export const noteCommand = command({
  command: 'note <sweep> <text>',
  describe: 'Note something about a sweep, beside its results',
  positionals: {
    sweep: SWEEP_TO_CHANGE,
    text: {
      type: 'string',
      demandOption: true,
      standardInput: true,
      mayBeEmpty: true,
      describe: 'The note, at most 4000 characters; "" removes it, - is standard input',
    },
  },
  options: DATABASE,
  details: [
    'A note replaces the one before. `status`, the report, the workbook and `datapackage.json` show it. It belongs to the results, as what happened while they were made; what was planned is the `description` of the spec.',
  ],
  examples: [
    ['ipc-sweep note lab-3 "the fan was off from 14:00 on"', 'Where everybody finds it'],
    ['ipc-sweep note lab-3 -- "-5 degrees in the room"', 'A text that begins with a dash'],
  ],
  load: async () => (await import('./run.ts')).note,
});
