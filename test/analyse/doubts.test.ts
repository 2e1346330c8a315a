import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  commonWords,
  doubtLine,
  isNote,
  type SweepDoubt,
  sumUpDoubts,
} from '../../src/analyse/doubts.ts';
import type { BandwidthSummary } from '../../src/analyse/summary.ts';
import type { Doubt } from '../../src/doubt.ts';
import type { RunResult } from '../../src/execute/outcome.ts';
import { type DoubtRows, doubtRows } from '../../src/store/doubt-rows.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import { setMissing } from '../../src/store/missing.ts';
import { openForWriting, type WritableDb } from '../../src/store/open.ts';
import { type CellRow, cellOf, cellsOf } from '../../src/store/reader.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { createSweep } from '../../src/store/sweep-writer.ts';
import {
  CELL,
  ENVIRONMENT,
  exampleResult,
  exampleSweep,
  NEW_SWEEP,
} from '../store/example-sweep.ts';

let folder: string;
let database: WritableDb;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-doubts-'));
  database = openForWriting(join(folder, 'x.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const note = (code: string, message: string, suspect = false): Doubt => ({
  code,
  message,
  suspect,
});

/** A sweep whose runs have doubts by their trial. @returns its id */
function sweep(doubts: (trial: number) => readonly Doubt[], runs = 9): number {
  const { id, store } = exampleSweep(database.db);
  for (let trial = 1; trial <= runs; trial++) {
    store(exampleResult(trial, { doubts: doubts(trial) }));
  }
  return id;
}
/** Makes runs of the sweep's two cells, each trial of one and then of the other. */
function bothCells(id: number, store: (result: RunResult) => void, doubts: DoubtsOf, trials = 6) {
  const cells = cellsOf(database.db, id).map(cellOf);
  for (let trial = 1; trial <= trials; trial++) {
    cells.forEach((cell, cellIndex) => {
      const planned = { ...exampleResult(trial).planned, cell, cellIndex };
      store(exampleResult(trial, { planned, doubts: doubts(trial, cellIndex) }));
    });
  }
}
type DoubtsOf = (trial: number, cell: number) => readonly Doubt[];
const lines = (id: number, scope?: Parameters<typeof doubtRows>[2]) =>
  sumUpDoubts(doubtRows(database.db, id, scope)).map(doubtLine);
const MACHINE = '=this, "a" machine (virtual-machine)';

