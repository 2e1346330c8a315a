import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../../src/trace/session/events.ts';
import { EVENT_LIMIT, Tally } from '../../../src/trace/session/tally.ts';
import { linesOf, linuxBpftrace, SESSIONS } from '../recording.ts';

function tallied(events: readonly TraceEvent[]): Tally {
  const tally = new Tally();
  for (const event of events) tally.add(event);
  return tally;
}

const syscall = (pid: number, name: string, count: number): TraceEvent => ({
  kind: 'count',
  pid,
  table: 'syscalls',
  keys: [name],
  count,
});
const child = (pid: number, parent: number): TraceEvent => ({ kind: 'child', pid, parent });
const happened = (pid: number, at: bigint, state = 4): TraceEvent => ({
  kind: 'pipe-event',
  pid,
  at,
  operation: 'read',
  state,
});

describe('Tally', () => {
  it.each(SESSIONS)(
    'gives the rows of $name in the same order, in whatever order they came',
    (session) => {
      const events = linesOf(session).flatMap((line) => session.readLine(line));
      const { pid } = session.runs[1]!;
      const rows = JSON.stringify(tallied(events).countsOf(pid, '2proc'));
      fc.assert(
        fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
          expect(JSON.stringify(tallied(shuffled).countsOf(pid, '2proc'))).toBe(rows);
        }),
        { numRuns: 20 },
      );
    },
  );

  it('sorts numbers as numbers, the negative ones first', () => {
    const events = [512, 4096, -11, 0, -32, 65536].map(
      (bytes): TraceEvent => ({
        kind: 'count',
        pid: 7,
        table: 'io_sizes',
        keys: ['read', bytes],
        count: 1,
      }),
    );
    const { io_sizes } = tallied(events).countsOf(7, '2proc');
    expect(io_sizes.map(({ bytes }) => bytes)).toEqual([-32, -11, 0, 512, 4096, 65536]);
  });

  it('sorts names as texts, the short ones among the long ones', () => {
    const names = ['read', 'openat', 'brk', 'mmap', 'exit_group'];
    const { syscalls } = tallied(names.map((name) => syscall(7, name, 1))).countsOf(7, '2proc');
    expect(syscalls.map((row) => row.syscall)).toEqual([
      ...['brk', 'exit_group', 'mmap', 'openat', 'read'],
    ]);
  });

  it('adds up counts that differ only in what the checks look at, up to the largest exact number', () => {
    const read = (bytes: number, cut: boolean, count: number): TraceEvent => ({
      ...{ kind: 'count', pid: 7, table: 'io_sizes', keys: ['read', bytes], count },
      ...{ channel: 'pipe', cut },
    });
    const events = [
      read(512, false, 5),
      read(512, true, 7),
      read(513, false, 2),
      read(513, true, 2 ** 53 - 1),
    ];
    const { io_sizes } = tallied(events).countsOf(7, '2proc');
    expect(io_sizes).toEqual([
      { role: 'receiver', operation: 'read', bytes: 512, count: 12 },
      { role: 'receiver', operation: 'read', bytes: 513, count: Number.MAX_SAFE_INTEGER },
    ]);
  });

  it('keeps apart what the checks look at: the channel, and the calls that moved less', () => {
    type Channel = 'pipe' | 'socket';
    const read = (bytes: number, channel: Channel, cut: boolean, count: number): TraceEvent => ({
      ...{ kind: 'count', pid: 7, table: 'io_sizes', keys: ['read', bytes], count },
      ...{ channel, cut },
    });
    const events = [
      read(512, 'socket', false, 1),
      read(512, 'pipe', true, 2),
      read(512, 'pipe', false, 4),
      read(512, 'pipe', false, 8),
    ];
    expect(tallied(events).countsOf(7, '2proc').conduct?.calls).toEqual([
      { operation: 'read', channel: 'pipe', bytes: 512, cut: false, count: 12 },
      { operation: 'read', channel: 'pipe', bytes: 512, cut: true, count: 2 },
      { operation: 'read', channel: 'socket', bytes: 512, cut: false, count: 1 },
    ]);
  });

  it('has no calls for the checks that moved nothing, or of which too little is known', () => {
    const read = (bytes: number, more: { channel?: 'pipe'; cut?: boolean }) =>
      ({
        kind: 'count',
        pid: 7,
        table: 'io_sizes',
        keys: ['read', bytes],
        count: 1,
        ...more,
      }) as const;
    const events = [
      read(-11, { channel: 'pipe', cut: false }),
      read(0, { channel: 'pipe', cut: false }),
      read(2, { channel: 'pipe' }),
      read(3, { cut: false }),
      read(4, {}),
      read(1, { channel: 'pipe', cut: false }),
    ];
    const { io_sizes, conduct } = tallied(events).countsOf(7, '2proc');
    expect(io_sizes.map(({ bytes }) => bytes)).toEqual([-11, 0, 1, 2, 3, 4]);
    expect(conduct?.calls.map(({ bytes }) => bytes)).toEqual([1]);
  });

  it('keeps the most that each process of the run has asked for', () => {
    const asked = (pid: number, operation: 'read' | 'write', atMost: number, image?: number) =>
      ({
        kind: 'asked',
        pid,
        operation,
        atMost,
        ...(image === undefined ? {} : { image }),
      }) as const;
    const events = [
      ...[asked(99, 'read', 9_999_999), child(8, 7)],
      ...[asked(7, 'read', 512), asked(7, 'write', 65536), asked(7, 'read', 4096)],
      ...[asked(8, 'read', 100), asked(7, 'read', 1024), asked(8, 'read', 200)],
    ];
    expect(tallied(events).countsOf(7, '2proc').conduct?.asked).toEqual([
      { operation: 'read', bytes: 4096 },
      { operation: 'write', bytes: 65536 },
      { operation: 'read', bytes: 200 },
    ]);
    const execs = [
      ...[{ kind: 'start', pid: 7, image: 1 } as const, asked(7, 'read', 65536, 1)],
      ...[{ kind: 'start', pid: 7, image: 2 } as const, asked(7, 'read', 512, 2)],
    ];
    expect(tallied(execs).countsOf(7, '2proc').conduct?.asked).toEqual([
      { operation: 'read', bytes: 512 },
    ]);
  });

  it('counts children that are processes, whether or not their ends are those of threads', () => {
    const events: readonly TraceEvent[] = [
      ...[child(8, 7), child(9, 7), child(10, 9)],
      { kind: 'exit', pid: 8, thread: true },
      { kind: 'exit', pid: 9, thread: false },
      { kind: 'exit', pid: 10 },
    ];
    expect(tallied(events).countsOf(7, '2proc').conduct?.children).toBe(2);
  });

  it('leaves out counts of a table that it does not know', () => {
    const strange: TraceEvent = {
      ...{ kind: 'count', pid: 7, table: 'wake_ups', keys: ['data'], count: 5 },
    };
    const known = syscall(7, 'read', 1);
    expect(tallied([strange, known]).countsOf(7, '2proc')).toEqual(
      tallied([known]).countsOf(7, '2proc'),
    );
  });

  it('keeps counts of the same call before and after an exec apart, in whatever order', () => {
    const events: readonly TraceEvent[] = [
      { kind: 'start', pid: 7, image: 2 },
      { ...syscall(7, 'read', 300), image: 1 },
      { ...syscall(7, 'read', 17), image: 2 },
      { kind: 'start', pid: 7, image: 1 },
    ];
    expect(tallied(events).countsOf(7, '2proc').syscalls).toEqual([
      { role: 'receiver', syscall: 'read', count: 17 },
    ]);
  });

  it('counts for the image that the last exec began, whatever else is said of others', () => {
    const counted = (image: number) => ({ ...syscall(7, 'read', image), image });
    const events: readonly TraceEvent[] = [
      { kind: 'start', pid: 7, image: 2 },
      ...[counted(1), counted(3)],
    ];
    expect(tallied(events).countsOf(7, '2proc').syscalls).toEqual([]);
    expect(tallied([...events, counted(2)]).countsOf(7, '2proc').syscalls).toEqual([
      { role: 'receiver', syscall: 'read', count: 2 },
    ]);
  });

  it('knows children by their parents alone, and not by their counts', () => {
    const events = [child(8, 7), syscall(8, 'write', 1), syscall(9, 'write', 1)];
    expect(tallied(events).descendantsOf(7)).toEqual([8]);
    const countedFirst = [syscall(9, 'write', 1), child(8, 7), child(9, 7)];
    expect(tallied(countedFirst).descendantsOf(7)).toEqual([8, 9]);
    expect(tallied(events).countsOf(7, '2proc').conduct?.children).toBe(1);
  });

  it('combines the senders of several iterations into one row', () => {
    const tally = tallied([
      child(8, 7),
      child(9, 7),
      syscall(8, 'write', 5),
      syscall(9, 'write', 6),
    ]);
    expect(tally.countsOf(7, '2proc').syscalls).toEqual([
      { role: 'sender', syscall: 'write', count: 11 },
    ]);
  });

  it('combines the calls of both threads into one row', () => {
    const tally = tallied([child(8, 7), syscall(7, 'write', 5), syscall(8, 'write', 6)]);
    expect(tally.countsOf(7, '2thread').syscalls).toEqual([
      { role: 'both', syscall: 'write', count: 11 },
    ]);
  });

  it('leaves out processes that are neither the root nor its children', () => {
    const tally = tallied([child(7, 1), child(9, 8), syscall(1, 'read', 1), syscall(9, 'read', 1)]);
    expect(tally.countsOf(7, '2proc').syscalls).toEqual([]);
  });

  it('finds a child whose parent is named only after its counts', () => {
    const tally = tallied([syscall(8, 'write', 5), child(8, 7)]);
    expect(tally.countsOf(7, '2proc').syscalls).toHaveLength(1);
  });

  it('orders events by time, starting at zero', () => {
    const tally = tallied([happened(7, 1030n), happened(7, 1000n, 1), happened(7, 1010n, 2)]);
    const { events } = tally.countsOf(7, '2proc');
    expect(events.map(({ atNs, state }) => [atNs, state])).toEqual([
      [0, 1],
      [10, 2],
      [30, 4],
    ]);
  });

  it('keeps events of the same time in the order in which they came', () => {
    const events = [5n, 5n, 3n, 5n, 3n].map((at, state) => happened(7, at, state));
    const ordered = tallied(events).countsOf(7, '2proc').events;
    expect(ordered.map(({ state }) => state)).toEqual([2, 4, 0, 1, 3]);
    expect(ordered[0]).toEqual({ atNs: 0, role: 'receiver', operation: 'read', state: 2 });
  });

  it('counts time from the first event of the run itself', () => {
    const tally = tallied([happened(99, 500n), happened(7, 1000n), happened(7, 1010n)]);
    expect(tally.countsOf(7, '2proc').events.map(({ atNs }) => atNs)).toEqual([0, 10]);
  });

  it('keeps a limited number of events and counts the others', () => {
    const tally = new Tally();
    for (let n = 0; n < EVENT_LIMIT + 3; n++) tally.add(happened(7, BigInt(n)));
    expect(tally.eventsLeftOut).toBe(3);
    expect(tally.countsOf(7, '2proc').events).toHaveLength(EVENT_LIMIT);
  });

  it('gives no sum that is not exact', () => {
    const huge = syscall(7, 'getpid', Number.MAX_SAFE_INTEGER);
    const again = { ...huge, pid: 8 };
    const { syscalls } = tallied([child(8, 7), huge, huge, again, again]).countsOf(7, '2thread');
    expect(syscalls.map(({ count }) => count)).toEqual([Number.MAX_SAFE_INTEGER]);
  });

  it('leaves out an event whose time in ns is not exact', () => {
    const events = [happened(7, 5n), happened(7, 9n), happened(7, 9_999_999_999_999_999_999n)];
    expect(
      tallied(events)
        .countsOf(7, '2proc')
        .events.map(({ atNs }) => atNs),
    ).toEqual([0, 4]);
  });

  it('leaves out what a root did before its last exec, and the children it had then', () => {
    const tally = tallied([
      { kind: 'start', pid: 7, image: 1 },
      { ...syscall(7, 'write', 300), image: 1 },
      { ...child(8, 7), image: 1 },
      { ...syscall(8, 'write', 2), image: 1 },
      { kind: 'start', pid: 7, image: 2 },
      { ...syscall(7, 'read', 17), image: 2 },
      { ...child(9, 7), image: 2 },
      { ...syscall(9, 'write', 16), image: 2 },
    ]);
    const { syscalls, conduct } = tally.countsOf(7, '2proc');
    expect(syscalls.map(({ role, syscall, count }) => [role, syscall, count])).toEqual([
      ['receiver', 'read', 17],
      ['sender', 'write', 16],
    ]);
    expect(conduct?.children).toBe(1);
    expect(tally.livingOf(7)).toEqual([7]);
    tally.add({ kind: 'exit', pid: 7, image: 2 });
    expect(tally.livingOf(7)).toEqual([9]);
  });

  it('recognises an orphan by its former parent', () => {
    const orphan = [syscall(8, 'write', 3), child(8, 1), syscall(8, 'write', 2), child(8, 7)];
    expect(tallied(orphan).countsOf(7, '2proc').syscalls).toEqual([
      { role: 'sender', syscall: 'write', count: 5 },
    ]);
  });

  it('waits for every process that the root or its descendants have forked', () => {
    const events = [child(8, 7), child(9, 8), { kind: 'exit', pid: 7 } as const];
    expect(tallied(events).livingOf(7)).toEqual([8, 9]);
    expect(
      tallied([...events, { kind: 'exit', pid: 8 }, { kind: 'exit', pid: 9 }]).livingOf(7),
    ).toEqual([]);
  });

  it('uses the greatest of running totals, and the sum of parts', () => {
    const prints = [syscall(7, 'write', 5), syscall(7, 'write', 8), syscall(7, 'write', 8)];
    const counts = (kind: 'parts' | 'totals') => {
      const tally = new Tally(kind);
      for (const event of prints) tally.add(event);
      return tally.countsOf(7, '2proc').syscalls.map(({ count }) => count);
    };
    expect([counts('totals'), counts('parts')]).toEqual([[8], [21]]);
  });

  it('is not changed by being asked', () => {
    const events = linesOf(linuxBpftrace).flatMap((line) => linuxBpftrace.readLine(line));
    const tally = tallied(events);
    const { pid } = linuxBpftrace.runs[0]!;
    const once = tally.countsOf(pid, '2proc');
    tally.countsOf(linuxBpftrace.runs[1]!.pid, '2proc');
    expect(tally.countsOf(pid, '2proc')).toEqual(once);
  });
});
