import { command } from '../command.ts';
import { CSV, DATABASE, JSON_OUTPUT, SELECTION } from '../options.ts';
import { SELECTOR_HINT } from '../selector-hint.ts';

export const compareCommand = command({
  command: 'compare <a> <b>',
  describe: 'Say cell by cell what differs between two sweeps, databases or channels',
  positionals: {
    a: {
      type: 'string',
      demandOption: true,
      describe: 'What is compared with: [DATABASE:][SWEEP:][AXIS=VALUE,...]',
    },
    b: { type: 'string', demandOption: true, describe: 'What is compared, named likewise' },
  },
  options: {
    out: {
      type: 'string',
      requiresArg: true,
      value: 'FOLDER',
      describe: 'Write the comparison to this folder, too, as CSV files',
    },
    'fail-if-slower': {
      type: 'string',
      requiresArg: true,
      value: 'SHARE',
      describe:
        'Exit with 1 when a cell of B is slower by this share or more, such as 5%, or has too few runs to tell',
    },
    ...DATABASE,
    ...JSON_OUTPUT,
    ...CSV,
    ...SELECTION,
  },
  missing: { message: 'two things to compare are expected', hint: SELECTOR_HINT },
  details: [
    'Cells belong together when they agree in every axis that neither side names. Of each pair: both medians, their ratio with its 95% interval, a p-value that is corrected for the number of cells, and a verdict; then what has changed in system calls and pipe states.',
  ],
  examples: [
    ['ipc-sweep compare before.db after.db', 'The newest sweeps of two databases'],
    ['ipc-sweep compare ipc=pipe ipc=local', 'Two channels within the newest sweep'],
    ['ipc-sweep compare old.db quickstart-2 --fail-if-slower 5%', 'A gate for CI'],
  ],
  load: async () => (await import('./compare.ts')).compare,
});
