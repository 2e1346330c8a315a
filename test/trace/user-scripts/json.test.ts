import { describe, expect, it } from 'vitest';
import { readBpftraceJson } from '../../../src/trace/user-scripts/bpftrace-json.ts';
import { readDtraceJson } from '../../../src/trace/user-scripts/dtrace-json.ts';
import { fixture, line } from './fixture.ts';

describe('the JSON of FreeBSD', () => {
  const probe = (output: string) =>
    `{"dtrace":{"probes":[{"timestamp":1,"cpu":1,"id":2,"function":"read","name":"entry","output":[${output}]}]}}`;

  it('gives names, keys of either type, buckets and messages', () => {
    const { aggregates, events, unread } = readDtraceJson(fixture('freebsd-libxo.json'));
    expect(aggregates.map(line)).toEqual([
      '_[read|117] count = 4',
      '_[write|118] count = 4',
      'q[read] quantize 16384..32767 = 4',
      'q[write] quantize 16384..32767 = 4',
    ]);
    expect(events).toEqual([{ probe: ':END', cpu: 0, text: 'done 3' }]);
    expect(unread).toEqual([]);
  });

  it('gives every function its name, and its steps where the script tells them', () => {
    const buckets =
      '"buckets":[{"value":0,"operator":"<","count":1},{"value":0,"count":2},{"value":100,"count":0,"operator":">="}]';
    const output = probe(
      `{"aggregation-data":[{"keys":[],"average":7}],"aggregation-name":"a"},
       {"aggregation-data":[{"keys":[],"stddev":8}],"aggregation-name":"s"},
       {"aggregation-data":[{"keys":[],${buckets}}],"aggregation-name":"l"}`,
    );
    const without = ['a[] avg = 7', 's[] stddev = 8', 'l[]  null..-1 = 1', 'l[]  0..99 = 2'];
    expect(readDtraceJson(output).aggregates.map(line)).toEqual(without);
    const script = 'BEGIN { @l = lquantize(arg0, 0, 100, 10); }';
    expect(readDtraceJson(output, script).aggregates.map(line).slice(2)).toEqual([
      'l[] lquantize null..-1 = 1',
      'l[] lquantize 0..9 = 2',
    ]);
  });

  it('gives no name to values that are printed by one printa() under the name of the first', () => {
    const output = probe(
      '{"aggregation-data":[{"keys":[{"value":"x"}],"count":1,"sum":5}],"aggregation-name":"a"}',
    );
    expect(readDtraceJson(output).aggregates.map(line)).toEqual(['[x] count = 1', '[x] sum = 5']);
  });

  it('joins stacks, reads symbols, and keeps traced values that follow no message', () => {
    const key =
      '{"sym":"kernel`read","object":"kernel"},{"stack-frames":[{"symbol":"k`a+0x1"},{"symbol":"k`b"}]}';
    const output = probe(
      `{"value":12},{"value":"x"},{"aggregation-data":[{"keys":[${key}],"count":3}],"aggregation-name":"a"}`,
    );
    const { aggregates, events } = readDtraceJson(output);
    expect(aggregates.map(line)).toEqual(['a[kernel`read|k`a+0x1 < k`b] count = 3']);
    expect(events).toEqual([{ probe: 'read:entry', cpu: 1, text: '12 x' }]);
  });

  it('reports drops', () => {
    const output =
      '{"dtrace":{"probes":[{"provider":"dtrace","name":"DROP","msg":"3 drops on CPU 0\\n"}]}}';
    expect(readDtraceJson(output)).toEqual({
      aggregates: [],
      events: [],
      eventsLeftOut: 0,
      doubts: [{ code: 'tracer-dropped', message: '3 drops on CPU 0', suspect: true }],
      unread: [],
    });
  });
});

