import { command } from '../../command.ts';
import { DATABASE } from '../../options.ts';

export const importNotebookCommand = command({
  command: 'import-notebook <files..>',
  describe: "Store what runs of the labs' notebook printed as a sweep",
  positionals: {
    files: {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'What was kept of `ipc-benchmark -j`: JSON, text, or an .ipynb',
    },
  },
  options: {
    name: {
      type: 'string',
      requiresArg: true,
      value: 'NAME',
      defaultDescription: 'that of the first file',
      describe: "The sweep's name",
    },
    bare: {
      type: 'boolean',
      default: false,
      describe: 'The runs were made with -B, which their documents do not tell',
    },
    'socket-buffers': {
      type: 'boolean',
      default: false,
      describe: 'The runs over sockets were made with -s, which the documents do not tell either',
    },
    'iterations-as-runs': {
      type: 'boolean',
      default: false,
      describe:
        'Store each iteration as a run, the first of several as warm-up: no interval, no verdict',
    },
    'skip-unreadable': {
      type: 'boolean',
      default: false,
      describe: 'Leave out documents that cannot be read, instead of storing nothing',
    },
    fresh: {
      type: 'boolean',
      default: false,
      describe: 'Store the same measurements once more, as another sweep',
    },
    ...DATABASE,
  },
  missing: {
    message: 'the files that the notebook left behind are missing',
    hint: 'such as `ipc-sweep import-notebook lab2.ipynb`',
  },
  details: [
    'The documents become a finished, untraced sweep with a cell for each set of parameters, so that `compare`, `export`, `report` and `plot` work with old data. All of them are stored, or none.',
  ],
  examples: [['ipc-sweep import-notebook lab2.ipynb --name lab2', 'The outputs of a notebook']],
  load: async () => (await import('./run.ts')).importNotebook,
});
