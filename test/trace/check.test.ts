import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InstrumentName, NO_ROWS } from '../../src/instruments/instruments.ts';
import { checkConservation } from '../../src/trace/check.ts';
import type { ExpectedWork, RunCounts } from '../../src/trace/counts.ts';
import { cellOf, countsIn, freebsdDtrace, instrumentsOf, SESSIONS } from './recording.ts';

const ALL: readonly InstrumentName[] = [
  'syscalls',
  'pipe-states',
  'io-sizes',
  'io-latency',
  'context-switches',
];

/** Eight messages of 4 KiB, counted with everything there is. */
const good: RunCounts = {
  ...NO_ROWS,
  syscalls: [
    { role: 'receiver', syscall: 'read', count: 11 },
    { role: 'receiver', syscall: 'openat', count: 9 },
    { role: 'sender', syscall: 'write', count: 8 },
  ],
  io_sizes: [
    { role: 'receiver', operation: 'read', bytes: 4096, count: 8 },
    { role: 'receiver', operation: 'read', bytes: 0, count: 1 },
    { role: 'sender', operation: 'write', bytes: 4096, count: 8 },
  ],
  pipe_states: [
    { role: 'receiver', operation: 'read', state: 1, count: 3 },
    { role: 'receiver', operation: 'read', state: 4, count: 6 },
    { role: 'sender', operation: 'write', state: 4, count: 8 },
    { role: 'sender', operation: 'write-peer', state: 9, count: 8 },
  ],
  pipe_transitions: [
    { role: 'receiver', operation: 'read', from_state: 1, to_state: 4, count: 3 },
    { role: 'receiver', operation: 'read', from_state: 4, to_state: 1, count: 2 },
    { role: 'receiver', operation: 'read', from_state: 4, to_state: 4, count: 3 },
    { role: 'sender', operation: 'write', from_state: 4, to_state: 4, count: 7 },
  ],
  io_latencies: [
    { role: 'receiver', operation: 'read', from_ns: 512, count: 9 },
    { role: 'sender', operation: 'write', from_ns: 1024, count: 8 },
  ],
  context_switches: [{ role: 'receiver', kind: 'voluntary', count: 4 }],
  profile: [],
  events: [],
};
const expected: ExpectedWork = {
  cell: cellOf(4096, 32768),
  iterations: 1,
  instruments: ALL,
  events: false,
};

const codes = (counts: RunCounts, expectation = expected) =>
  checkConservation(counts, expectation).map(({ code }) => code);

/** The good counts with one table's row changed. */
function changed<Table extends Exclude<keyof RunCounts, 'conduct'>>(
  table: Table,
  index: number,
  change: Partial<RunCounts[Table][number]>,
): RunCounts {
  const rows = good[table].map((row, at) => (at === index ? { ...row, ...change } : row));
  return { ...good, [table]: rows };
}

