import { command } from '../../command.ts';

export const schemaCommand = command({
  command: 'schema',
  describe: 'Print the JSON Schema of a spec',
  positionals: {},
  options: {
    write: {
      type: 'string',
      requiresArg: true,
      value: 'FILE',
      describe: 'Write it to a file instead',
    },
  },
  details: ['Editors complete and check the keys of a spec by it.'],
  examples: [['ipc-sweep schema --write experiment.schema.json', 'Keep a copy for an editor']],
  load: async () => (await import('./run.ts')).schema,
});
