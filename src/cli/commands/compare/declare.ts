import { command } from '../../command.ts';
import { CSV, DATABASE, JSON_OUTPUT, SELECTION } from '../../options.ts';

export const compareCommand = command({
  command: 'compare [sides..]',
  describe: 'Say cell by cell what differs between sweeps, databases, hosts, channels or programs',
  positionals: {
    sides: {
      type: 'string',
      array: true,
      default: [],
      complete: 'side',
      describe:
        'The sides, each [DATABASE:][SWEEP:][AXIS=VALUE,...]; the others are compared with the first. In a single sweep of several programs, its programs are compared',
    },
  },
  options: {
    base: {
      type: 'string',
      requiresArg: true,
      value: 'SIDE',
      defaultDescription: 'the first side',
      describe: 'Compare all sides with this one',
    },
    over: {
      type: 'string',
      requiresArg: true,
      value: 'AXIS',
      describe:
        'Make a side of each value of this axis: host, program, ipc, mode, buffer_size, ...; without a side, in the newest sweep',
    },
    plot: {
      type: 'string',
      requiresArg: true,
      value: 'FILE',
      describe: 'Draw the ratios and their intervals as FILE.svg, FILE.png or FILE.pdf',
    },
    html: {
      type: 'string',
      requiresArg: true,
      value: 'FILE',
      describe: 'Write a page with the figure, the table, and everything needed to read them',
    },
    markdown: {
      type: 'boolean',
      default: false,
      describe: 'Print Markdown, for a pull request for example',
    },
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
        'Exit with 1 unless every cell has shown that it is not slower than that of the base by this share, such as 5%',
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
        'Say how far complete sweeps like this one differ from each other; with sides, allow for it',
    },
    ...DATABASE,
    ...JSON_OUTPUT,
    ...CSV,
    ...SELECTION,
  },
  details: [
    'The first side is the base, A; the others, B, C and so on, are compared with it. Cells belong together when they agree in every axis that no side names. For each pair it shows both medians, the ratio with its 95% interval, a p-value that is corrected for the number of all pairs, the smallest slowdown that this number of runs would usually find, a verdict, and doubts about the runs; then it lists what has changed in system calls and pipe states.',
    'With --fail-if-slower a cell passes when the one-sided 95% bound of its ratio excludes a slowdown by that share. It fails when it is slower by that share or more, and also when there are too few runs to tell: the last lines name these cells, and how many trials would be enough.',
  ],
  examples: [
    ['ipc-sweep compare before.db after.db', 'The newest sweeps of two databases'],
    ['ipc-sweep compare ipc=pipe ipc=local', 'Two channels within the newest sweep'],
    ['ipc-sweep compare builds', 'The programs that one sweep compares'],
    ['ipc-sweep compare 6.1.db 6.6.db 6.12.db --html kernels.html', 'Three kernels, as a page'],
    [
      'ipc-sweep compare boards --over host --base boards:host=board-3',
      'All hosts with one of them',
    ],
    ['ipc-sweep compare main.db this.db --markdown', 'For a pull request'],
    ['ipc-sweep compare --repeat lab', 'How far sweeps of one experiment differ by themselves'],
    ['ipc-sweep compare old.db quickstart-2 --fail-if-slower 5%', 'A gate for CI'],
  ],
  load: async () => (await import('./run.ts')).compare,
});
