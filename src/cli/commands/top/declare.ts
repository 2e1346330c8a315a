import { command } from '../../command.ts';
import { DATABASE } from '../../options.ts';

export const topCommand = command({
  command: 'top [sweep]',
  describe: 'Watch a running sweep from another terminal',
  positionals: {
    sweep: {
      type: 'string',
      describe: 'The sweep, by its id, name, or name-id; else the one that runs, or the newest',
    },
  },
  options: {
    interval: {
      type: 'number',
      requiresArg: true,
      default: 1,
      value: 'SECONDS',
      describe: 'Seconds between two looks, at least 1',
    },
    once: {
      type: 'boolean',
      default: false,
      describe: 'Print what is to be seen now, and end',
    },
    ...DATABASE,
  },
  details: [
    'Shows how far the sweep is, how fast it runs, the time that is left, and its last runs with their states. For as many cells as the terminal has lines for, it shows the runs that have ended and the median bandwidth so far, with a bar relative to the largest. `q` or Ctrl-C ends it, and so does the end of the sweep. Where standard output is no terminal it prints once.',
    'The database is opened for reading alone, once in the interval, and only what is new is read; the sweep never waits for it. The program itself takes some time of a processor: on a machine with few of them, choose a longer interval or look with `--once`.',
  ],
  examples: [
    ['ipc-sweep top', 'Watch the sweep that runs here'],
    ['ipc-sweep top --interval 10 --db /data/ipc-sweep.db', 'Another database, every ten seconds'],
  ],
  load: async () => (await import('./run.ts')).top,
});
