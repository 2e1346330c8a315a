import { command } from '../../command.ts';
import {
  CSV,
  DATABASES,
  DATABASES_BEHIND,
  JSON_OUTPUT,
  LARGE,
  SELECTION,
  SPEC,
  SPEC_MISSING,
} from '../../options.ts';

export const checkCommand = command({
  command: 'check <spec> [databases..]',
  describe: 'Judge the stored runs of many databases by the expectations of one spec',
  positionals: {
    spec: SPEC,
    databases: DATABASES_BEHIND,
  },
  options: {
    ...DATABASES,
    sweep: {
      type: 'string',
      requiresArg: true,
      value: 'SWEEP',
      defaultDescription: "the newest with the spec's name, else the newest",
      describe: 'The sweep that is judged in every database, by its id, name, or name-id',
    },
    'every-cell': {
      type: 'boolean',
      default: false,
      describe: 'Leave an expectation unjudged if a cell that it concerns was not made',
    },
    csv: {
      type: 'boolean',
      default: false,
      describe: 'Print CSV, one row for each database and expectation',
    },
    out: {
      type: 'string',
      requiresArg: true,
      value: 'FILE',
      describe: 'Write that CSV to this file, too',
    },
    ...JSON_OUTPUT,
    ...CSV,
    ...SELECTION,
    ...LARGE,
  },
  missing: SPEC_MISSING,
  details: [
    'It runs nothing, and writes nothing but the file of `--out`: every database and its folder stay as they are, whoever made them. A database that cannot be read becomes a row with the reason, and the others are judged.',
    'The runs are judged whatever conditions they were made under. What differs from the spec is listed: cells, trials, benchmark, tracer, and more. A cell that the spec asks for and that was not made is such a difference; with `--every-cell` an expectation that concerns it is not judged.',
    'An expectation is `pass` if every cell that it concerns fulfils it, `fail` if one contradicts it, and otherwise `not-judged`: the cells that it concerns were not made, or one of them cannot be judged. The exit code is 0 only if everything passes.',
    'In the CSV, `student` is the part of the path that tells a file from the others; `docs/csv.md` explains the other columns.',
  ],
  examples: [
    [
      'ipc-sweep check homework.yaml --db handed-in/*.db',
      'Print a table, and say who did not pass',
    ],
    [
      'ipc-sweep check homework.yaml --db in/*/ipc-sweep.db --out grades.csv',
      'Write a grade list, too',
    ],
  ],
  load: async () => (await import('./run.ts')).check,
});