describe('the doubts of a sweep', () => {
  it('are told once each, with the number of the runs that have them', () => {
    const said = 'not bound to CPU 0: Invalid argument';
    const id = sweep(() => [note('benchmark-stderr', said)], 50);
    expect(lines(id)).toEqual([
      `50 of 50 runs: the benchmark said: ${said} (benchmark-stderr)`,
      MACHINE,
    ]);
  });

  it('stand in the order of the harm that they do', () => {
    const id = sweep((trial) => [
      note('raw-cut', 'only the first 9 lines are kept'),
      ...(trial % 2 === 0
        ? [note('foreign-benchmark', `another benchmark ran (pid ${trial})`)]
        : []),
      ...(trial === 3 ? [note('read-bytes', '5 bytes read, expected 7', true)] : []),
      ...(trial === 4 ? [note('new-code', 'nobody has written a word for it')] : []),
      note('steal', `the hypervisor took about ${trial} ms`),
    ]);
    setMissing(database.db, id, [{ name: 'pipe-states', reason: 'strace does not have it here' }]);
    expect(lines(id)).toEqual([
      'pipe-states is missing: strace does not have it here',
      '1 of 9 runs: suspect: 5 bytes read, expected 7 (read-bytes)',
      '4 of 9 runs: another benchmark ran at the same time (foreign-benchmark)',
      '9 of 9 runs: the hypervisor took time from processor 0 (steal)',
      '1 of 9 runs: nobody has written a word for it (new-code)',
      MACHINE,
      '9 of 9 runs: only the first 9 lines are kept (raw-cut)',
    ]);
    expect(
      sumUpDoubts(doubtRows(database.db, id)).flatMap(({ code, note: is }) => (is ? [code] : [])),
    ).toEqual(['virtual-machine', 'raw-cut']);
  });

  it('quote one message as an example where many differ', () => {
    const id = sweep((trial) => [note('benchmark-stderr', `took ${trial} ms`)]);
    expect(lines(id)[0]).toBe(
      '9 of 9 runs: the benchmark said: such as: took 1 ms (benchmark-stderr)',
    );
  });

  it('of chosen cells count only the runs that go into their figures', () => {
    const id = sweep((trial) => (trial <= 2 ? [note('foreign-benchmark', 'x')] : []), 5);
    database.db.exec('UPDATE run SET warmup = 1 WHERE trial = 1');
    expect(lines(id, { cells: [1], suspect: false })[0]).toMatch(/^1 of 4 runs: another benchmark/);
    expect(lines(id, { cells: [2], suspect: false })).toEqual([]);
  });

  it('name their cells where these are not all', () => {
    const { id, store } = exampleSweep(database.db);
    const busy = note('foreign-benchmark', 'x');
    bothCells(id, store, (trial, cell) => [
      ...(cell === 1 && trial <= 4 ? [busy] : []),
      ...(trial === 1 ? [note('benchmark-stderr', `said by ${cell}`)] : []),
    ]);
    expect(lines(id)).toEqual([
      '4 of 12 runs, all of 1 KiB: another benchmark ran at the same time (foreign-benchmark)',
      '1 of 12 runs, all of 512 B: the benchmark said: said by 0 (benchmark-stderr)',
      '1 of 12 runs, all of 1 KiB: the benchmark said: said by 1 (benchmark-stderr)',
      MACHINE,
    ]);
  });

  it('name cells in full where their buffers do not distinguish them, and only count them when there are many', () => {
    const shapes = [1, 2, 4, 8, 16, 32].flatMap((times) =>
      (['pipe', 'local', 'tcp'] as const).map((ipc) => ({ ...CELL, ipc, totalBytes: 512 * times })),
    );
    const { id, store } = exampleSweep(database.db, { cells: shapes });
    const doubted = (cells: number) => (_: number, cell: number) =>
      cell < cells ? [note('steal', 'x')] : [];
    bothCells(id, store, doubted(5), 1);
    expect(lines(id)[0]).toMatch(/^5 of 18 runs, in 5 of 18 cells: the hypervisor/);
    database.db.exec('DELETE FROM run');
    bothCells(id, store, doubted(2), 1);
    expect(lines(id)[0]).toMatch(
      /^2 of 18 runs, all of pipe 2proc 512 B of 512 B and local 2proc 512 B of 512 B: the/,
    );
  });

  it('name their hosts where these are not all', () => {
    const cells = ['a', 'b', 'c'].flatMap((host) =>
      [512, 1024].map((bufferBytes) => ({ ...CELL, bufferBytes, host })),
    );
    const id = createSweep(database.db, { ...NEW_SWEEP, cells });
    for (const host of ['a', 'b', 'c']) {
      const warnings = host === 'a' ? [] : [{ code: 'on-battery', message: 'it runs on battery' }];
      const environment = { ...ENVIRONMENT, host, machine: `vm-${host}` };
      const store = runWriter(
        database.db,
        id,
        recordEnvironment(database.db, id, environment, [], warnings),
      );
      for (const [cellIndex, cell] of cells.entries()) {
        if (cell.host !== host) continue;
        const doubts = host === 'c' ? [note('throttled', 'x')] : [];
        store(
          exampleResult(1, { planned: { ...exampleResult(1).planned, cell, cellIndex }, doubts }),
        );
      }
    }
    expect(lines(id)).toEqual([
      '2 of 6 runs, all on c: heat slowed processor 0 down (throttled)',
      '4 of 6 runs, all on b and c: it runs on battery (on-battery)',
    ]);
  });

  it('of the machine say how many runs were made under them, and nothing where there were none', () => {
    const { id, store } = exampleSweep(database.db);
    store(exampleResult(1, { doubts: [] }));
    const loaded = [{ code: 'other-load', message: 'the load is 3' }];
    const second = recordEnvironment(database.db, id, ENVIRONMENT, [], loaded);
    recordEnvironment(database.db, id, ENVIRONMENT, [], [{ code: 'cpu-quota', message: 'x' }]);
    const storeLater = runWriter(database.db, id, second);
    for (const trial of [2, 3]) storeLater(exampleResult(trial, { doubts: [] }));
    expect(lines(id)).toEqual([
      '2 of 3 runs: the load is 3 (other-load)',
      '1 of 3 runs: =this, "a" machine (virtual-machine)',
    ]);
  });

  it('include those that the series of runs raise, with the cells that have them', () => {
    const cells = [512, 1024, 2048].map((bufferBytes) => ({ ...CELL, bufferBytes }));
    const { id, store } = exampleSweep(database.db, { cells });
    bothCells(id, store, (trial) => (trial === 1 ? [note('steal', 'x')] : []), 2);
    const rows = doubtRows(database.db, id);
    const [a, b, c] = rows.cells;
    const series = (cell: CellRow, ...codes: readonly string[]) => ({
      cell,
      bandwidth: {
        n: 2,
        warnings: codes.map((code) => ({ code, message: `${code} of ${cell.buffer_bytes}` })),
      } as unknown as BandwidthSummary,
    });
    const told = sumUpDoubts(rows, [
      series(a!, 'drift', 'new-code'),
      series(b!, 'drift', 'autocorrelated', 'new-code'),
      series(c!, 'new-code'),
    ]);
    expect(told.map(doubtLine)).toEqual([
      '3 of 6 runs: the hypervisor took time from processor 0 (steal)',
      '2 of 3 cells (512 B and 1 KiB): values rise or fall over the order of the runs (drift)',
      '1 of 3 cells (1 KiB): autocorrelated of 1024 (autocorrelated)',
      'all 3 cells: such as: new-code of 512 (new-code)',
      MACHINE,
    ]);
    expect(told.map(({ runs }) => runs)).toEqual([3, 4, 2, 6, undefined]);
  });
});

