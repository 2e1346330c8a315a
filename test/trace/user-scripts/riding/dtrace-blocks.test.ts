import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readScript } from '../../../../src/trace/user-scripts/d-script.ts';
import { readOutputOf } from '../../../../src/trace/user-scripts/read-output.ts';
import { flushFormat, RODE_LINE } from '../../../../src/trace/user-scripts/riding/dtrace-blocks.ts';
import { dtraceRiddenLines } from '../../../../src/trace/user-scripts/riding/dtrace-ridden-lines.ts';
import { RiddenRun } from '../../../../src/trace/user-scripts/riding/ridden-run.ts';
import { rideDtrace } from '../../../../src/trace/user-scripts/riding/ride-dtrace.ts';
import { fixture, line } from '../fixture.ts';
import { integerKey, quantizePicture } from '../printed.ts';

const read = (text: string, raw: string) =>
  readOutputOf({ tracer: 'dtrace', json: false, text }, RODE_LINE + raw);

describe('the blocks of a D script that rode in the session', () => {
  it('are read as what the script counted and printed, with its probes', () => {
    const output = read(
      fixture('freebsd-notebook.d'),
      'script pipe_read:entry\n2048\nendscript\nscript pipe_read:entry\n3072\nendscript\nscript @syscalls\nread\x1f64\nclose\x1f4\n\nendscript\n',
    );
    expect(output.events).toEqual([
      { probe: 'pipe_read:entry', cpu: null, text: '2048' },
      { probe: 'pipe_read:entry', cpu: null, text: '3072' },
    ]);
    expect(output.aggregates.map(line)).toEqual([
      'syscalls[read] count = 64',
      'syscalls[close] count = 4',
    ]);
    expect(output.unread).toEqual([]);
  });

  it('are in the default layout where the type of a key does not follow from the text', () => {
    const text = 'f::g:entry { @a[args[0]->x, pid] = count(); }';
    expect(flushFormat(readScript(text).aggregations[0]!)).toBeUndefined();
    const row = ` ${'5'.padStart(8)} ${'17'.padStart(8)} ${'3'.padStart(16)}`;
    const output = read(text, `script @a\n${row}\n\nendscript\n`);
    expect(output.aggregates.map(line)).toEqual(['a[5|17] count = 3']);
  });

  it('hold distributions behind their keys', () => {
    const keys = fc.array(integerKey, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(keys, quantizePicture, (list, picture) => {
        const text = `f::g:entry { @q[${list.map(({ source }) => source).join()}] = quantize(x); }`;
        const row = [...list.map((key) => key.text), picture.text].join('\x1f');
        const output = read(text, `script @q\n${row}\n\nendscript\n`);
        expect(output.unread).toEqual([]);
        expect(
          output.aggregates.map(({ bucketFrom, bucketTo, value }) => [bucketFrom, bucketTo, value]),
        ).toEqual(picture.buckets);
        for (const { keys: found } of output.aggregates) {
          expect(found).toEqual(list.map((key) => key.text));
        }
      }),
    );
  });

  it('never cause an exception, whatever they contain', () => {
    const piece = fc.constantFrom(
      'script ',
      '@a',
      'endscript',
      '\n',
      '\x1f',
      '5',
      ' ',
      'x:y',
      'value',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((parts) => parts.join('')),
        (raw) => {
          expect(() => read('f::g:entry { @a[pid] = count(); }', raw)).not.toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the lines of a session in which D scripts ride', () => {
  const script = {
    ...{ path: '/spec/a.d', name: 'a.d', text: fixture('freebsd-notebook.d') },
    ...{ tracer: 'dtrace' as const, json: false, flags: [] },
  };
  const run = () => {
    const riding = rideDtrace(script, 0, 'ticks');
    if ('reason' in riding) throw new Error(riding.reason);
    return new RiddenRun([riding], dtraceRiddenLines(), RODE_LINE, 1000);
  };
  const PRINTED = [
    ...['start 7.1', '', 'script 0 pipe_read:entry', '2048', 'endscript', 'syscall 7.1 1 read 3'],
    ...[
      '',
      'script 0 @syscalls',
      'read\x1f3',
      '',
      'endscript',
      'scripts_texts 1',
      'scripts_ends 1',
    ],
    ...['scripts', 'exit 7.1 1 1'],
  ];

  it('belong to the scripts inside their blocks, and to the instruments outside', () => {
    const ridden = run();
    const left = PRINTED.filter((text) => !ridden.take(text));
    expect(left).toEqual(['start 7.1', '', 'syscall 7.1 1 read 3', '', 'exit 7.1 1 1']);
    expect([ridden.answered, ridden.lacksTexts, ridden.doubts()]).toEqual([true, false, []]);
    const [result] = ridden.results();
    expect(result?.output.aggregates.map(line)).toEqual(['syscalls[read] count = 3']);
    expect(result?.output.events.map(({ text }) => text)).toEqual(['2048']);
    expect(result?.doubts).toEqual([]);
  });

  it('cause a doubt if the snapshot is older than the end of the run', () => {
    const ridden = run();
    for (const text of PRINTED) if (text !== 'scripts_ends 1') ridden.take(text);
    expect(ridden.doubts().map(({ code, suspect }) => [code, suspect])).toEqual([
      ['script-early-results', true],
    ]);
  });

  it('show when a text is missing that the kernel has counted', () => {
    const ridden = run();
    for (const text of PRINTED.slice(5)) ridden.take(text);
    expect(ridden.lacksTexts).toBe(true);
    for (const text of PRINTED.slice(2, 5)) ridden.take(text);
    expect(ridden.lacksTexts).toBe(false);
  });
});

describe('a line of a session in which D scripts ride', () => {
  const readAll = (...lines: readonly string[]) => {
    const readLine = dtraceRiddenLines();
    return lines.map(readLine);
  };

  it('belongs to the script whose block it is in, up to the end of the block', () => {
    expect(
      readAll('script 12 @a', 'scripts', 'script 3 f', 'endscript', 'endscript', 'script 3 f@'),
    ).toEqual([
      { kind: 'output', script: 12, text: 'script @a', isText: false },
      { kind: 'output', script: 12, text: 'scripts' },
      { kind: 'output', script: 12, text: 'script 3 f' },
      { kind: 'output', script: 12, text: 'endscript' },
      undefined,
      { kind: 'output', script: 3, text: 'script f@', isText: true },
    ]);
  });

  it('tells whether the results are newer than the end of the run', () => {
    const lines = ['scripts', 'scripts_ends 0', 'scripts', 'scripts_ends 10', 'scripts'];
    expect(readAll(...lines)).toEqual([
      { kind: 'answered', stale: true },
      undefined,
      { kind: 'answered', stale: true },
      { kind: 'ended' },
      { kind: 'answered', stale: false },
    ]);
    expect(readAll('scripts_ends 1', 'scripts_texts 12')).toEqual([
      ...[{ kind: 'ended' }, { kind: 'texts', count: 12 }],
    ]);
  });

  it.each([
    ...['a script 0 f', 'script x f', 'script 1234 f', 'script 0', 'endscript'],
    ...['my scripts_ends 1', 'scripts_ends 1x', 'scripts_ends x', 'scripts now'],
    ...['my scripts_texts 1', 'scripts_texts 1x', 'scripts_texts x', 'syscall 7.1 1 read 3'],
  ])('is none of the scripts’: %j', (text) => {
    expect(readAll(text)).toEqual([undefined]);
  });
});
