import { expect, it } from 'vitest';
import {
  cellsWithout,
  type MadeSweep,
  specDifferences,
} from '../../src/analyse/spec-differences.ts';
import { parseExperiment } from '../../src/experiment/read-experiment.ts';
import type { SweepRow } from '../../src/store/reader.ts';

const SPEC = 'name: lab\nmatrix: { buffer_size: [512, 1024], total_size: 4096 }\ntrials: 5\n';
const { document, cells } = parseExperiment('spec.yaml', SPEC, { allowLarge: false });

const sweep: SweepRow = {
  ...{ id: 1, name: 'lab', description: '', spec_file: '', seed: 9, run_order: 'shuffled' },
  ...{ planned_runs: 10, warmup: 0, trials_min: 5, trials_max: 5, relative_ci: null },
  ...{ budget_ms: null, controls: 0, tracer: 'dtrace', iterations: 1, bare: 0, started_at: '' },
  ...{ ended_at: null, active_ms: 0, state: 'ended', iterations_as_runs: 0, note: '' },
  ...{ shard: null, shards: null },
};
const made: MadeSweep = {
  ...{
    sweep,
    cells,
    doneRuns: 10,
    rusage: false,
    counters: '',
    programs: ['bundled'],
    machines: ['vm'],
  },
  instruments: ['pipe-states', 'syscalls'],
};
const messages = (change: Partial<MadeSweep>, row: Partial<SweepRow> = {}) =>
  specDifferences(document, cells, { ...made, ...change, sweep: { ...sweep, ...row } }).map(
    ({ message }) => message,
  );

it('no difference is found when only the seed differs, the tracer was free, or a host was an axis', () => {
  expect(messages({})).toEqual([]);
  expect(messages({ cells: cells.map((cell) => ({ ...cell, host: 'board-1' })) })).toEqual([]);
  // Its own spec cannot be read any more.
  expect(messages({ programs: undefined })).toEqual([]);
});

it('the differences are told in the order of their importance', () => {
  expect(
    messages(
      { machines: ['a', 'b'], instruments: ['syscalls', 'io-sizes'], doneRuns: 4 },
      { state: 'interrupted', trials_min: 11, trials_max: 50, relative_ci: 0.02 },
    ),
  ).toEqual([
    'the sweep is not complete: interrupted, 4 of 10 runs done',
    'trials: the spec asks for 5, the sweep has 11 to 50, until ±2%',
    'instruments: the spec asks for pipe-states, syscalls, the sweep has syscalls',
    'machine: the spec asks for one machine, the sweep has 2: a, b',
  ]);
});

it('the program distinguishes cells only where both sides have several programs', () => {
  const of = (program: string) => cells.map((cell) => ({ ...cell, program }));
  expect(cellsWithout(of('new'), cells)).toEqual([]);
  expect(cellsWithout([...of('new'), ...of('base')], of('base'))).toEqual(of('new'));
});
