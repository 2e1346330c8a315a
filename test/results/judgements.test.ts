import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cellSummaries } from '../../src/results/cell-summaries.ts';
import { judgements } from '../../src/results/judgements.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { CELL, exampleResult, exampleSweep } from '../store/example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-judgements-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let databases = 0;

/**
 * Lists the expectations that a sweep of one run on Linux, with two reads and two writes, does not
 * meet.
 */
function missesOf(...expectations: string[]): readonly (readonly string[])[] {
  const { db, close } = openForWriting(join(folder, `${++databases}.db`));
  try {
    const { store } = exampleSweep(db, { expectations, cells: [CELL] });
    store(exampleResult(1));
    const sweep = chooseSweep(db, undefined);
    const selection = { suspect: false };
    const judged = judgements(db, sweep, selection, cellSummaries(db, sweep, selection));
    expect(judged.map(({ expectation }) => expectation)).toEqual(expectations);
    return judged.map(({ misses }) => misses.map(({ found }) => found));
  } finally {
    close();
  }
}

it('a count of calls is compared for all roles together, or for one', () => {
  expect(
    missesOf('syscalls.write == 2', 'syscalls.sender.write == 2', 'syscalls.receiver.write == 2'),
  ).toEqual([[], [], ['0']]);
});

it('a call that the kernel lacks is not mistaken for a call that was never made', () => {
  expect(missesOf('syscalls.kevent <= 300', 'syscalls.epoll_wait <= 300')).toEqual([
    ['this kernel has no system call kevent'],
    [],
  ]);
});

it('an expectation of an earlier version that cannot be read is reported as not judged', () => {
  expect(missesOf('bandwidth.median >= 500', 'runs.failed == 0')).toEqual([
    ['not judged: expected a bandwidth with its unit, such as 500MiB/s or 500000B/s after >='],
    [],
  ]);
});
