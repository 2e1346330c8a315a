import { describe, expect, it } from 'vitest';
import { readOutputOf } from '../../../src/trace/user-scripts/read-output.ts';
import { line } from './fixture.ts';

const BEYOND = '9007199254740993';
const MOST = '9223372036854775807';
const LEAST = '-9223372036854775808';
const UNSIGNED = '18446744073709551615';

describe('an integer of 64 bits is read exactly', () => {
  const bpftrace = (printed: string, text = '') =>
    readOutputOf({ tracer: 'bpftrace', json: false, text }, printed);

  it.each([BEYOND, MOST, LEAST, UNSIGNED, '2', '-3'])(
    'as the value of a map of bpftrace: %s',
    (digits) => {
      const { aggregates, unread } = bpftrace(
        `{"type": "map", "data": {"@x": ${digits}, "@y": {"a": ${digits}}}}`,
      );
      expect(aggregates.map(({ value }) => String(value))).toEqual([digits, digits]);
      expect(unread).toEqual([]);
    },
  );

  it('as the total of stats, the edge of a bucket, and a value that is printed alone', () => {
    const { aggregates, events } = bpftrace(
      [
        `{"type": "stats", "data": {"@s": {"count": 1, "average": ${BEYOND}, "total": ${MOST}}}}`,
        `{"type": "hist", "data": {"@h": [{"min": ${BEYOND}, "max": ${BEYOND}, "count": ${BEYOND}}]}}`,
        `{"type": "value", "data": ${BEYOND}}`,
        `{"type": "map", "data": {"@t": [${BEYOND},"x"]}}`,
      ].join('\n'),
    );
    expect(aggregates.map(line)).toEqual([
      's[] count = 1',
      `s[] avg = ${BEYOND}`,
      `s[] sum = ${MOST}`,
      `h[] lhist ${BEYOND}..${BEYOND} = ${BEYOND}`,
    ]);
    expect(events.map(({ text }) => text)).toEqual([BEYOND, `@t[]: [${BEYOND},"x"]`]);
  });

  it('in the JSON of FreeBSD: as a value, a key, a bucket and what trace() prints', () => {
    const output = `{"value":${MOST}},{"aggregation-data":[{"keys":[{"value":${BEYOND}}],"sum":${LEAST}},
      {"keys":[],"buckets":[{"value":${BEYOND},"count":${BEYOND}},{"value":${MOST},"count":0}]}],"aggregation-name":"a"}`;
    const raw = `{"dtrace":{"probes":[{"function":"read","name":"entry","cpu":1,"output":[${output}]}]}}`;
    const { aggregates, events } = readOutputOf({ tracer: 'dtrace', json: true, text: '' }, raw);
    expect(aggregates.map(line)).toEqual([
      `a[${BEYOND}] sum = ${LEAST}`,
      `a[]  ${BEYOND}..9223372036854775806 = ${BEYOND}`,
    ]);
    expect(events.map(({ text }) => text)).toEqual([MOST]);
  });

  it('in the default layout of dtrace and in a format of the script', () => {
    const text = `BEGIN { @a = max(walltimestamp); @b[pid] = sum(1); @q = quantize(1); printa("%d is %@u\\n", @b); }`;
    const picture = `\n           value  ------------- Distribution ------------- count    \n${`4503599627370496`.padStart(16)} |                                         0        \n${BEYOND.slice(0, -1)}2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ ${BEYOND}\n18014398509481984 |                                         0        \n\n`;
    const raw = `12 is ${UNSIGNED}\n\n ${MOST.padStart(16)}\n${picture}`;
    const { aggregates } = readOutputOf({ tracer: 'dtrace', json: false, text }, raw);
    expect(aggregates.map(line)).toEqual([
      `b[12] sum = ${UNSIGNED}`,
      `a[] max = ${MOST}`,
      `q[] quantize 9007199254740992..18014398509481983 = ${BEYOND}`,
    ]);
  });
});

