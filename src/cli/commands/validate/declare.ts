import { command } from '../../command.ts';
import { LARGE, SPEC_MISSING } from '../../options.ts';
import { SPEC_CHANGES } from '../../spec-options.ts';

export const validateCommand = command({
  command: 'validate <specs..>',
  describe: 'Check specs without running anything',
  positionals: {
    specs: {
      type: 'string',
      array: true,
      demandOption: true,
      standardInput: true,
      describe: 'The experiments, YAML files; - is standard input',
    },
  },
  options: { ...SPEC_CHANGES, ...LARGE },
  missing: SPEC_MISSING,
  details: [
    'Names every error of every spec at its line and column. Exits with 2 if there is one. If a valid spec asks for something that this machine does not have, standard error says so, as `run` would.',
  ],
  examples: [['ipc-sweep validate experiments/*.yaml', 'Check all of them']],
  load: async () => (await import('./run.ts')).validate,
});