describe('the doubts in hand-made rows', () => {
  const cellAt = (cell: number, host = 'a') =>
    ({ cell, host, buffer_bytes: 512 * cell }) as unknown as CellRow;
  const rows = (change: Partial<DoubtRows>): DoubtRows => ({
    ...{ missing: [], iterationsAsRuns: false, runs: [], machine: [], of: 10 },
    cells: [1, 2].map((cell) => cellAt(cell)),
    ...change,
  });
  const ofRuns = (code: string, runs: number): DoubtRows['runs'][number] => ({
    ...{ code, runs, suspect: 0, distinct: 1, cells: [1, 2] },
    messages: [{ message: `${code}!`, runs, cells: [1, 2] }],
  });
  const machine = (code: string, runs: number, hosts: readonly string[]) => ({
    ...{ code, message: `${code}!`, runs, hosts },
  });

  it('stand in the order of the runs that they concern where they do the same harm', () => {
    const told = sumUpDoubts(
      rows({
        runs: [ofRuns('new-a', 1), ofRuns('new-b', 3), ofRuns('new-c', 2)],
        machine: [machine('new-d', 10, ['a']), machine('new-e', 2, ['a'])],
      }),
    );
    expect(told.map(({ code, runs }) => [code, runs])).toEqual([
      ['new-d', undefined],
      ['new-b', 3],
      ['new-c', 2],
      ['new-e', 2],
      ['new-a', 1],
    ]);
  });

  it('of machines name hosts only where there are others', () => {
    const cells = [cellAt(1, 'a'), cellAt(2, 'b')];
    const told = sumUpDoubts(
      rows({ cells, machine: [machine('x', 9, ['b', 'a']), machine('y', 4, ['b'])] }),
    );
    expect(told.map(({ hosts }) => hosts)).toEqual([[], ['b']]);
  });

  it('name a host only where they concern all of its cells, and else the cells', () => {
    const cells = [cellAt(1, 'a'), cellAt(2, 'a'), cellAt(3, 'b')];
    const placed = (concerned: readonly number[]) => {
      const messages = [{ message: 'x!', runs: 1, cells: concerned }];
      const runs = [{ ...ofRuns('x', 1), messages, cells: concerned }];
      const [told] = sumUpDoubts(rows({ cells, runs }));
      return { cells: told?.cells, hosts: told?.hosts };
    };
    expect(placed([1, 2])).toEqual({ cells: [], hosts: ['a'] });
    expect(placed([3])).toEqual({ cells: [], hosts: ['b'] });
    expect(placed([1])).toEqual({ cells: ['512 B'], hosts: [] });
    expect(placed([1, 3])).toEqual({ cells: ['512 B', '1536 B'], hosts: [] });
    expect(placed([1, 2, 3])).toEqual({ cells: [], hosts: [] });
  });

  it('of the sweep as a whole name neither cells nor hosts', () => {
    const missing = [{ name: 'steal', reason: 'the kernel does not count it' }];
    const [told] = sumUpDoubts(rows({ missing }));
    expect(told).toMatchObject({ about: 'sweep', cells: [], hosts: [] });
  });

  it('are notes by their code', () => {
    const codes = ['cpu-quota', 'counters-scaled', 'new', 'events-lost', 'raw-cut'];
    const told = sumUpDoubts(rows({ machine: codes.map((code) => machine(code, 1, ['a'])) }));
    expect(told.map(({ code, note: is }) => [code, is])).toEqual([
      ['cpu-quota', false],
      ['counters-scaled', false],
      ['new', false],
      ['events-lost', true],
      ['raw-cut', true],
    ]);
  });

  it('say first that runs are iterations of one process', () => {
    const told = sumUpDoubts(rows({ iterationsAsRuns: true, runs: [ofRuns('new', 1)] }));
    expect(told.map(({ code, runs, note: is }) => [code, runs, is])).toEqual([
      ['iterations-as-runs', undefined, false],
      ['new', 1, false],
    ]);
    expect(doubtLine(told[0]!)).toMatch(
      /^n counts iterations of one process, .* \(iterations-as-runs\)$/,
    );
  });

  it('of series name the only host on which all cells have them, and need a run', () => {
    const cells = [cellAt(1, 'a'), cellAt(2, 'b'), cellAt(3, 'b')];
    const bandwidth = { n: 2, warnings: [{ code: 'drift', message: 'x' }] } as never;
    const told = sumUpDoubts(rows({ cells }), [
      { cell: cells[0]!, bandwidth: undefined },
      { cell: cells[1]!, bandwidth },
      { cell: cells[2]!, bandwidth },
    ]);
    expect(told.map(doubtLine)).toEqual([
      'all cells on b: values rise or fall over the order of the runs (drift)',
    ]);
    const one = sumUpDoubts(rows({ cells: cells.slice(0, 1) }), [{ cell: cells[0]!, bandwidth }]);
    expect(one.map(doubtLine)).toEqual(['the only cell: x (drift)']);
  });
});

