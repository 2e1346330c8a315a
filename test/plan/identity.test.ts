import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IPC_TYPES, MODES } from '../../src/experiment/axes.ts';
import { type Cell, cellKey } from '../../src/experiment/cell.ts';
import { parseExperiment } from '../../src/experiment/read-experiment.ts';
import { runKey, sweepIdentity } from '../../src/plan/identity.ts';

const cell: fc.Arbitrary<Cell> = fc.record({
  ipc: fc.constantFrom(...IPC_TYPES),
  mode: fc.constantFrom(...MODES),
  bufferBytes: fc.integer({ min: 1, max: 99 }),
  totalBytes: fc.integer({ min: 1, max: 99 }),
  socketBuffers: fc.boolean(),
});
const run = fc.record({ cell, trial: fc.integer({ min: 1, max: 20 }), traced: fc.boolean() });

const identity = (yaml: string, benchmarkSha256 = 'b', programSha256 = 'p') =>
  sweepIdentity({
    document: parseExperiment('f.yaml', yaml, { allowLarge: false }).document,
    benchmarkSha256,
    programSha256,
  });

describe('the key of a run', () => {
  it('is the same only for the same cell, trial and tracing', () => {
    fc.assert(
      fc.property(run, run, (one, other) => {
        const same =
          cellKey(one.cell) === cellKey(other.cell) &&
          one.trial === other.trial &&
          one.traced === other.traced;
        expect(runKey(one) === runKey(other)).toBe(same);
        expect(runKey(structuredClone(one))).toBe(runKey(one));
      }),
    );
  });

  it('distinguishes cells that differ in one parameter', () => {
    fc.assert(
      fc.property(cell, cell, (one, other) => {
        const same = (Object.keys(one) as (keyof Cell)[]).every((key) => one[key] === other[key]);
        expect(cellKey(one) === cellKey(other)).toBe(same);
      }),
    );
  });
});

describe('the identity of a sweep', () => {
  it('is what it was before a spec could name several programs, so that old sweeps go on', () => {
    expect(identity('name: q\n')).toBe(
      'c395ce587df78504eebcc881f2ea1c9d4d285c3882af3ca12cf24d01c2b78e65',
    );
    expect(identity('name: q\nbenchmark: { program: ./x, bare: true, iterations: 2 }\n')).toBe(
      '62333e5c2547d83241d78d346c261ac4b5a5e8d905f6cb060a6497bb133bc73a',
    );
  });

  it('changes with the programs, their names and their order', () => {
    const several = 'name: q\nbenchmark: { programs: { a: x, b: y } }\n';
    for (const other of [
      '{ a: x, c: y }',
      '{ a: x, b: z }',
      '{ b: y, a: x }',
      '{ a: x, b: y, c: z }',
    ]) {
      expect(identity(several.replace(/\{ a: x, b: y \}/, other))).not.toBe(identity(several));
    }
  });

  const base = 'name: q\nmatrix: { buffer_size: 4KiB, ipc: pipe }\ntrials: 3\n';

  it('does not change with the cells and trials that are asked for, or with the wording of the spec', () => {
    for (const same of [
      'trials: 3 # three\nmatrix: { ipc: [pipe], buffer_size: 4096 }\nname: q\n'.replace(
        '[pipe]',
        'pipe',
      ),
      `${base}description: other words\n`,
      `${base}seed: 1\n`,
      base.replace('4KiB', '[4KiB, 8KiB]'),
      base.replace('ipc: pipe', 'ipc: [tcp, local]'),
      base.replace('trials: 3', 'trials: 7'),
      `${base}invalid_cells: error\n`,
      `${base}max_failures: 1\n`,
      `${base}retry: { failed: 2 }\n`,
      `${base}timeout: 5s\n`,
      `${base}trace: { sudo: true }\n`,
    ]) {
      expect(identity(same)).toBe(identity(base));
    }
    expect(identity(`${base}prepare: { command: [sync], timeout: 5s }\n`)).toBe(
      identity(`${base}prepare: [sync]\n`),
    );
  });

  it('changes with every condition of a run, with the benchmark and with the tracing program', () => {
    const all = [
      identity(base),
      ...[
        'seed: 2',
        'order: sequential',
        'warmup: 1',
        'benchmark: { iterations: 2 }',
        'benchmark: { bare: true }',
        'benchmark: { rusage: true }',
        'benchmark: { program: ./mine }',
        'trace: { tracer: none }',
        'trace: { instruments: [syscalls] }',
        'trace: { events: true }',
        'trace: { attach: per-run }',
        'trace: { options: { bufsize: 8m } }',
        'trace: { scripts: [mine.d] }',
        'setup: [sync]',
        'prepare: [sync]',
        'prepare: [sync, now]',
        'conclude: [sync]',
        'cleanup: [sync]',
        'prepare: [sync]\ncleanup: [sync]',
      ].map((condition) => identity(`${base}${condition}\n`)),
      identity(base.replace('name: q', 'name: r')),
      identity(base, 'other'),
      identity(base, 'b', 'other'),
      identity(base, 'b', ''),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