describe('checkConservation', () => {
  it('has no doubt about a whole run', () => {
    expect(checkConservation(good, expected)).toEqual([]);
  });

  it.each([
    ['a read more', changed('io_sizes', 0, { count: 9 }), 'read-bytes'],
    ['a read less', changed('io_sizes', 0, { count: 7 }), 'read-bytes'],
    ['a write more', changed('io_sizes', 2, { count: 9 }), 'write-bytes'],
    ['a write less', changed('io_sizes', 2, { count: 7 }), 'write-bytes'],
    ['other sizes', changed('io_sizes', 2, { bytes: 4095 }), 'write-bytes'],
    ['reads by the sender', changed('io_sizes', 0, { role: 'sender' }), 'read-role'],
    ['writes by the receiver', changed('io_sizes', 2, { role: 'receiver' }), 'write-role'],
    ['an empty read more', changed('io_sizes', 1, { count: 2 }), 'pipe-states'],
    ['a read state less', changed('pipe_states', 0, { count: 2 }), 'pipe-states'],
    ['a write state more', changed('pipe_states', 2, { count: 9 }), 'pipe-states'],
    ["a state of a write's other end less", changed('pipe_states', 3, { count: 7 }), 'pipe-states'],
    ['a transition less', changed('pipe_transitions', 2, { count: 2 }), 'pipe-transitions'],
    ['a transition more', changed('pipe_transitions', 3, { count: 8 }), 'pipe-transitions'],
    [
      'a transition to no state',
      changed('pipe_transitions', 2, { to_state: 5 }),
      'pipe-transitions',
    ],
    [
      'a transition from no state',
      changed('pipe_transitions', 2, { from_state: 5 }),
      'pipe-transitions',
    ],
    ['another state', changed('pipe_states', 0, { state: 2 }), 'pipe-transitions'],
    ['a latency less', changed('io_latencies', 0, { count: 8 }), 'io-latencies'],
    ['a latency more', changed('io_latencies', 1, { count: 9 }), 'io-latencies'],
    ['too few read calls', changed('syscalls', 0, { count: 7 }), 'syscalls-missing'],
    ['too few write calls', changed('syscalls', 2, { count: 7 }), 'syscalls-missing'],
  ])('notices %s', (_, counts, code) => {
    expect(codes(counts)).toContain(code);
    expect(checkConservation(counts, expected).every(({ suspect }) => suspect)).toBe(true);
  });

  it('notices half the reads at twice the size', () => {
    const counts: RunCounts = {
      ...good,
      io_sizes: [
        { role: 'receiver', operation: 'read', bytes: 8192, count: 4 },
        { role: 'sender', operation: 'write', bytes: 4096, count: 8 },
      ],
    };
    expect(codes(counts, { ...expected, instruments: ['io-sizes'] })).toEqual([
      'read-calls',
      'read-size',
    ]);
  });

  it('says how many bytes were moved, and which transitions do not fit', () => {
    const messages = (counts: RunCounts) =>
      checkConservation(counts, { ...expected, instruments: ['pipe-states', 'io-sizes'] }).map(
        ({ message }) => message,
      );
    expect(messages(changed('io_sizes', 0, { count: 7 }))).toContain(
      '28672 bytes read, expected 32768',
    );
    expect(messages(changed('io_sizes', 2, { count: 9 }))).toContain(
      '36864 bytes written, expected 32768',
    );
    expect(messages(changed('pipe_transitions', 3, { count: 6 }))).toEqual([
      '6 transitions for 8 write states of one pipe',
    ]);
  });

  it('does not take calls that moved nothing for parts of a split call, or for a role’s own', () => {
    const counts: RunCounts = {
      ...good,
      io_sizes: [
        { role: 'receiver', operation: 'read', bytes: 8192, count: 4 },
        { role: 'receiver', operation: 'read', bytes: 0, count: 1 },
        { role: 'sender', operation: 'read', bytes: 0, count: 1 },
        { role: 'sender', operation: 'read', bytes: -11, count: 3 },
        { role: 'sender', operation: 'write', bytes: 4096, count: 8 },
      ],
    };
    expect(codes(counts, { ...expected, instruments: ['io-sizes'] })).toEqual([
      'read-calls',
      'read-size',
    ]);
  });

  it('does not take a call that moved a whole buffer for a part of one', () => {
    const counts: RunCounts = {
      ...good,
      io_sizes: [
        { role: 'receiver', operation: 'read', bytes: 4096, count: 6 },
        { role: 'receiver', operation: 'read', bytes: 8192, count: 1 },
        { role: 'sender', operation: 'write', bytes: 4096, count: 8 },
      ],
    };
    expect(codes(counts, { ...expected, instruments: ['io-sizes'] })).toContain('read-calls');
  });

  it('expects among the system calls only those that moved bytes', () => {
    expect(codes(changed('syscalls', 0, { count: 8 }))).toEqual([]);
  });

  it('allows a call to be split', () => {
    const counts: RunCounts = {
      ...good,
      io_sizes: [
        { role: 'receiver', operation: 'read', bytes: 1024, count: 4 },
        { role: 'receiver', operation: 'read', bytes: 4096, count: 7 },
        { role: 'sender', operation: 'write', bytes: 4096, count: 8 },
      ],
    };
    expect(codes(counts, { ...expected, instruments: ['io-sizes'] })).toEqual([]);
  });

  it('expects a new pipe in every iteration, so that no state precedes its first one', () => {
    const oneLess = (operation: string, counts: RunCounts) => {
      const index = counts.pipe_transitions.findIndex((row) => row.operation === operation);
      const pipe_transitions = counts.pipe_transitions.map((row, at) =>
        at === index ? { ...row, count: row.count - 1 } : row,
      );
      return { ...counts, pipe_transitions };
    };
    const twice = { ...expected, cell: cellOf(4096, 16384), iterations: 2 };
    expect(codes(oneLess('read', oneLess('write', good)), twice)).toEqual([]);
    // The receiver is the same process, and its chain must not go on in the next pipe.
    expect(codes(oneLess('write', good), twice)).toEqual(['pipe-transitions']);
    expect(codes(oneLess('read', good), twice)).toEqual(['pipe-transitions']);
  });

  it('suspects events that belong to no call on the pipe', () => {
    const events = Array.from({ length: 18 }, (_, atNs) => {
      return { atNs, role: 'receiver', operation: 'read', state: 1 } as const;
    });
    expect(checkConservation({ ...good, events }, { ...expected, events: true })).toEqual([
      {
        code: 'events-surplus',
        message: '18 pipe events for 17 calls on the pipe',
        suspect: true,
      },
    ]);
  });

  it('says how many events are missing, and does not suspect the counts because of that', () => {
    const doubts = checkConservation(good, { ...expected, events: true });
    expect(doubts).toEqual([
      { code: 'events-lost', message: '17 of 17 pipe events are not there', suspect: false },
    ]);
  });

  it('checks nothing of instruments that were not asked for', () => {
    const bare: RunCounts = {
      ...good,
      syscalls: [],
      pipe_states: [],
      pipe_transitions: [],
      io_latencies: [],
    };
    expect(codes(bare, { ...expected, instruments: [] })).toEqual([]);
    expect(codes(bare)).toEqual([
      ...['syscalls-missing', 'syscalls-missing', 'pipe-states', 'pipe-states'],
      ...['io-latencies', 'io-latencies'],
    ]);
  });

  it('expects no pipe states for a socket', () => {
    const counts = { ...good, pipe_states: [], pipe_transitions: [] };
    expect(codes(counts, { ...expected, cell: cellOf(4096, 32768, { ipc: 'local' }) })).toEqual([]);
  });

  it('notices that nothing at all was counted', () => {
    const nothing: RunCounts = { ...NO_ROWS, events: [] };
    expect(codes(nothing, { ...expected, instruments: [] })).toEqual(['read-bytes', 'write-bytes']);
  });

  /*
   * What cannot be noticed: how often a call other than read and write was made, which nothing
   * else counts; more read and write calls than the channel saw, which may be start-up's; and
   * switches. Everything else is counted twice.
   */
  it('notices any change of any one count of the channel', () => {
    const tables = ['io_sizes', 'pipe_states', 'pipe_transitions', 'io_latencies'] as const;
    const places = tables.flatMap((table) => good[table].map((_, index) => ({ table, index })));
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.integer({ min: 0, max: 1_000_000 }),
        ({ table, index }, count) => {
          fc.pre(count !== good[table][index]!.count);
          // All of a write's other ends may be missing: Linux has none.
          fc.pre(!(table === 'pipe_states' && index === 3 && count === 0));
          expect(codes(changed(table, index, { count })).length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each(SESSIONS.filter(({ transitions }) => transitions))(
    'notices any count of the channel that was changed or left out in the recording with $name',
    (session) => {
      const counted = session.runs.map((run) => ({
        cell: run.cell,
        counts: countsIn(run.lines, session.readLine, run.pid),
      }));
      const places = counted.flatMap(({ cell, counts }) =>
        (['io_sizes', 'pipe_states', 'pipe_transitions'] as const).flatMap((table) =>
          counts[table].map((_, index) => ({ cell, counts, table, index })),
        ),
      );
      fc.assert(
        fc.property(fc.constantFrom(...places), fc.nat(5000), (place, count) => {
          const { cell, counts, table, index } = place;
          fc.pre(count !== counts[table][index]!.count);
          const rows = counts[table].map((row, at) => (at === index ? { ...row, count } : row));
          const doubts = checkConservation(
            { ...counts, [table]: count === 0 ? rows.filter((row) => row.count > 0) : rows },
            { cell, iterations: 1, instruments: instrumentsOf(session), events: false },
          );
          expect(doubts.some(({ suspect }) => suspect)).toBe(true);
        }),
        { numRuns: 2000 },
      );
    },
  );

  it('notices a recorded state that is read as another one', () => {
    const { cell, pid, lines } = freebsdDtrace.runs[0]!;
    const counts = countsIn(lines, freebsdDtrace.readLine, pid);
    fc.assert(
      fc.property(fc.nat(2), fc.nat(4096), (index, state) => {
        fc.pre(!counts.pipe_states.some((row) => row.state === state));
        const rows = counts.pipe_states.map((row, at) => (at === index ? { ...row, state } : row));
        const doubts = checkConservation(
          { ...counts, pipe_states: rows },
          { cell, iterations: 1, instruments: ['pipe-states'], events: false },
        );
        expect(doubts.map(({ code }) => code)).toContain('pipe-transitions');
      }),
    );
  });
});
