import { command } from '../../command.ts';
import { HOST, JSON_OUTPUT, LARGE, SHARD } from '../../options.ts';
import { SPEC_CHANGES, SPEC_OR_OPTIONS, SPEC_WITHOUT_FILE } from '../../spec-options.ts';

export const planCommand = command({
  command: 'plan [spec]',
  describe: 'Show matrix, order, commands and time of an experiment',
  positionals: { spec: SPEC_OR_OPTIONS },
  options: {
    program: {
      type: 'boolean',
      default: false,
      describe: 'Print the tracing program, too',
    },
    ...SPEC_CHANGES,
    ...SPEC_WITHOUT_FILE,
    ...SHARD,
    ...HOST,
    ...LARGE,
    ...JSON_OUTPUT,
  },
  details: [
    'Shows what `run` would do: about how long it takes, the cells, those that are left out and why, the order of the runs, the exact commands, and the tracer; with `--program` also the program that it is given. Nothing is started, and root is not needed. With `--shard 2/4` it shows what that shard makes, with the numbers that cells and runs have in the whole plan, and how many cells and how much time each shard has.',
    'It takes the options of `run` that change the spec or replace it.',
  ],
  examples: [['ipc-sweep plan my.yaml', 'Look before you run']],
  load: async () => (await import('./run.ts')).plan,
});