describe('the line of a doubt', () => {
  const line = (change: Partial<SweepDoubt>) =>
    doubtLine({
      ...{ code: 'c', about: 'runs', runs: 3, of: 9, cells: [], ofCells: 8, hosts: [] },
      ...{ text: 'text', note: false },
      ...change,
    });
  const names = (count: number) => ['a', 'b', 'c', 'd', 'e'].slice(0, count);

  it('names up to four cells or any number of hosts', () => {
    expect(line({ cells: names(1) })).toBe('3 of 9 runs, all of a: text (c)');
    expect(line({ cells: names(4) })).toBe('3 of 9 runs, all of a, b, c and d: text (c)');
    expect(line({ cells: names(5) })).toBe('3 of 9 runs, in 5 of 8 cells: text (c)');
    expect(line({ hosts: names(5) })).toBe('3 of 9 runs, all on a, b, c, d and e: text (c)');
    expect(line({ about: 'cells', cells: names(4) })).toBe(
      '4 of 8 cells (a, b, c and d): text (c)',
    );
    expect(line({ about: 'cells', cells: names(5) })).toBe('5 of 8 cells: text (c)');
    expect(line({ about: 'cells', hosts: names(2) })).toBe('all cells on a and b: text (c)');
  });

  it('counts the runs or the cells where it concerns all of them', () => {
    expect(line({ runs: 1, of: 1 })).toBe('1 of 1 run: text (c)');
    expect(line({ runs: undefined })).toBe('text (c)');
    expect(line({ about: 'cells' })).toBe('all 8 cells: text (c)');
    expect(line({ about: 'cells', ofCells: 1 })).toBe('the only cell: text (c)');
    expect(line({ code: 'missing', runs: undefined })).toBe('text');
  });
});

it('a note is no reason to trust numbers less, and a doubt of an unknown kind is one', () => {
  const codes = ['foreign-benchmark', 'counters-scaled', 'nobody-knows', 'events-lost', 'raw-cut'];
  expect(codes.map(isNote)).toEqual([false, false, false, true, true]);
});

describe('the words for a doubt about several cells', () => {
  it('give an amount only where it is the same for all', () => {
    const [some, more] = ['runs vary by 40%', 'runs vary by 51%'];
    expect(commonWords('noisy', [some])).toBe(some);
    expect(commonWords('noisy', [some, some])).toBe(some);
    expect(commonWords('noisy', [some, more])).toBe('runs vary by more than 10 %');
    expect(commonWords('without-words', [some, more])).toBe(`such as: ${some}`);
  });
});
