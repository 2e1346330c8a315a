import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { doubtLine, sumUpDoubts } from '../../src/analyse/doubts.ts';
import type { Doubt } from '../../src/doubt.ts';
import { doubtRows } from '../../src/store/doubt-rows.ts';
import { setMissing } from '../../src/store/missing.ts';
import { openForWriting, type WritableDb } from '../../src/store/open.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';

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
const lines = (id: number, scope?: Parameters<typeof doubtRows>[2]) =>
  sumUpDoubts(doubtRows(database.db, id, scope)).map(doubtLine);
const MACHINE = '=this, "a" machine (virtual-machine)';

describe('the doubts of a sweep', () => {
  it('are each told once, with the number of runs, however many runs have them', () => {
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

  it('name one message for many that differ', () => {
    const id = sweep((trial) => [note('benchmark-stderr', `took ${trial} ms`)]);
    expect(lines(id)[0]).toBe(
      '9 of 9 runs: the benchmark said: such as: took 1 ms (benchmark-stderr)',
    );
  });

  it('of some cells are those of the runs that go into their figures', () => {
    const id = sweep((trial) => (trial <= 2 ? [note('foreign-benchmark', 'x')] : []), 5);
    database.db.exec('UPDATE run SET warmup = 1 WHERE trial = 1');
    expect(lines(id, { cells: [1], suspect: false })[0]).toMatch(/^1 of 4 runs: another benchmark/);
    expect(lines(id, { cells: [2], suspect: false })).toEqual([MACHINE]);
  });
});
