import { command } from '../../command.ts';

export const initCommand = command({
  command: 'init [file]',
  describe: 'Write a commented spec',
  positionals: {
    file: { type: 'string', default: 'experiment.yaml', describe: 'The file to write' },
  },
  options: {},
  details: ['Never writes over a file that is there.'],
  examples: [['ipc-sweep init my.yaml', 'Start an experiment of your own']],
  load: async () => (await import('./run.ts')).init,
});
