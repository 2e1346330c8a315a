import { command } from '../../command.ts';
import { DATABASE, SWEEP_TO_CHANGE } from '../../options.ts';

export const noteCommand = command({
  command: 'note <sweep> <text>',
  describe: 'Store a note with a sweep',
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
    'A note replaces the one before. `status`, the report, the workbook and `datapackage.json` show it. Use it for what happened while the sweep was made; what you planned belongs in the `description` of the spec.',
  ],
  examples: [
    ['ipc-sweep note lab-3 "the fan was off from 14:00 on"', 'Where everybody finds it'],
    ['ipc-sweep note lab-3 -- "-5 degrees in the room"', 'A text that begins with a dash'],
  ],
  load: async () => (await import('./run.ts')).note,
});
