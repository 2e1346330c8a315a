import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBpftraceJson } from '../../../src/trace/user-scripts/bpftrace-json.ts';
import { readDtraceJson } from '../../../src/trace/user-scripts/dtrace-json.ts';
import { readDtraceText } from '../../../src/trace/user-scripts/dtrace-text.ts';
import type { Aggregate, ScriptOutput } from '../../../src/trace/user-scripts/script-output.ts';
import { endsInTime } from '../../fuzz/inputs.ts';
import { fixture } from './fixture.ts';

const recordings = [
  ['freebsd-notebook.d', 'freebsd-notebook.txt'],
  ['freebsd-layouts.d', 'freebsd-layouts.txt'],
  ['linux-own-formats.d', 'linux-own-formats.txt'],
  ['linux-default-layouts.d', 'linux-default-layouts.txt'],
  ['linux-stacks-and-symbols.d', 'linux-stacks-and-symbols.txt'],
  ['linux-flowindent.d', 'linux-flowindent.txt'],
  ['linux-joined.d', 'linux-joined.txt'],
] as const;

const namesIn = (script: string) =>
  new Set(['', '_', ...Array.from(script.matchAll(/@(\w+)/g), (found) => found[1] ?? '')]);
const unnamed = ({ name: _name, function: _function, ...row }: Aggregate) => row;

/** Checks that the result for a whole text begins with the result for its beginning. */
function expectBeginningOf(whole: ScriptOutput, part: ScriptOutput, script: string): void {
  const rows = part.aggregates.map(unnamed);
  expect(rows).toEqual(whole.aggregates.slice(0, rows.length).map(unnamed));
  const names = namesIn(script);
  expect(part.aggregates.filter(({ name }) => !names.has(name))).toEqual([]);
}

describe.each(recordings)('%s', (scriptName, outputName) => {
  const script = fixture(scriptName);
  const output = fixture(outputName);
  const whole = readDtraceText(script, output);

  it('gives the same rows, but fewer of them, when it is cut off anywhere', () => {
    const step = Math.max(1, Math.floor(output.length / 400));
    for (let end = 0; end < output.length; end += step) {
      expectBeginningOf(whole, readDtraceText(script, output.slice(0, end)), script);
    }
  });

  it('never causes an exception or an invented name when it is torn and garbled', () => {
    const garbled = fc.tuple(fc.nat(output.length), fc.nat(200), fc.string({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(garbled, { maxLength: 5 }), fc.nat(script.length), (holes, cut) => {
        const torn = holes.reduce(
          (text, [at, length, other]) => text.slice(0, at) + other + text.slice(at + length),
          output,
        );
        for (const given of [script, script.slice(0, cut), script.slice(cut)]) {
          const { aggregates, unread } = readDtraceText(given, torn);
          const names = namesIn(given);
          expect(aggregates.filter(({ name }) => !names.has(name))).toEqual([]);
          expect(unread.length).toBeLessThanOrEqual(101);
        }
      }),
      { numRuns: 30 },
    );
  });
});

it('a FreeBSD document that is cut off anywhere gives the same rows, but fewer of them', () => {
  const output = fixture('freebsd-libxo.json');
  const whole = readDtraceJson(output);
  for (let end = 0; end < output.trimEnd().length; end++) {
    const part = readDtraceJson(output.slice(0, end));
    expectBeginningOf(whole, part, '@q');
    if (end > 0) expect(part.unread).toHaveLength(1);
  }
});

it('bpftrace lines that are cut off anywhere give the same rows, but fewer of them', () => {
  const script = fixture('bpftrace-maps.bt');
  const output = fixture('bpftrace-maps.jsonl');
  const whole = readBpftraceJson(output, script);
  for (let end = 0; end < output.length; end += 7) {
    expectBeginningOf(whole, readBpftraceJson(output.slice(0, end), script), script);
  }
});

it('any text can be read without an exception', () => {
  const pieces = fc.constantFrom(
    ...'@[]{}()"\'/\\#;,=%-0 9ax\n',
    '/*',
    'printa(',
    '@a[',
    '\n  ',
    '"%s %@d\\n"',
    '{"a":',
    '[',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 100 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(text, text, (script, output) => {
      readDtraceText(script, output);
      readDtraceJson(output, script);
      readBpftraceJson(output, script);
    }),
    { numRuns: 1000 },
  );
});

describe('a MiB', () => {
  const size = 1024 * 1024;
  const filled = (text: string) => `${text.repeat(Math.ceil(size / text.length)).slice(0, size)}\n`;
  const script = `BEGIN { @a[execname, arg0 + 1, probefunc] = count(); @b[stack(), x, y, z] = sum(1);
    @q[x, y] = quantize(1); printf("x"); printa("%s %s %-9s %8d %s %@d\\n", @a); printa("K %k %s=%@d;", @b); }`;
  it.each([
    ['blanks', ' '],
    ['newlines', '\n'],
    ['digits', '7'],
    ['blanks and digits', '  5               '],
    ['words', 'ab cd '],
    ['rows', `${'  dd'.padEnd(52)}        5${'  read'.padEnd(52)}                7\n`],
    ['half a format', 'K \na`b\n'],
    ['a format over and over', 'K \na`b\n x=5;'],
    ['frames', '              a`b+0x1\n'],
    [
      'dumps',
      '\n             0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f  0123456789abcdef\n         0: 00 00  ..\n',
    ],
    ['firings', '  0      1                           :BEGIN x\n'],
    [
      'pictures',
      '\n           value  ------------- Distribution ------------- count    \n             512 |@ 1        \n',
    ],
    ['brackets', '['],
    ['openings', '{"dtrace":{"probes":['],
    ['quotes', '"'],
    ['escapes', '"\\'],
  ])('of %s are read to their end', (_, text) => {
    const output = filled(text);
    endsInTime(() => {
      readDtraceText(script, output);
      readDtraceText('', output);
      readDtraceJson(output);
      readDtraceJson(`{"dtrace":{"probes":[${output}`);
      readBpftraceJson(output);
      readBpftraceJson(`{"type":"value","data":${output}`);
      readDtraceText(output.slice(0, size / 4), 'x\n');
    });
  });
});
