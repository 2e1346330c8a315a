import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bpftraceLines, MAP_KEYS } from '../../../src/trace/bpftrace/bpftrace-lines.ts';
import { countsIn, linuxBpftrace, readBpftrace as read } from '../recording.ts';

const json = (type: string, data: unknown) => JSON.stringify({ type, data });
const map = (name: string, entries: unknown) => json('map', { [name]: entries });
const said = (text: string) => json('printf', `${text}\n`);

describe('bpftraceLines', () => {
  it.each([
    ['ready', { kind: 'ready' }],
    ['start 7054', { kind: 'start', pid: 7054 }],
    ['start 12884908942', { kind: 'start', pid: 7054, image: 3 }],
    ['end 12884908942 7054', { kind: 'exit', pid: 7054, image: 3, thread: false }],
    ['end 12884908943 7054', { kind: 'exit', pid: 7055, image: 3, thread: true }],
    ['foreign 7054', { kind: 'foreign', pid: 7054 }],
    ['end 7054', { kind: 'end', pid: 7054 }],
    ['answer 7054', { kind: 'answer', pid: 7054 }],
    // A process outside of the namespace of the one that looks has the number 0.
    ['foreign 0', { kind: 'foreign', pid: 0 }],
    ['end 7054 0', { kind: 'exit', pid: 7054, thread: true }],
    [
      'event 123456789012345678 7054 0 9',
      { kind: 'pipe-event', pid: 7054, at: 123456789012345678n, operation: 'read', state: 9 },
    ],
  ])('reads the output of printf: %j', (text, event) => {
    expect(read(said(text))).toEqual([event]);
  });

  it.each([
    ['@children', { '7055,7054': 1 }, { kind: 'child', pid: 7055, parent: 7054 }],
    [
      '@children',
      { '12884908943,12884908942': 1 },
      { kind: 'child', pid: 7055, image: 3, parent: 7054 },
    ],
    ['@children', { '7055,0': 1 }, { kind: 'child', pid: 7055, parent: 0 }],
    ['@exits', { '12884908943': 1 }, { kind: 'exit', pid: 7055, image: 3, thread: false }],
    ['@exits', { '12884908943': 2 }, { kind: 'exit', pid: 7055, image: 3, thread: true }],
    [
      '@other_calls',
      { '7054,20': 2 },
      { kind: 'other-call', pid: 7054, syscall: 'writev', count: 2 },
    ],
    ['@asked', { '7054,0': 4096 }, { kind: 'asked', pid: 7054, operation: 'read', atMost: 4096 }],
    [
      '@io_sizes',
      { '12884908942,0,512,1,0': 2 },
      {
        kind: 'count',
        pid: 7054,
        image: 3,
        table: 'io_sizes',
        keys: ['read', 512],
        channel: 'pipe',
        cut: false,
        count: 2,
      },
    ],
    [
      '@io_sizes',
      { '7054,1,512,4,1': 2 },
      {
        ...{ kind: 'count', pid: 7054, table: 'io_sizes', keys: ['write', 512] },
        ...{ channel: 'socket', cut: true, count: 2 },
      },
    ],
    [
      '@syscalls',
      { '0,0': 0 },
      { kind: 'count', pid: 0, table: 'syscalls', keys: ['read'], count: 0 },
    ],
    [
      '@syscalls',
      { '7054,0': 5 },
      { kind: 'count', pid: 7054, table: 'syscalls', keys: ['read'], count: 5 },
    ],
    [
      '@syscalls',
      { '7054,9999': 5 },
      { kind: 'count', pid: 7054, table: 'syscalls', keys: ['9999'], count: 5 },
    ],
    [
      '@io_sizes',
      { '7054,0,-11': 2 },
      { kind: 'count', pid: 7054, table: 'io_sizes', keys: ['read', -11], count: 2 },
    ],
    [
      '@pipe_states',
      { '7055,1,9': 2 },
      { kind: 'count', pid: 7055, table: 'pipe_states', keys: ['write', 9], count: 2 },
    ],
    [
      '@pipe_transitions',
      { '7055,1,4,9': 2 },
      { kind: 'count', pid: 7055, table: 'pipe_transitions', keys: ['write', 4, 9], count: 2 },
    ],
    [
      '@io_latencies',
      { '7055,1,4294967296': 2 },
      { kind: 'count', pid: 7055, table: 'io_latencies', keys: ['write', 4294967296], count: 2 },
    ],
    [
      '@context_switches',
      { '7055,0': 2 },
      { kind: 'count', pid: 7055, table: 'context_switches', keys: ['voluntary'], count: 2 },
    ],
    [
      '@context_switches',
      { '7055,1': 2 },
      { kind: 'count', pid: 7055, table: 'context_switches', keys: ['involuntary'], count: 2 },
    ],
  ])('reads the map %s', (name, entries, event) => {
    expect(read(map(name, entries))).toEqual([event]);
  });

  it('knows read and write by the numbers of the machine', () => {
    const arm64 = bpftraceLines({ names: new Map(), readNumber: 63, writeNumber: 64 });
    const event = { kind: 'pipe-event', pid: 7054, at: 5n };
    expect(arm64(said('event 5 7054 64 18'))).toEqual([
      { ...event, operation: 'write', state: 18 },
    ]);
    expect(arm64(said('event 5 7054 63 1048585'))).toEqual([
      { ...event, operation: 'read', state: 1048585 },
    ]);
    expect(arm64(said('event 5 7054 0 18'))).toMatchObject([{ kind: 'unknown' }]);
  });

  it('reads an empty map', () => {
    expect(read(map('@syscalls', {}))).toEqual([]);
  });

  it('reads a histogram without its empty buckets, and puts all below 256 ns into one', () => {
    const buckets = [
      { max: -1, count: 1 },
      { min: 0, max: 0, count: 0 },
      { min: 128, max: 255, count: 2 },
      { min: 256, max: 511, count: 0 },
      { min: 512, max: 1023, count: 4 },
    ];
    const latency = { kind: 'count', pid: 7054, table: 'io_latencies' };
    expect(read(json('hist', { '@io_latencies': { '7054,0': buckets } }))).toEqual([
      { ...latency, keys: ['read', 0], count: 1 },
      { ...latency, keys: ['read', 0], count: 2 },
      { ...latency, keys: ['read', 512], count: 4 },
    ]);
  });

  it('has one bucket below 256 ns, and the next one from there', () => {
    const buckets = [
      { min: 255, max: 255, count: 2 },
      { min: 256, max: 511, count: 3 },
    ];
    const latency = { kind: 'count', pid: 7054, table: 'io_latencies' };
    expect(read(json('hist', { '@io_latencies': { '7054,1': buckets } }))).toEqual([
      { ...latency, keys: ['write', 0], count: 2 },
      { ...latency, keys: ['write', 256], count: 3 },
    ]);
  });

  it('gives the last bucket of hist() its true edge, which bpftrace prints as a negative number', () => {
    const buckets = [
      { min: 1073741824, max: 2147483647, count: 1 },
      { min: -2147483648, max: 0, count: 3 },
    ];
    const latency = { kind: 'count', pid: 7054, table: 'io_latencies' };
    expect(read(json('hist', { '@io_latencies': { '7054,0': buckets } }))).toEqual([
      { ...latency, keys: ['read', 1073741824], count: 1 },
      { ...latency, keys: ['read', 2147483648], count: 3 },
    ]);
  });

  it('treats a full map as one that overflowed', () => {
    const kinds = (keys: number) => {
      const entries = Array.from({ length: keys }, (_, n) => [`${n + 1},0`, 1]);
      return read(map('@syscalls', Object.fromEntries(entries))).map(({ kind }) => kind);
    };
    expect(kinds(MAP_KEYS)).toContain('full');
    expect(kinds(MAP_KEYS - 1)).not.toContain('full');
  });

  it('treats a count that found no room in its map as lost', () => {
    const error = { type: 'helper_error', helper: 'map_update_elem', retcode: -7, line: 9, col: 2 };
    expect(read(JSON.stringify(error))).toMatchObject([{ kind: 'lost', count: 1 }]);
  });

  it('doubts a run in which the kernel refused another operation', () => {
    const error = { type: 'helper_error', helper: 'get_stack', retcode: -14, line: 9, col: 2 };
    expect(read(JSON.stringify(error))).toEqual([
      { kind: 'failed', what: 'get_stack failed with -14 at line 9 of the program' },
    ]);
  });

  it('ignores the deletion of a key that did not exist', () => {
    const error = { type: 'helper_error', helper: 'map_delete_elem', retcode: -2, line: 9, col: 2 };
    expect(read(JSON.stringify(error))).toEqual([]);
  });

  it('tells how many events were lost, or that some were', () => {
    expect(read(json('lost_events', { events: 123 }))).toEqual([
      { kind: 'lost', what: 'events', count: 123 },
    ]);
    for (const data of [{}, { events: 0.5 }, { events: -3 }, { events: 0 }, null, 7]) {
      expect(read(json('lost_events', data))).toEqual([{ kind: 'lost', what: 'events', count: 1 }]);
    }
  });

  it('takes no notice of empty lines and of the number of probes', () => {
    expect(read('')).toEqual([]);
    expect(read(json('attached_probes', { probes: 8 }))).toEqual([]);
  });

  it.each([
    '{"type": "map", "data": {"@syscalls": {"7054,0": 1}}',
    'null',
    '[]',
    '17',
    'ERROR: failed to attach',
    json('printf', 7),
    json('printf', 'end\n'),
    json('printf', 'end 1 2 3\n'),
    json('printf', 'start 1 2\n'),
    json('printf', `end ${'9'.repeat(400)}\n`),
    json('printf', `end ${'9'.repeat(16)}\n`),
    json('printf', 'ready 5\n'),
    json('printf', 'start x\n'),
    json('printf', 'start +5\n'),
    json('printf', 'start 0x10\n'),
    json('printf', 'start 1e3\n'),
    json('printf', 'end 5 x\n'),
    json('printf', 'event 1 2 3\n'),
    json('printf', 'event 1 2 60 4\n'),
    json('printf', 'an event 1 2 0 4\n'),
    json('printf', 'event 1 2 0 4\n5'),
    json('map', null),
    json('map', 5),
    json('hist', null),
    json('map', { '@syscalls': [] }),
    map('@syscalls', { '7054,0': -1 }),
    map('@syscalls', { '7054,0': 1.5 }),
    map('@syscalls', { '7054,0': null }),
    map('@syscalls', { '7054,0': true }),
    map('@syscalls', { '7054,0': [5] }),
    map('@syscalls', { '7054,0': '' }),
    map('@syscalls', { '7054,': 1 }),
    map('@syscalls', { '7054, 0': 1 }),
    map('@syscalls', { '7054,0x1': 1 }),
    map('@syscalls', { 7054: 1 }),
    map('@syscalls', { '7054,0,512': 1 }),
    map('@syscalls', { '-7054,0': 1 }),
    map('@exits', { 7054: 3 }),
    map('@exits', { '7054,7055': 1 }),
    map('@children', { '7055,-1': 1 }),
    map('@children', { '7055,7054,1': 1 }),
    map('@other_calls', { 7054: 1 }),
    map('@other_calls', { '7054,20,1': 1 }),
    map('@asked', { '7054,60': 4096 }),
    map('@asked', { '7054,0,1': 4096 }),
    map('@profile_user', { 7054: 3 }),
    map('@profile_user', { '7054,1,5': 3 }),
    map('@io_sizes', { '7054,0,512,1': 1 }),
    map('@io_sizes', { '7054,0,512,1,0,0': 1 }),
    map('@syscalls', { '7054,0,1,0': 1 }),
    map('@io_sizes', { '7054,0,512,9,0': 1 }),
    map('@io_sizes', { '7054,0,512,1,2': 1 }),
    map('@io_sizes', { '7054,60,512': 1 }),
    map('@strangers', { '7054,0': 1 }),
    map('@context_switches', { '7054,7': 1 }),
    json('hist', { '@io_latencies': { '7054,0': [null] } }),
    json('hist', { '@io_latencies': { '7054,0': [{ min: 1, count: -1 }] } }),
    json('hist', { '@io_latencies': { '7054,0': [{ min: 1 }] } }),
    json('hist', { '@io_latencies': { '7054,0': {} } }),
    json('hist', { '@io_latencies': { '7054,0': [{ min: 0.5, count: 1 }] } }),
    json('hist', { '@io_latencies': [] }),
    json('hist', { '@io_latencies': { '7054,0': [] }, '@others': {} }),
    json('hist', { '@io_latencies': { 'x,0': [] } }),
    json('hist', { '@io_latencies': { '7054,0,1': [] } }),
    json('hist', { '@io_latencies': { '7054,60': [] } }),
    json('hist', { '@io_latencieX': { '7054,0': [] } }),
    json('stats', {}),
  ])('calls %j unknown', (line) => {
    expect(read(line).map(({ kind }) => kind)).toEqual(['unknown']);
  });

  it('quotes what it does not know, cut to a limit', () => {
    expect(read('x'.repeat(501))).toEqual([{ kind: 'unknown', line: 'x'.repeat(500) }]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 600 }),
          fc.json(),
          fc
            .tuple(
              fc.constantFrom('printf', 'map', 'hist', 'lost_events', 'helper_error', 'stack'),
              fc.oneof(
                fc.jsonValue(),
                fc.dictionary(
                  fc.constantFrom('@syscalls', '@io_sizes', '@io_latencies', 'events'),
                  fc.oneof(
                    fc.jsonValue(),
                    fc.dictionary(fc.constantFrom('1,0', '1,1,5', ''), fc.jsonValue()),
                  ),
                ),
              ),
            )
            .map(([type, data]) => json(type, data)),
        ),
        (line) => {
          read(line);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('calls a recorded line unknown wherever it is cut', () => {
    for (const line of linuxBpftrace.runs[4]!.lines) {
      for (let length = 1; length < line.length; length++) {
        expect(read(line.slice(0, length)).map(({ kind }) => kind)).toEqual(['unknown']);
      }
    }
  });

  it('leaves out the counts of a process whose parent is not known', () => {
    const { lines, pid } = linuxBpftrace.runs[0]!;
    const orphaned = lines.filter((line) => !line.includes('@children'));
    const roles = countsIn(orphaned, read, pid).io_sizes.map(({ role }) => role);
    expect(roles).toEqual(['receiver']);
  });

  it('gives both threads of 2thread one role', () => {
    const { lines, pid } = linuxBpftrace.runs[0]!;
    const { io_sizes } = countsIn(lines, read, pid, '2thread');
    expect(io_sizes.map(({ role }) => role)).toEqual(['both', 'both']);
  });
});