describe('the printings of one aggregation', () => {
  const numbers = (tracer: 'dtrace' | 'bpftrace', json: boolean, text: string, raw: string) =>
    readOutputOf({ tracer, json, text }, raw).aggregates.map(
      ({ name, keys, printing }) => `${name}[${keys.join('|')}] ${printing}`,
    );

  it('are numbered where bpftrace prints a map again and again', () => {
    const again = '{"type": "map", "data": {"@x": {"a": 1, "b": 1}}}';
    const raw = `${again}\n{"type": "map", "data": {"@y": 5}}\n${again}`;
    expect(numbers('bpftrace', false, '', raw)).toEqual([
      'x[a] 1',
      'x[b] 1',
      'y[] 1',
      'x[a] 2',
      'x[b] 2',
    ]);
  });

  it('are numbered in the JSON of FreeBSD', () => {
    const record =
      '{"aggregation-data":[{"keys":[{"value":"a"}],"count":1}],"aggregation-name":"x"}';
    const firing = `{"function":"","name":"tick-1s","cpu":0,"output":[${record},${record}]}`;
    const raw = `{"dtrace":{"probes":[${firing},${firing}]}}`;
    expect(numbers('dtrace', true, '', raw)).toEqual(['x[a] 1', 'x[a] 2', 'x[a] 3', 'x[a] 4']);
  });

  it('are numbered in lines, where a text, a firing or a repeated key begins the next one', () => {
    const text =
      'tick-1s { printa("%s %@d\\n", @x); printa("y %@d\\n", @y); } BEGIN { @x[execname] = count(); @y = count(); }';
    const quiet = 'a 1\nb 2\ny 3\na 1\nb 2\na 1\nhello there\nb 2\n';
    expect(numbers('dtrace', false, text, quiet)).toEqual([
      ...['x[a] 1', 'x[b] 1', 'y[] 1', 'x[a] 2', 'x[b] 2', 'x[a] 3'],
      'x[b] 4',
    ]);
    const firing = `  0    123 ${':tick-1s'.padStart(32)} `;
    const loud = `CPU     ID                    FUNCTION:NAME\n${firing}a 1\n${firing}b 2\n`;
    expect(numbers('dtrace', false, text, loud)).toEqual(['x[a] 1', 'x[b] 2']);
  });
});

it('all keys are kept that bpftrace prints alike', () => {
  const printed = '{"type": "map", "data": {"@x": {"a,b": 1, "a,b": 2}}}';
  const read = readOutputOf({ tracer: 'bpftrace', json: false, text: '' }, printed);
  expect(read.aggregates.map(({ value }) => value)).toEqual([1, 2]);
});

describe('the messages of bpftrace about problems', () => {
  const said = (...lines: readonly string[]) =>
    readOutputOf({ tracer: 'bpftrace', json: false, text: '' }, lines.join('\n')).doubts;
  const helper = (name: string, code: number) =>
    `{"type": "helper_error", "helper": "${name}", "retcode": ${code}, "line": 2, "col": 64}`;

  it('make a full map a single doubt, however often they come', () => {
    expect(said(helper('map_update_elem', -7), helper('map_update_elem', -7))).toEqual([
      {
        code: 'map-full',
        message: 'a map was full: 2 times something was not counted; count by fewer keys',
        suspect: true,
      },
    ]);
  });

  it('are summed for losses', () => {
    const lost = (events: number) => `{"type": "lost_events", "data": {"events": ${events}}}`;
    expect(said(lost(5), lost(7))).toMatchObject([
      { code: 'tracer-dropped', message: 'bpftrace lost 12 events' },
    ]);
  });

  it('are ignored for a key that need not be deleted, and noted for other helpers', () => {
    expect(said(helper('map_delete_elem', -2), helper('get_stackid', -14))).toEqual([
      { code: 'helper-error', message: 'get_stackid failed (-14), 1 times', suspect: false },
    ]);
  });

  it('are replaced by a doubt about a full map where bpftrace says nothing', () => {
    const keys = Array.from({ length: 65_536 }, (_, key) => `"${key}": 1`).join(', ');
    expect(said(`{"type": "map", "data": {"@x": {${keys}}}}`)).toMatchObject([
      { code: 'map-full', suspect: true },
    ]);
  });
});
