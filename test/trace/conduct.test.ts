import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NO_ROWS } from '../../src/instruments/instruments.ts';
import { checkConservation } from '../../src/trace/check.ts';
import type { ChannelKind, Conduct, ExpectedWork, RunCounts } from '../../src/trace/counts.ts';
import { dtraceLines } from '../../src/trace/dtrace/dtrace-lines.ts';
import { cellOf, countsIn, fixtureLines } from './recording.ts';

const MIB = 1024 * 1024;

/** Runs of a real FreeBSD 13.2: upstream's and the bundled benchmark, with all instruments. */
const SESSIONS = new URL('../fixtures/recordings/freebsd-13.2/sessions/', import.meta.url);

describe.each(readdirSync(SESSIONS))('the recording of FreeBSD 13.2 in %s', (file) => {
  const [, series = '', bytes = ''] = /^\w+-(\w+)-b(\d+)-/.exec(file) ?? [];
  const lines = fixtureLines(`freebsd-13.2/sessions/${file}`);
  const pid = Number(/^start (\d+)/.exec(lines[0] ?? '')?.[1]);
  const mode = series === '2thread' ? '2thread' : '2proc';
  const ipc = series === 'local' || series === 'tcp' ? series : 'pipe';
  const expected: ExpectedWork = {
    cell: cellOf(Number(bytes), MIB, { mode, ipc }),
    iterations: series === 'n11' ? 11 : 1,
    instruments: ['syscalls', 'pipe-states', 'io-sizes', 'io-latency'],
    events: false,
  };

  // The program of then let the receiver's chain of states run on from one iteration's pipe to the next.
  const doubts =
    series === 'n11'
      ? [expect.objectContaining({ message: '175 transitions for 176 read states of 11 pipes' })]
      : [];

  it('raises no doubt except about transitions between pipes', () => {
    expect(checkConservation(countsIn(lines, dtraceLines(new Map()), pid, mode), expected)).toEqual(
      doubts,
    );
  });

  it('raises no other doubt when it names channel, image and rests as the current program does', () => {
    const kind = ipc === 'pipe' ? 3 : 2;
    const today = lines.flatMap((line) => {
      const words = line.split(' ');
      const [word, own, parent, operation, moved, count] = words;
      if (word === 'start') return [`start ${own}.4`];
      const imaged = [word, `${own}.4`, ...words.slice(2)].join(' ');
      if (word !== 'io_size') return [imaged];
      // What a read left of its buffer, the next one asks for.
      const less = Number(moved) < Number(bytes) ? 1 : 0;
      const asked = `asked ${own}.4 ${parent} ${operation} ${bytes}`;
      const size = `io_size ${own}.4 ${parent} ${operation} ${moved} ${kind} ${less} ${count}`;
      return less ? [size, asked] : [size];
    });
    const counts = countsIn(today, dtraceLines(new Map()), pid, mode);
    expect(counts.io_sizes.length).toBeGreaterThan(0);
    expect(counts.conduct?.calls.length).toBeGreaterThan(0);
    expect(checkConservation(counts, expected)).toEqual(doubts);
  });
});

/** Eight messages of 4 KiB over a pipe, by two processes. */
const call = (operation: 'read' | 'write', bytes: number, count: number, more: object = {}) => ({
  operation,
  channel: 'pipe' as ChannelKind,
  bytes,
  cut: false,
  count,
  ...more,
});
const GOOD: Conduct = {
  children: 1,
  calls: [call('read', 4096, 8), call('write', 4096, 8)],
  asked: [],
  otherCalls: [],
};

function counted(conduct: Conduct, states: readonly number[] = []): RunCounts {
  return {
    ...NO_ROWS,
    pipe_states: states.map((state) => ({ role: 'sender', operation: 'write', state, count: 1 })),
    io_sizes: conduct.calls.map(({ operation, bytes, count }) => ({
      role: operation === 'read' ? ('receiver' as const) : ('sender' as const),
      operation,
      bytes,
      count,
    })),
    events: [],
    conduct,
  };
}

const expected: ExpectedWork = {
  cell: cellOf(4096, 32768),
  iterations: 1,
  instruments: ['io-sizes'],
  events: false,
};

