import { describe, expect, it } from 'vitest';
import {
  cellsWithout,
  type MadeSweep,
  programsOf,
  specDifferences,
} from '../../src/analyse/spec-differences.ts';
import type { Cell } from '../../src/experiment/cell.ts';
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

it('a difference has both values', () => {
  expect(
    specDifferences(document, cells, { ...made, sweep: { ...sweep, name: 'other', warmup: 2 } }),
  ).toEqual([
    {
      ...{ code: 'name', asked: 'lab', made: 'other' },
      message: 'name: the spec asks for lab, the sweep has other',
    },
    {
      ...{ code: 'warmup', asked: '0', made: '2' },
      message: 'warm-up trials: the spec asks for 0, the sweep has 2',
    },
  ]);
  expect(
    specDifferences(document, cells, { ...made, sweep: { ...sweep, state: 'stopped' } }),
  ).toEqual([
    {
      ...{ code: 'incomplete', asked: 'ended', made: 'stopped, 10 of 10 runs done' },
      message: 'the sweep is not complete: stopped, 10 of 10 runs done',
    },
  ]);
});

const differing: readonly (readonly [string, Partial<MadeSweep>, Partial<SweepRow>])[] = [
  ['order: the spec asks for shuffled, the sweep has sequential', {}, { run_order: 'sequential' }],
  ['benchmark: the spec asks for bundled, the sweep has /a, /b', { programs: ['/a', '/b'] }, {}],
  ['iterations: the spec asks for 1, the sweep has 3', {}, { iterations: 3 }],
  ['bare benchmark: the spec asks for no, the sweep has yes', {}, { bare: 1 }],
  ['rusage of samples: the spec asks for no, the sweep has yes', { rusage: true }, {}],
  ['counters: the spec asks for none, the sweep has software', { counters: 'software' }, {}],
  ['tracer: the spec asks for auto, the sweep has none', {}, { tracer: 'none' }],
  ['controls: the spec asks for no, the sweep has yes', {}, { controls: 1 }],
  [
    'instruments: the spec asks for pipe-states, syscalls, the sweep has none',
    { instruments: ['io-sizes'] },
    {},
  ],
  [
    'trials: the spec asks for 5, the sweep has 5 to 9, until ±2.346%',
    {},
    { trials_max: 9, relative_ci: 0.0234567 },
  ],
];

it.each(differing)('one condition may differ: %s', (message, change, row) => {
  expect(messages(change, row)).toEqual([message]);
});

it('the order of instruments and a single machine make no difference', () => {
  expect(messages({ instruments: ['syscalls', 'io-sizes', 'pipe-states'] })).toEqual([]);
  expect(messages({ machines: [] })).toEqual([]);
});

it('only traced sweeps have controls and instruments, and any tracer will do unless one is named', () => {
  const asked = (trace: string, row: Partial<SweepRow>, change: Partial<MadeSweep> = {}) =>
    specDifferences(
      parseExperiment('spec.yaml', `${SPEC}trace: ${trace}\n`, { allowLarge: false }).document,
      cells,
      { ...made, ...change, sweep: { ...sweep, ...row } },
    ).map(({ message }) => message);
  expect(asked('{ controls: true }', { controls: 1 })).toEqual([]);
  expect(asked('{ controls: true }', {})).toEqual([
    'controls: the spec asks for yes, the sweep has no',
  ]);
  const untraced = { instruments: [] };
  expect(asked('{ controls: true }', { tracer: 'none' }, untraced)).toEqual([
    'tracer: the spec asks for auto, the sweep has none',
  ]);
  expect(asked('{ tracer: none }', { tracer: 'none' }, untraced)).toEqual([]);
  expect(asked('{ tracer: none }', {}, untraced)).toEqual([
    'tracer: the spec asks for none, the sweep has dtrace',
  ]);
  expect(asked('{ tracer: bpftrace }', {})).toEqual([
    'tracer: the spec asks for bpftrace, the sweep has dtrace',
  ]);
  expect(asked('{ tracer: dtrace }', {})).toEqual([]);
});

it('a spec names one benchmark or several', () => {
  const named = (benchmark: string) =>
    programsOf(
      parseExperiment('s.yaml', `${SPEC}benchmark: ${benchmark}\n`, { allowLarge: false }).document,
    );
  expect(named('{ program: ./mine }')).toEqual(['./mine']);
  expect(named('{ programs: { base: ./a, new: ./b } }')).toEqual(['./a', './b']);
});

describe('the cells of a sweep and of a spec', () => {
  const sized = (count: number): readonly Cell[] =>
    Array.from({ length: count }, (_, at) => ({
      ...{ ipc: 'pipe', mode: '2proc', bufferBytes: 1024 * (at + 1), totalBytes: 2 ** 20 },
      socketBuffers: false,
    }));
  const found = (asked: readonly Cell[], has: readonly Cell[]) =>
    specDifferences(document, asked, { ...made, cells: has });
  const name = (kib: number) => `pipe 2proc ${kib} KiB of 1 MiB`;

  it('are named where they are missing or too many, up to three', () => {
    expect(found(sized(4), sized(1))).toEqual([
      {
        ...{ code: 'cells-missing', asked: '4 cells', made: '1 cells' },
        message: `not made: 3 of 4 cells of the spec (${name(2)}; ${name(3)}; ${name(4)})`,
      },
    ]);
    expect(found(sized(1), sized(5))).toEqual([
      {
        ...{ code: 'cells-more', asked: '1 cells', made: '5 cells' },
        message: `not in the spec: 4 of 5 cells (${name(2)}; ${name(3)}; ${name(4)}; ...)`,
      },
    ]);
  });

  it('may be missing and too many at once', () => {
    const codes = found(sized(2).slice(1), sized(1)).map(({ code }) => code);
    expect(codes).toEqual(['cells-missing', 'cells-more']);
  });
});

it('the program distinguishes cells only where both sides have several programs', () => {
  const of = (program: string) => cells.map((cell) => ({ ...cell, program }));
  expect(cellsWithout(of('new'), cells)).toEqual([]);
  expect(cellsWithout([...of('new'), ...of('base')], of('base'))).toEqual(of('new'));
});
