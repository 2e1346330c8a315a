import { command } from '../../command.ts';
import { HOST, JSON_OUTPUT } from '../../options.ts';

export const doctorCommand = command({
  command: 'doctor',
  describe: 'Say what this machine can trace, and what to type; or check a database',
  positionals: {},
  options: {
    db: {
      type: 'string',
      requiresArg: true,
      value: 'FILE',
      conflicts: 'tune',
      describe: 'Check this database instead, and save what can be read of a damaged one',
    },
    sudo: {
      type: 'boolean',
      default: false,
      describe: 'Start tracers as `trace.sudo: true` does',
    },
    tune: {
      type: 'boolean',
      describe: 'Show instead what `run --tune` would set, and what else makes figures steadier',
    },
    ...HOST,
    ...JSON_OUTPUT,
  },
  details: [
    'Tries the benchmark and every tracer, and names what to install or to type for what does not work. Exits with 3 if nothing can be traced. With `--db` it exits with 1 if the database is damaged.',
  ],
  examples: [
    ['ipc-sweep doctor', 'Before the first sweep'],
    ['ipc-sweep doctor --host board-1', 'Before the first sweep on a board'],
    ['ipc-sweep doctor --db results/ipc-sweep.db', 'After a crash of the machine'],
  ],
  load: async () => (await import('./run.ts')).doctor,
});
