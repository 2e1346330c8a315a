import { command } from '../../command.ts';
import {
  CSV,
  DATABASE,
  FORMAT,
  HOST,
  JSON_OUTPUT,
  LARGE,
  SELECTION,
  SHARD,
} from '../../options.ts';
import { SPEC_CHANGES, SPEC_OR_OPTIONS, SPEC_WITHOUT_FILE } from '../../spec-options.ts';

export const runCommand = command({
  command: 'run [spec]',
  describe: 'Run an experiment, or continue it where it stopped',
  positionals: { spec: SPEC_OR_OPTIONS },
  options: {
    fresh: {
      type: 'boolean',
      default: false,
      describe: 'Start a new sweep instead of continuing the last one',
    },
    'only-failed': {
      type: 'boolean',
      default: false,
      describe: 'Repeat the runs that did not succeed, and no others',
    },
    tune: {
      type: 'boolean',
      default: false,
      describe:
        'As root: fix the clock (governor, turbo) for the sweep, and put it back at its end',
    },
    wait: {
      type: 'boolean',
      default: false,
      describe: 'Wait for another sweep that runs on this machine instead of refusing',
    },
    ...SHARD,
    'allow-scripts': {
      type: 'boolean',
      default: false,
      describe: "Run tracing scripts from outside the spec's folder",
    },
    ...SPEC_CHANGES,
    ...SPEC_WITHOUT_FILE,
    ...HOST,
    ...LARGE,
    ...DATABASE,
    ...FORMAT,
    ...CSV,
    ...JSON_OUTPUT,
    ...SELECTION,
  },
  details: [
    'Every run is stored the moment it ends. The sweep that was last made under the same conditions (benchmark, tracing, settings) is continued: what is stored is not run again. At the end a summary is printed, a row a cell, and the tables are written to `RESULTS/NAME-ID/`.',
    'Options that change the spec (`--set`, `--trials`, `--quick`, `--only`, `--setup` and the like) are stored with the sweep, and so is the resulting spec. More trials continue the sweep; `--only` and `--quick` make a part of it, and `run` without them makes the rest; a change of conditions, such as `--set trace.tracer=none`, starts a new one. `docs/spec.md` says which changes are which.',
    "Without a spec, options name the axes, such as `--buffer 4KiB,64KiB --total 16MiB`. The spec that they stand for is printed on standard error; `--print-spec` prints it alone, on standard output. It has `bare: true`, which leaves out the benchmark's own sleeps, so that the answer comes soon; `--set benchmark.bare=false` brings them back.",
    'In the summary, a bar stands for the median bandwidth of a cell, relative to the largest of the sweep: of block characters where the locale says UTF-8, of `#` elsewhere. The table keeps within the terminal, or within 80 columns where there is none. Where there is less room, it names one state of the pipe instead of two, puts what the cells of a series have in common above them, and gives the probe effect, as `effect`, without its interval; `summary.csv` has all of it. Colours go to a terminal only, and nowhere if NO_COLOR is set.',
    'With `--json`, one JSON document is printed when the sweep has ended, or was interrupted, in place of the summary (`docs/json.md`); progress and messages still go to standard error, and the exit code is the same.',
    'A database whose sweeps were all made on other machines is left as it is, unless `--fresh` asks for a new sweep in it: `check` judges what is stored in a database that somebody has handed in.',
    'One sweep at a time runs on a machine, whoever starts it, from wherever, and whatever its database: two at once slow each other down. A second `run` is refused with who holds the machine, or waits with `--wait`.',
    'With `--shard 2/4` it makes the second of four shards of the sweep. The cells are divided by the time that they are likely to take, and all runs of a cell, controls too, are in one shard. Every shard knows the whole matrix and order, and has a database of its own (`--db`); `merge --as-one` puts them together. `slurm submit` does all of that on a cluster.',
    'The first Ctrl-C lets the run in flight end; a second one kills it. What has ended is stored either way.',
  ],
  examples: [
    ['ipc-sweep run experiments/quickstart.yaml', 'Run it, or go on with it'],
    ['ipc-sweep run my.yaml --host board-1 --host board-2', 'On two machines, over SSH'],
    ['ipc-sweep run my.yaml --quick', 'Have a first look: three trials of every cell'],
    ['ipc-sweep run my.yaml --only buffer_size==4KiB', 'Run some of its cells only'],
    ['ipc-sweep run my.yaml --set trace.tracer=none', 'Run it untraced, in a sweep of its own'],
    ['ipc-sweep run --buffer 4KiB,64KiB --total 16MiB', 'Ask one question, without a spec'],
    ['ipc-sweep run my.yaml --only-failed', 'Repeat what did not succeed'],
    ['ipc-sweep run my.yaml --fresh --results elsewhere', 'Start anew, in a folder of its own'],
  ],
  load: async () => (await import('./run.ts')).run,
});
