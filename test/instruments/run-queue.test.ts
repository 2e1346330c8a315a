import { describe, expect, it } from 'vitest';
import type { CountRow } from '../../src/instruments/instrument.ts';
import { runQueue } from '../../src/instruments/run-queue/instrument.ts';

const wait = (after: string, from_ns: number, count: number) =>
  ({ role: 'receiver', after, from_ns, count }) satisfies CountRow;
const switches = (voluntary: number, involuntary: number) =>
  [
    { role: 'receiver', kind: 'voluntary', count: voluntary },
    { role: 'sender', kind: 'involuntary', count: involuntary },
  ] satisfies CountRow[];
const WAITS = [wait('wake-up', 2048, 9), wait('wake-up', 0, 1), wait('preemption', 8192, 4)];

describe('the check of waits for the processor', () => {
  const check = (run_queue: readonly CountRow[]) =>
    runQueue.check({
      counts: { run_queue },
      ipc: 'pipe',
      iterations: 1,
      calls: { read: { all: 8, moved: 8 }, write: { all: 8, moved: 8 } },
    });

  it('has no doubt where each wait was timed', () => {
    expect(check(WAITS)).toEqual([]);
  });

  it('doubts a run with waits that only the kernel has counted', () => {
    const message = 'the kernel counts 3 waits for the processor that were not timed';
    expect(check([...WAITS, wait('unseen', 0, 2), wait('unseen', 0, 1)])).toEqual([
      { code: 'run-queue', message, suspect: true },
    ]);
  });
});

describe('the check of waits against context switches', () => {
  const check = (context_switches: readonly CountRow[], platform = 'linux') =>
    runQueue.checkReported({
      counts: { run_queue: WAITS, context_switches },
      samples: [],
      ...{ wallNs: 1e6, processors: 2 },
      platform,
    });

  it('has no doubt where there is at least one switch more than waits', () => {
    expect(check(switches(11, 4))).toEqual([]);
    expect(check(switches(11, 9))).toEqual([]);
  });

  it('doubts a run with as few switches as waits, because the last switch begins no wait', () => {
    const message = '14 waits for the processor, and only 14 context switches';
    expect(check(switches(10, 4))).toEqual([{ code: 'run-queue', message, suspect: true }]);
  });

  it('has no doubt where switches were not asked for, or not all of them are seen', () => {
    expect(check([])).toEqual([]);
    expect(check(switches(2, 2), 'freebsd')).toEqual([]);
    const run = { samples: [], wallNs: 1e6, processors: 2, platform: 'linux' };
    expect(runQueue.checkReported({ ...run, counts: { run_queue: WAITS } })).toEqual([]);
  });
});
