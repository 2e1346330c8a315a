import { command } from '../../command.ts';
import { DATABASE, SWEEP_TO_CHANGE } from '../../options.ts';

export const renameCommand = command({
  command: 'rename <sweep> <name>',
  describe: 'Give a sweep another name',
  positionals: {
    sweep: SWEEP_TO_CHANGE,
    name: { type: 'string', demandOption: true, describe: "The new name, as a spec's name is" },
  },
  options: DATABASE,
  details: [
    'The sweep keeps its id and everything else. `run` continues a sweep by its name: afterwards a spec with the old name starts a new sweep, and the same spec with the new name continues this one.',
    'The folder with what was written under the old name stays as it is; `export` and `report` write to one of the new name.',
  ],
  examples: [['ipc-sweep rename lab-3 lab-before-the-fix', 'Put a sweep aside']],
  load: async () => (await import('./run.ts')).rename,
});
