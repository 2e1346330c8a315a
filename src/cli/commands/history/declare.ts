import { command } from '../../command.ts';
import { CSV, DATABASES, DATABASES_BEHIND, JSON_OUTPUT, SELECTION } from '../../options.ts';

export const historyCommand = command({
  command: 'history <name> [databases..]',
  describe: 'Say since when the cells of an experiment are faster or slower, over all its sweeps',
  positionals: {
    name: {
      type: 'string',
      demandOption: true,
      complete: 'experiment',
      describe: 'The experiment, by its name: NAME[:AXIS=VALUE,...]',
    },
    databases: DATABASES_BEHIND,
  },
  missing: {
    message: 'the name of the experiment is missing',
    hint: '`ipc-sweep status` lists the sweeps: the history of nightly-1, nightly-2, ... is `ipc-sweep history nightly`',
  },
  options: {
    ...DATABASES,
    by: {
      choices: ['time', 'kernel', 'commit', 'benchmark'],
      default: 'time',
      describe:
        'Order the sweeps by time, or group them by kernel, by commit of the spec, or by benchmark',
    },
    'fail-on-step': {
      type: 'boolean',
      default: false,
      describe: 'Exit with 1 when a cell has a new step',
    },
    since: {
      type: 'string',
      requiresArg: true,
      default: '7',
      value: 'N|DATE',
      describe:
        'A step is new if it may have begun with one of the last N sweeps, or on that day (UTC) or later',
    },
    csv: {
      type: 'boolean',
      default: false,
      describe: 'Print CSV, one row for each cell of each sweep',
    },
    out: {
      type: 'string',
      requiresArg: true,
      value: 'FOLDER',
      describe: 'Write history.csv and history_steps.csv to this folder, too',
    },
    plot: {
      type: 'string',
      requiresArg: true,
      value: 'FILE',
      describe: 'Draw the history to this file: .svg, .png or .pdf, with a panel for each cell',
    },
    html: {
      type: 'string',
      requiresArg: true,
      value: 'FILE',
      describe: 'Write a page with a chart for each cell to this file',
    },
    ...JSON_OUTPUT,
    ...CSV,
    ...SELECTION,
  },
  details: [
    'Each cell has a history on each machine; machines are never pooled, and neither are sweeps that measured in another way (under a tracer, with other iterations). A step is a lasting change of the level of the medians; one bad night is not a step. For each step it shows the first sweep after it and how sure that is, the ratio with its 95% interval, and what else changed there: kernel, benchmark, processor, commit, and more.',
    'If nights are independent and normally distributed, fewer than 5 % of the years of nightly sweeps show a step where there is none, for all cells together. If some nights are far off, or a sweep resembles the one before it, more do; cells whose sweeps resemble each other are marked `autocorrelated`. `docs/history.md` says how soon a step is found.',
  ],
  examples: [
    ['ipc-sweep history nightly', 'Say since when'],
    ['ipc-sweep history nightly:ipc=pipe --by kernel', 'Pipes, kernel by kernel'],
    [
      'ipc-sweep history nightly --db boards/*.db --html history.html',
      'Write a page about many machines',
    ],
    ['ipc-sweep history nightly --fail-on-step --since 2', 'Use it after each sweep, from cron'],
  ],
  load: async () => (await import('./run.ts')).history,
});
