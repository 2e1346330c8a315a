import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TROUBLE_LINES } from '../../../src/trace/user-scripts/bpftrace-json.ts';
import { KeptOutput, type OutputForm } from '../../../src/trace/user-scripts/kept-output.ts';
import { readOutputOf } from '../../../src/trace/user-scripts/read-output.ts';
import { SCRIPT_EVENT_LIMIT } from '../../../src/trace/user-scripts/script-output.ts';
import { fixture, line } from './fixture.ts';

function kept(form: OutputForm, text: string, size: number, limits = { events: 100, all: 1e9 }) {
  const output = new KeptOutput(form, limits);
  for (let at = 0; at < text.length; at += size) output.push(text.slice(at, at + size));
  return { text: output.text(), output };
}

const many = SCRIPT_EVENT_LIMIT + 50;
const numbered = (write: (at: number) => string) =>
  Array.from({ length: many }, (_, at) => write(at)).join('');
const firing = (id: number, name: string) => `  0 ${String(id).padStart(6)} ${name.padStart(32)} `;
const sizes = [7, 4096, 1 << 20];

describe('an output of more events than are kept', () => {
  it.each(sizes)('of bpftrace is kept in whole lines, with every map, in pieces of %i', (size) => {
    const events = numbered((at) => `{"type": "printf", "data": "${at} write:entry 128\\n"}\n`);
    const map = '{"type": "map", "data": {"@x": {"a": 7}}}\n';
    const { text, output } = kept('json-lines', map + events + map, size);
    const read = readOutputOf({ tracer: 'bpftrace', json: false, text: '' }, text);
    expect(read.aggregates.map(line)).toEqual(['x[a]  = 7', 'x[a]  = 7']);
    expect(read.events).toHaveLength(SCRIPT_EVENT_LIMIT);
    expect(read.events.map((event) => event.text)).toEqual(
      Array.from({ length: SCRIPT_EVENT_LIMIT }, (_, at) => `${at} write:entry 128`),
    );
    expect(output.eventsLeftOut + read.eventsLeftOut).toBe(50);
    expect(output.overflowed).toBe(false);
    expect(output.eventsLeftOut).toBeGreaterThan(0);
    expect(read.unread).toEqual([]);
  });

  it.each(sizes)(
    'of dtrace is kept in whole firings, with what END prints, in pieces of %i',
    (size) => {
      const header = 'CPU     ID                    FUNCTION:NAME\n';
      const events = numbered((at) => `${firing(123, 'write:entry')}${at}\n`);
      const end = `${firing(2, ':END')}\n  write${' '.repeat(45)}${'9'.padStart(17)}\n`;
      const { text, output } = kept('text', header + events + end, size);
      const script = 'syscall:::entry { @a[probefunc] = count(); trace(arg0); }';
      const read = readOutputOf({ tracer: 'dtrace', json: false, text: script }, text);
      expect(read.aggregates.map(line)).toEqual(['a[write] count = 9']);
      expect(read.events.map((event) => event.text)).toEqual(
        Array.from({ length: SCRIPT_EVENT_LIMIT }, (_, at) => String(at)),
      );
      expect(output.eventsLeftOut + read.eventsLeftOut).toBeGreaterThanOrEqual(50);
      expect(output.eventsLeftOut).toBeGreaterThan(0);
      expect(read.unread).toEqual([]);
    },
  );

  it.each(sizes)('of FreeBSD is kept as a whole document, in pieces of %i', (size) => {
    const element = (at: number) =>
      `      {"function":"write","name":"entry","cpu":0,"output":[{"message":"} ] \\" ${at}\\n"}]},\n`;
    const end =
      '{"function":"","name":"END","cpu":0,"output":[{"aggregation-data":[{"keys":[],"count":9}],"aggregation-name":"a"}]}';
    const { text, output } = kept(
      'json',
      `{"dtrace":{"probes":[\n${numbered(element)}${end}]}}\n`,
      size,
    );
    const read = readOutputOf({ tracer: 'dtrace', json: true, text: '' }, text);
    expect(read.aggregates.map(line)).toEqual(['a[] count = 9']);
    expect(read.events).toHaveLength(SCRIPT_EVENT_LIMIT);
    expect(output.eventsLeftOut + read.eventsLeftOut).toBe(50);
    expect(output.eventsLeftOut).toBeGreaterThan(0);
    expect(read.unread).toEqual([]);
  });
});

it('a short output is kept completely, in whatever pieces it comes', () => {
  const outputs: readonly (readonly [OutputForm, string])[] = [
    ['json-lines', fixture('bpftrace-maps.jsonl')],
    ['json', fixture('freebsd-libxo.json')],
    ['text', fixture('linux-default-layouts.txt')],
    ['text', fixture('linux-flowindent.txt')],
  ];
  fc.assert(
    fc.property(fc.constantFrom(...outputs), fc.integer({ min: 1, max: 5000 }), (given, size) => {
      const { text, output } = kept(given[0], given[1], size, { events: 1e9, all: 1e9 });
      expect(text).toBe(given[1]);
      expect([output.eventsLeftOut, output.overflowed]).toEqual([0, false]);
    }),
    { numRuns: 100 },
  );
});

it('an output that is too long even without its events is cut at the end of a line, with a note', () => {
  const map = '{"type": "map", "data": {"@x": 1}}\n';
  const { text, output } = kept('json-lines', map.repeat(10), 5, {
    events: 100,
    all: map.length * 3 + 5,
  });
  expect(output.overflowed).toBe(true);
  expect(text).toBe(map.repeat(3));
  const endless = kept('json-lines', 'x'.repeat(10_000), 100, { events: 100, all: 500 });
  expect([endless.output.overflowed, endless.text]).toEqual([true, '']);
});

it('some lines are kept of each message that is repeated, and every other message', () => {
  const deleted =
    '{"type": "helper_error", "helper": "map_delete_elem", "retcode": -2, "line": 1}\n';
  const full = '{"type": "helper_error", "helper": "map_update_elem", "retcode": -7, "line": 1}\n';
  const { text } = kept('json-lines', deleted.repeat(TROUBLE_LINES * 3) + full, 4096);
  expect(text).toBe(deleted.repeat(TROUBLE_LINES) + full);
});