describe('the JSON of bpftrace', () => {
  const script = fixture('bpftrace-maps.bt');
  const { aggregates, events, unread } = readBpftraceJson(fixture('bpftrace-maps.jsonl'), script);
  const rows = (name: string) => aggregates.filter((row) => row.name === name).map(line);

  it('gives the scalar functions', () => {
    expect(rows('plain')).toEqual(['plain[] count = 6']);
    expect(rows('_')).toEqual(['_[] count = 6']);
    expect(rows('total')).toEqual(['total[dd] sum = 12096']);
    expect(rows('low')).toEqual(['low[] min = 832']);
    expect(rows('high')[0]).toMatch(/^high\[\d+\] max = 4096$/);
    expect(rows('mean')).toEqual(['mean[dd] avg = 2016']);
    expect(rows('meanone')).toEqual(['meanone[] avg = 2016']);
  });

  it('gives stats as three rows, with keys or without', () => {
    expect(rows('both')).toEqual([
      'both[dd] count = 6',
      'both[dd] avg = 2016',
      'both[dd] sum = 12096',
    ]);
    expect(rows('bothone')).toEqual([
      'bothone[] count = 6',
      'bothone[] avg = 2016',
      'bothone[] sum = 12096',
    ]);
  });

  it('gives hist and lhist with their inclusive edges', () => {
    expect(rows('powone')).toEqual([
      'powone[] hist 512..1023 = 1',
      'powone[] hist 1024..2047 = 3',
      'powone[] hist 4096..8191 = 2',
    ]);
    expect(rows('pown')).toEqual(['pown[] hist null..-1 = 6']);
    expect(rows('powz').slice(0, 3)).toEqual([
      'powz[] hist 0..0 = 6',
      'powz[] hist 1..1 = 6',
      'powz[] hist 2..3 = 12',
    ]);
    expect(rows('linone')).toEqual([
      'linone[] lhist null..1999 = 4',
      'linone[] lhist 4000..null = 2',
    ]);
    expect(rows('neg')).toEqual(['neg[] lhist 2..3 = 6']);
  });

  it('divides keys where the script says how many parts they have', () => {
    expect(rows('by_two')[0]).toMatch(/^by_two\[dd\|\d+\|-5\] count = 6$/);
    expect(rows('commas')).toEqual(['commas[a,b,c"d\n] count = 6']);
    expect(rows('ks')).toEqual([
      'ks[perf_syscall_enter+397 < syscall_trace_enter+384 < do_syscall_64+506] count = 6',
    ]);
    const one = '{"type": "map", "data": {"@one": {"a,b": 3}}}';
    expect(readBpftraceJson(one, 'BEGIN { @one[str(1)] = count(); }').aggregates.map(line)).toEqual(
      ['one[a,b] count = 3'],
    );
    expect(readBpftraceJson(one).aggregates.map(line)).toEqual(['one[a|b]  = 3']);
  });

  it('keeps texts, and maps of texts, as events', () => {
    const texts = events.map(({ text }) => text);
    expect(texts.slice(0, 3)).toEqual([
      'read 832',
      'no newline 832;',
      expect.stringMatching(/^\d\d:/),
    ]);
    for (const text of ['[1,"t"]', '5', 'str', 'Linux', 'hi', '@text[]: "dd"'])
      expect(texts).toContain(text);
    expect(unread).toEqual([]);
  });

  it('distinguishes hist from lhist by the buckets if there is no script', () => {
    const without = readBpftraceJson(fixture('bpftrace-maps.jsonl')).aggregates;
    const called = (name: string) => without.find((row) => row.name === name)?.function;
    expect(called('powz')).toBe('hist');
    expect(called('lin')).toBe('lhist');
    expect(called('neg')).toBe('');
  });

  it('reports lost events and lines that are not its own', () => {
    const lost = '{"type": "lost_events", "data": {"events": 7}}';
    const output = readBpftraceJson(`${lost}\nhello\n{"type":"map","data":3}\n`);
    expect(output.doubts).toEqual([
      { code: 'tracer-dropped', message: 'bpftrace lost 7 events', suspect: true },
    ]);
    expect(output.unread).toEqual(['hello', '{"type":"map","data":3}']);
  });
});
