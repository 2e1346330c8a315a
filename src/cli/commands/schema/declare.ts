import { command } from '../../command.ts';
import { SCHEMA_NAMES } from './documents.ts';

export const schemaCommand = command({
  command: 'schema [document]',
  describe: 'Print the JSON Schema of a spec, or of what --json prints',
  positionals: {
    document: {
      type: 'string',
      default: 'experiment',
      complete: SCHEMA_NAMES,
      describe: 'experiment: a spec; the name of a command: what it prints with --json',
    },
  },
  options: {
    write: {
      type: 'string',
      requiresArg: true,
      value: 'FILE',
      describe: 'Write it to a file instead',
    },
  },
  details: [
    'Editors use it to complete and check the keys of a spec. `docs/json.md` explains the documents that commands print; the schemas give the unit of every number.',
  ],
  examples: [
    ['ipc-sweep schema --write experiment.schema.json', 'Keep a copy for an editor'],
    ['ipc-sweep schema report', 'What `report --json` prints'],
  ],
  load: async () => (await import('./run.ts')).schema,
});
