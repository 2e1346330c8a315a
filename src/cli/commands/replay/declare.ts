import { command } from '../../command.ts';
import { DATABASE, SWEEP } from '../../options.ts';

export const replayCommand = command({
  command: 'replay [sweep]',
  describe: 'Read the kept tracer output of a sweep again',
  positionals: { sweep: SWEEP },
  options: DATABASE,
  details: [
    'Replaces the counts that were made from the output of the tracer, after a reader of it has been mended. Nothing is run. Exits with 1 if some of the output could not be read.',
  ],
  examples: [['ipc-sweep replay quickstart-1', 'Count again']],
  load: async () => (await import('./run.ts')).replay,
});
