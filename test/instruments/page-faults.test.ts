import { describe, expect, it } from 'vitest';
import type { CountRow } from '../../src/instruments/instrument.ts';
import { pageFaults } from '../../src/instruments/page-faults/instrument.ts';

const io = { operation: 'read', bytes: 512, count: 8 };
const both = [
  { role: 'receiver', ...io },
  { role: 'sender', ...io },
] satisfies CountRow[];
const faults = (receiver: number, sender: number) =>
  [
    { role: 'receiver', kind: 'minor', count: receiver },
    { role: 'sender', kind: 'minor', count: sender - 1 },
    { role: 'sender', kind: 'major', count: 1 },
  ] satisfies CountRow[];
const check = (io_sizes: readonly CountRow[], page_faults: readonly CountRow[], iterations = 1) =>
  pageFaults.check({
    counts: { io_sizes, page_faults },
    ipc: 'pipe',
    iterations,
    calls: { read: { all: 8, moved: 8 }, write: { all: 8, moved: 8 } },
  });
const codes = (...of: Parameters<typeof check>) =>
  check(...of).map(({ code, message }) => `${code}: ${message}`);

describe('the check of page faults', () => {
  it('has no doubt about a run in which each process had some', () => {
    expect(codes(both, faults(1, 1))).toEqual([]);
    expect(codes(both, faults(90, 63), 3)).toEqual([]);
    // The receiver of all iterations is one process, and each has a sender of its own.
    expect(codes(both, faults(1, 3), 3)).toEqual([]);
    const one = [{ role: 'both', ...io }] satisfies CountRow[];
    expect(codes(one, [{ role: 'both', kind: 'minor', count: 66 }], 3)).toEqual([]);
  });

  it('doubts a run with fewer faults than processes', () => {
    expect(codes(both, faults(90, 2), 3)).toEqual([
      'page-faults: 2 page faults of 3 processes (sender), and none can run without one',
    ]);
    expect(check(both, faults(90, 2), 3)).toMatchObject([{ suspect: true }]);
    expect(codes(both, [])).toEqual([
      'page-faults: 0 page faults of one process (receiver), and none can run without one',
      'page-faults: 0 page faults of one process (sender), and none can run without one',
    ]);
  });
});
