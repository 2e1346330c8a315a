import { command } from '../../command.ts';
import { CSV, DATABASE, JSON_OUTPUT, SELECTION } from '../../options.ts';

export const compareCommand = command({
  command: 'compare [a] [b]',
  describe: 'Say cell by cell what differs between two sweeps, databases, channels or programs',
  positionals: {
    a: {
      type: 'string',
      complete: 'side',
      describe: 'What is compared with: [DATABASE:][SWEEP:][AXIS=VALUE,...]',
    },
    b: {
      type: 'string',
      complete: 'side',
      describe:
        'What is compared, named likewise; without it, the programs of A are compared with the first of them',
    },
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
        'Exit with 1 unless every cell of B has shown that it is not slower by this share, such as 5%',
    },
    equivalent: {
      type: 'string',
      requiresArg: true,
      value: 'SHARE',
      describe: 'Call cells equivalent that differ by less than this share, such as 2%',
    },
    repeat: {
      type: 'string',
      requiresArg: true,
      value: 'SWEEP',
      complete: 'sweep',
      describe:
        'Say how far complete sweeps like this one differ from each other; with A and B, allow for it',
    },
    ...DATABASE,
    ...JSON_OUTPUT,
    ...CSV,
    ...SELECTION,
  },
  details: [
    'Cells belong together when they agree in every axis that neither side names. Of each pair: both medians, the ratio with its 95% interval, a p-value that is corrected for the number of cells, the slowdown that so many runs could have found, a verdict, and what harms the runs; then what has changed in system calls and pipe states.',
    'With --fail-if-slower a cell passes when the one-sided 95% bound of its ratio excludes a slowdown by that share. It fails when it is slower by that share or more, and also when the runs do not tell: the last lines say which, and how many trials would do.',
  ],
  examples: [
    ['ipc-sweep compare before.db after.db', 'The newest sweeps of two databases'],
    ['ipc-sweep compare ipc=pipe ipc=local', 'Two channels within the newest sweep'],
    ['ipc-sweep compare builds', 'The programs that one sweep compares'],
    ['ipc-sweep compare --repeat lab', 'How far sweeps of one experiment differ by themselves'],
    ['ipc-sweep compare old.db quickstart-2 --fail-if-slower 5%', 'A gate for CI'],
  ],
  load: async () => (await import('./run.ts')).compare,
});
