import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dtraceLines } from '../../../src/trace/dtrace/dtrace-lines.ts';
import { countsIn, freebsdDtrace, linesOf } from '../recording.ts';

const read = dtraceLines(
  new Map([
    [0, 'read'],
    [1, 'write'],
    [20, 'writev'],
  ]),
);

describe('dtraceLines', () => {
  it.each([
    ['ready', { kind: 'ready' }],
    ['start 378', { kind: 'start', pid: 378 }],
    ['foreign 400', { kind: 'foreign', pid: 400 }],
    ['end 378', { kind: 'end', pid: 378 }],
  ])('reads the marker %j', (line, event) => {
    expect(read(line)).toEqual([event]);
  });

  it.each([
    [
      'syscall 379 378 write 2048',
      { kind: 'count', pid: 379, table: 'syscalls', keys: ['write'], count: 2048 },
    ],
    [
      'syscall 379 378 0 3',
      { kind: 'count', pid: 379, table: 'syscalls', keys: ['read'], count: 3 },
    ],
    [
      'syscall 379 378 20 3',
      { kind: 'count', pid: 379, table: 'syscalls', keys: ['writev'], count: 3 },
    ],
    [
      'syscall 379 378 openat 3',
      { kind: 'count', pid: 379, table: 'syscalls', keys: ['openat'], count: 3 },
    ],
    ['other_call 379 378 writev 2', { kind: 'other-call', pid: 379, syscall: 'writev', count: 2 }],
    ['asked 379 378 read 4096', { kind: 'asked', pid: 379, operation: 'read', atMost: 4096 }],
    ['exit 379 378 1', { kind: 'exit', pid: 379 }],
    [
      'io_size 379 378 read 512 2 1 6',
      {
        ...{ kind: 'count', pid: 379, table: 'io_sizes', keys: ['read', 512] },
        ...{ channel: 'socket', cut: true, count: 6 },
      },
    ],
    [
      'io_size 379 378 read 512 3 0 6',
      {
        ...{ kind: 'count', pid: 379, table: 'io_sizes', keys: ['read', 512] },
        ...{ channel: 'pipe', cut: false, count: 6 },
      },
    ],
    [
      'syscall 379 378 9999 3',
      { kind: 'count', pid: 379, table: 'syscalls', keys: ['9999'], count: 3 },
    ],
    [
      'pipe_state 378 372 read 2064 471',
      { kind: 'count', pid: 378, table: 'pipe_states', keys: ['read', 2064], count: 471 },
    ],
    [
      'pipe_state 379 378 write-peer 2056 7',
      { kind: 'count', pid: 379, table: 'pipe_states', keys: ['write-peer', 2056], count: 7 },
    ],
    [
      'pipe_transition 378 372 read 2048 2064 1',
      { kind: 'count', pid: 378, table: 'pipe_transitions', keys: ['read', 2048, 2064], count: 1 },
    ],
    [
      'io_size 378 372 read -11 1',
      { kind: 'count', pid: 378, table: 'io_sizes', keys: ['read', -11], count: 1 },
    ],
    [
      'context_switch 378 372 involuntary 8',
      { kind: 'count', pid: 378, table: 'context_switches', keys: ['involuntary'], count: 8 },
    ],
    [
      'io_latency 378 372 read 4096 8',
      { kind: 'count', pid: 378, table: 'io_latencies', keys: ['read', 4096], count: 8 },
    ],
  ])('reads %j with the parent of the process', (line, event) => {
    const [, pid, parent] = line.split(' ').map(Number);
    expect(read(line)).toEqual([{ kind: 'child', pid, parent }, event]);
  });

  it('reads an event with a clock of 64 bits', () => {
    expect(read('event 9007199254740993123 378 372 read 2064')).toEqual([
      { kind: 'child', pid: 378, parent: 372 },
      { kind: 'pipe-event', pid: 378, at: 9007199254740993123n, operation: 'read', state: 2064 },
    ]);
  });

  it('takes no notice of an empty line, which a quiet dtrace prints as it ends', () => {
    expect(read('')).toEqual([]);
  });

  it.each([
    'ready now',
    'ready ',
    'end',
    'end x',
    'end 1 2',
    'END 378',
    'syscall 379 378 write',
    'syscall 379 378  write 1',
    'syscall 379 378 write 1 ',
    'syscall 379 378 write -1',
    'syscall 379 378 write 1e3',
    'syscall 379 378 write 0x10',
    'syscall 379 write 1',
    'pipe_state 379 378 lseek 2048 1',
    'pipe_state 379 378 read 2048.5 1',
    'pipe_transition 379 378 write-peer 1 2 1',
    'pipe_transition 379 378 read 1 2',
    'io_size 379 378 write-peer 512 1',
    'io_size 379 378 read 512 3 1',
    'io_size 379 378 read 512 3 0 7 1',
    'io_size 379 378 read 512 9 0 1',
    'io_size 379 378 read 512 3 2 1',
    'io_size 379 378 read 512 x 0 1',
    'io_size 379 378 close 3 1 4',
    'syscall 379 378 write 3 0 1',
    'syscall 379 378  1',
    'syscall x 378 write 1',
    'syscall -379 378 write 1',
    'syscall 379 x write 1',
    'syscall 379. 378 write 1',
    'syscall 379.x 378 write 1',
    'syscall 379.2.5 378 write 1',
    'exit 379 378 5 1',
    'asked 379 378 close 5',
    'asked 379 378 read 1 5',
    'other_call 379 378  5',
    'other_call 379 378 read v 5',
    'stranger 379 378 read 5',
    'stranger 379 378 1',
    'context_switch 379 378 forced 1',
    'event 1 379 378 read',
    'event 1 379 378 read 4 5',
    'event -1 379 378 read 4',
    'event 1x 379 378 read 4',
    'event 12345678901234567890 379 378 read 4',
    'event 1 x 378 read 4',
    'event 1 379 x read 4',
    'event 1 379 378 read x',
    'event 1 379 378 close 4',
    'syscall 379 378 write 9999999999999999',
    'dtrace: 12 drops on CPU 0',
    '  read                                                             16',
  ])('calls %j unknown', (line) => {
    expect(read(line)).toEqual([{ kind: 'unknown', line }]);
  });

  it('quotes the first 500 characters of what it does not know', () => {
    const line = 'x'.repeat(500);
    expect(read(`${line}y`)).toEqual([{ kind: 'unknown', line }]);
  });

  it('never throws, and quotes what it does not know, cut to a limit', () => {
    const words = fc.constantFrom('ready', 'end', 'syscall', 'event', 'read', '1', '-', '2048');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 1000 }),
          fc.array(words, { maxLength: 9 }).map((parts) => parts.join(' ')),
        ),
        (line) => {
          for (const event of read(line)) {
            if (event.kind === 'unknown') expect(event.line).toBe(line.slice(0, 500));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('gives the same sum however often and in how many parts a count is printed', () => {
    const { lines, pid } = freebsdDtrace.runs[0]!;
    const whole = countsIn(lines, freebsdDtrace.readLine, pid);
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const parts = lines.flatMap((line) => {
          const [, before, count] = /^(.*) (\d+)$/.exec(line) as unknown as [
            string,
            string,
            string,
          ];
          const first = numbers.next().value % (Number(count) + 1);
          return [`${before} ${first}`, `${before} ${Number(count) - first}`];
        });
        const order = parts
          .map((line) => ({ line, at: numbers.next().value }))
          .sort((a, b) => a.at - b.at);
        expect(
          countsIn(
            order.map(({ line }) => line),
            freebsdDtrace.readLine,
            pid,
          ),
        ).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it("never mixes in another process's counts, whatever its pid", () => {
    const { lines, pid } = freebsdDtrace.runs[1]!;
    const whole = countsIn(linesOf(freebsdDtrace), freebsdDtrace.readLine, pid);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99999 }), fc.nat(99999), (other, parent) => {
        fc.pre(other !== pid && other !== pid + 1 && parent !== pid && parent !== pid + 1);
        const strangers = lines.map((line) => {
          const words = line.split(' ');
          words[1] = String(other);
          words[2] = String(parent);
          return words.join(' ');
        });
        const all = [...strangers, ...linesOf(freebsdDtrace), ...strangers];
        expect(countsIn(all, freebsdDtrace.readLine, pid)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });
});