describe('the observed behaviour of a benchmark', () => {
  it('raises no doubt when it agrees with the cell', () => {
    expect(checkConservation(counted(GOOD), expected)).toEqual([]);
  });

  it.each<[string, Conduct, string, string]>([
    [
      'reads with a quarter of the buffer',
      { ...GOOD, calls: [call('read', 1024, 32), call('write', 4096, 8)] },
      'read-size',
      'no read asked for more than 1024 bytes, the buffer has 4096',
    ],
    [
      'writes with twice the buffer',
      { ...GOOD, calls: [call('read', 4096, 8), call('write', 8192, 4)] },
      'write-size',
      'a write asked for 8192 bytes, the buffer has 4096',
    ],
    [
      'a read that asked for more than the buffer and got less',
      {
        ...GOOD,
        calls: [call('read', 4096, 8, { cut: true }), call('write', 4096, 8)],
        asked: [{ operation: 'read', bytes: 65536 }],
      },
      'read-size',
      'a read asked for 65536 bytes, the buffer has 4096',
    ],
    [
      'more rests than calls that left one',
      {
        ...GOOD,
        calls: [
          call('read', 4096, 6),
          call('read', 1024, 2, { cut: true }),
          call('read', 1024, 6),
          call('write', 4096, 8),
        ],
        asked: [{ operation: 'read', bytes: 4096 }],
      },
      'read-size',
      "6 read calls asked for less than the buffer's 4096 bytes, where 2 had left a rest",
    ],
    [
      'a write that was cut without a full pipe',
      {
        ...GOOD,
        calls: [
          call('read', 4096, 8),
          call('write', 4096, 7),
          call('write', 1024, 1, { cut: true }),
          call('write', 3072, 1),
        ],
        asked: [{ operation: 'write', bytes: 4096 }],
      },
      'write-size',
      '1 write calls moved less than they were asked for, and the pipe was never full',
    ],
    [
      'a socket in a cell of pipe',
      { ...GOOD, calls: GOOD.calls.map((row) => ({ ...row, channel: 'socket' as const })) },
      'channel',
      '16 calls moved bytes on a socket, in a cell of pipe',
    ],
    ['a child more', { ...GOOD, children: 2 }, 'processes', '2 child processes, in 1 iteration'],
    ['no child', { ...GOOD, children: 0 }, 'processes', '0 child processes, in 1 iteration'],
    [
      'bytes by other calls',
      {
        ...GOOD,
        otherCalls: [
          { role: 'sender', syscall: 'writev', count: 2 },
          { role: 'receiver', syscall: 'readv', count: 1 },
        ],
      },
      'other-calls',
      '3 calls moved bytes on the channel besides read and write: readv, writev',
    ],
  ])('is doubted for %s', (_, conduct, code, message) => {
    const doubts = checkConservation(counted(conduct), expected);
    const about = doubts.filter((doubt) => doubt.code === code);
    expect(about).toEqual([{ code, message: expect.stringContaining(message), suspect: true }]);
  });

  it('may include reads that are split into what was there and the rest', () => {
    const calls = [
      call('read', 4096, 6),
      call('read', 1024, 2, { cut: true }),
      call('read', 3072, 2),
      call('write', 4096, 8),
    ];
    const conduct = { ...GOOD, calls, asked: [{ operation: 'read' as const, bytes: 4096 }] };
    expect(checkConservation(counted(conduct), expected)).toEqual([]);
  });

  it('is doubted for small writes to a pipe, even where the requested size is unknown', () => {
    const { conduct: _, ...counts } = counted({
      ...GOOD,
      calls: [call('read', 4096, 8), call('write', 1024, 32)],
    });
    expect(checkConservation(counts, expected).map(({ code }) => code)).toContain('write-size');
  });

  it('is doubted for calls that hide what they do where only their names are counted', () => {
    const syscalls = [{ role: 'sender' as const, syscall: 'aio_write', count: 3 }];
    const doubts = checkConservation({ ...counted(GOOD), syscalls }, expected);
    expect(doubts.map(({ code }) => code)).toEqual(['other-calls']);
  });

  it('is doubted for any call on a channel in a cell of shared memory', () => {
    const shared = { ...expected, cell: cellOf(4096, 32768, { ipc: 'shmem' }) };
    expect(checkConservation(counted({ ...GOOD, calls: [] }), shared)).toEqual([]);
    expect(
      checkConservation(counted({ ...GOOD, calls: [call('write', 4096, 2)] }), shared),
    ).toEqual([
      { code: 'write-bytes', message: '8192 bytes written, expected 0', suspect: true },
      {
        code: 'channel',
        message: '2 calls moved bytes on a pipe, in a cell of shmem',
        suspect: true,
      },
    ]);
    const { conduct: _, ...without } = counted({ ...GOOD, calls: [call('read', 4096, 8)] });
    expect(checkConservation(without, shared).map(({ code }) => code)).toEqual(['read-bytes']);
  });

  it('is doubted for states of a pipe in a cell without one', () => {
    const calls = GOOD.calls.map((row) => ({ ...row, channel: 'local' as const }));
    const local = { ...expected, cell: cellOf(4096, 32768, { ipc: 'local' }) };
    expect(checkConservation(counted({ ...GOOD, calls }), local)).toEqual([]);
    expect(
      checkConservation(counted({ ...GOOD, calls }, [4]), local).map(({ code }) => code),
    ).toEqual(['channel']);
  });

  it('is doubted for its reads alone where its writes agree with the cell', () => {
    const codes = (conduct: Conduct) =>
      checkConservation(counted(conduct), expected).map(({ code }) => code);
    const small = [call('read', 1024, 32), call('write', 4096, 8)];
    expect(codes({ ...GOOD, calls: small })).toEqual(['read-size']);
    const cut = [call('read', 4096, 8, { cut: true }), call('write', 4096, 8)];
    const asked = [{ operation: 'read' as const, bytes: 65536 }];
    expect(codes({ ...GOOD, calls: cut, asked })).toEqual(['read-size']);
  });

  const CUT_WRITES: Conduct = {
    ...GOOD,
    calls: [
      call('read', 4096, 8),
      call('write', 4096, 7),
      call('write', 1024, 1, { cut: true }),
      call('write', 3072, 1),
    ],
    asked: [{ operation: 'write', bytes: 4096 }],
  };

  it('may include writes that are cut by a pipe that was full at times', () => {
    const codes = (states: readonly number[]) =>
      checkConservation(counted(CUT_WRITES, states), expected).map(({ code }) => code);
    // Of the states of Linux, 2 is FULL, 4 PARTIAL and 16 WRITER_WAITING.
    expect(codes([4, 18, 16])).toEqual([]);
    expect(codes([4, 16])).toEqual(['write-size']);
  });

  it('may include writes to a socket that are cut, whose room no state tells', () => {
    const local = { ...expected, cell: cellOf(4096, 32768, { ipc: 'local' }) };
    const calls = CUT_WRITES.calls.map((row) => ({ ...row, channel: 'local' as const }));
    expect(checkConservation(counted({ ...CUT_WRITES, calls }), local)).toEqual([]);
    const { conduct: _, ...counts } = counted({
      ...GOOD,
      calls: [call('read', 4096, 8), call('write', 1024, 32)],
    });
    expect(checkConservation(counts, local)).toEqual([]);
  });

  it('may include writes that failed or moved nothing where the requested size is unknown', () => {
    const { conduct: _, ...counts } = counted(GOOD);
    const nothing = [0, -4].map(
      (bytes) => ({ role: 'sender', operation: 'write', bytes, count: 1 }) as const,
    );
    const io_sizes = [...counts.io_sizes, ...nothing];
    expect(checkConservation({ ...counts, io_sizes }, expected)).toEqual([]);
  });

  it('is doubted for a cell of tcp in which no connection was made, where calls are counted', () => {
    const counts = (channel: ChannelKind, ...more: readonly string[]): RunCounts => ({
      ...counted({ ...GOOD, calls: GOOD.calls.map((row) => ({ ...row, channel })) }),
      syscalls: ['read', 'write', ...more].map((syscall) => ({
        ...{ role: 'receiver', syscall, count: 8 },
      })),
    });
    const about = (of: RunCounts, ipc: 'tcp' | 'local') =>
      checkConservation(of, {
        ...expected,
        cell: cellOf(4096, 32768, { ipc }),
        instruments: ['syscalls'],
      });
    const tcp = { ...expected, cell: cellOf(4096, 32768, { ipc: 'tcp' }) };
    expect(about(counts('socket'), 'tcp')).toEqual([
      { code: 'channel', message: 'no connection was made, in a cell of tcp', suspect: true },
    ]);
    expect(about(counts('socket', 'connect'), 'tcp')).toEqual([]);
    expect(about(counts('socket'), 'local')).toEqual([]);
    expect(checkConservation(counts('socket'), tcp)).toEqual([]);
    expect(about({ ...counts('socket'), syscalls: [] }, 'tcp').map(({ code }) => code)).toEqual([
      ...['syscalls-missing', 'syscalls-missing'],
    ]);
  });

  it('is doubted for calls on every kind of channel that is not that of the cell', () => {
    const calls = [call('read', 4096, 8), call('write', 4096, 8, { channel: 'local' })];
    const tcp = { ...expected, cell: cellOf(4096, 32768, { ipc: 'tcp' }) };
    expect(checkConservation(counted({ ...GOOD, calls }), tcp)).toEqual([
      {
        code: 'channel',
        message: '16 calls moved bytes on a pipe and a local socket, in a cell of tcp',
        suspect: true,
      },
    ]);
  });

  it.each([
    ['2thread', 1, 1, '1 child processes, in 1 iteration of 2thread: expected 0'],
    ['2proc', 1, 3, '1 child processes, in 3 iterations of 2proc: expected 3'],
    ['2thread', 0, 3, undefined],
    ['2proc', 3, 3, undefined],
  ] as const)(
    'has a process for each iteration of 2proc, and none of 2thread: %s, %i in %i',
    (mode, children, iterations, message) => {
      const work = { ...expected, cell: cellOf(4096, 32768, { mode }), iterations };
      const doubts = checkConservation(counted({ ...GOOD, children }), work);
      expect(doubts.find(({ code }) => code === 'processes')?.message).toBe(message);
    },
  );

  it('is doubted once for a call that was seen on the channel and counted by name, too', () => {
    const otherCalls = [
      { role: 'sender', syscall: 'writev', count: 2 },
      { role: 'sender', syscall: 'io_submit', count: 1 },
    ] as const;
    const syscalls = [
      { role: 'sender', syscall: 'io_submit', count: 1 },
      { role: 'sender', syscall: 'aio_write', count: 3 },
    ] as const;
    expect(
      checkConservation({ ...counted({ ...GOOD, otherCalls }), syscalls }, expected),
    ).toMatchObject([
      {
        code: 'other-calls',
        message:
          '6 calls moved bytes on the channel besides read and write: aio_write, io_submit, writev',
      },
    ]);
  });
});
