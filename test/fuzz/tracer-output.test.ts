import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBpftraceStderr } from '../../src/trace/bpftrace/bpftrace-stderr.ts';
import { checkConservation } from '../../src/trace/check.ts';
import type { RunCounts } from '../../src/trace/counts.ts';
import { readDtraceStderr } from '../../src/trace/dtrace/dtrace-stderr.ts';
import { countsFromRaw, type RawRun } from '../../src/trace/replay.ts';
import type { TraceEvent } from '../../src/trace/session/events.ts';
import { LineSplitter } from '../../src/trace/session/lines.ts';
import { ProcessSession } from '../../src/trace/session/process-session.ts';
import { StraceReader } from '../../src/trace/strace/strace-lines.ts';
import { type Integer, isInteger } from '../../src/trace/user-scripts/integers.ts';
import { readOutputOf } from '../../src/trace/user-scripts/read-output.ts';
import { cellOf, fixtureLines, instrumentsOf, SESSIONS } from '../trace/recording.ts';
import { out, playHere } from '../trace/stand-in-tracer.ts';
import { endsInTime, FUZZ_TIMEOUT, fuzzed, mutated } from './inputs.ts';

/** Every recorded run, of every tracer, as its raw text. */
const RUNS = [
  ...SESSIONS.flatMap((session) =>
    session.runs.map(({ pid, cell, start, lines, end }) => ({
      raw: [start, ...lines, end, ''].join('\n'),
      run: { tracer: session.tracer, osName: session.osName, pid, mode: '2proc' as const },
      read: () => session.readLine,
      expected: { cell, iterations: 1, instruments: instrumentsOf(session), events: false },
    })),
  ),
  ...(
    [
      ['2proc', 'pipe', 2],
      ['2thread', 'pipe', 2],
      ['2proc', 'local', 1],
    ] as const
  ).map(([mode, ipc, iterations]) => ({
    raw: [...fixtureLines(`linux-strace/${mode}-${ipc}.txt`), ''].join('\n'),
    run: { tracer: 'strace', osName: 'Linux', pid: 1, mode },
    read: () => {
      const reader = new StraceReader();
      return (line: string) => reader.read(line);
    },
    expected: {
      cell: cellOf(4096, 32768, { mode, ipc }),
      iterations,
      instruments: ['syscalls', 'io-sizes'] as const,
      events: false,
    },
  })),
];

/** Lines that mean something, of the run's own process. */
function wordsOf(pid: number): readonly string[] {
  const huge = `syscall ${pid} 1 getpid 999999999999999\n`;
  return [
    ...[`event 123456789 ${pid} 6 read 3\n`, `event 9999999999999999999 ${pid} 6 write 1\n`],
    ...[`event 5 ${pid} 6 read 3\nevent 9000000000000000000 ${pid} 6 read 3\n`, huge.repeat(12)],
    ...['end 1\n', 'ready\n', 'start 1\n', 'foreign 9\n', `exit ${pid} 2 3\n`, 'io_latency '],
    ...[
      '{"type": "lost_events", "data": {"events": 2}}\n',
      '{"type": "map", "data": {"@syscalls": {',
    ],
    `{"type": "map", "data": {"@syscalls": {"${pid},39": 9007199254740991}}}\n`.repeat(2),
    `{"type": "map", "data": {"@context_switches": {"${pid},7": 1}}}\n`,
    `{"type": "hist", "data": {"@io_latencies": {"${pid},0": [{"min": 1024, "count": 2}]}}}\n`,
    `{"type": "printf", "data": "event 5 ${pid} 0 3\\n"}\n`,
    `{"type": "map", "data": {"@profile": {"${pid},\\n    vfs_read+3\\n": 2, "${pid},": 1}}}\n`,
    `{"type": "map", "data": {"@profile_user": {"${pid},1": 2, "${pid},0": 1}}}\n`,
    ...[
      `profile ${pid} 1\n kernel\`read+0x1\nprofile_samples 3\n`,
      ' kernel`a\n',
      'profile_samples 1\n',
    ],
    ...[`profile ${pid} 1\n`, `profile_user ${pid} 1 7\n`],
    ...['<unfinished ...>\n', `${pid} <... read resumed> = 4096\n`, ' = 4096', ' = -1 EPIPE'],
    `${pid} read(5<pipe:[1]>, ""..., 4096) = 99999999999999999999\n`,
  ];
}

/** Events as sound as counts must be: whole, exact, not negative where they count. */
function expectSoundEvents(events: readonly TraceEvent[]): void {
  const unsound = events.filter((event) => {
    const { count, ...keys } = { count: 0, ...event };
    const numbers = Object.values(keys).filter((value) => typeof value === 'number');
    return !(Number.isSafeInteger(count) && count >= 0 && numbers.every(Number.isSafeInteger));
  });
  expect(unsound).toEqual([]);
}

function expectSoundRows(counts: RunCounts): void {
  const { conduct: _, ...tables } = counts;
  for (const [table, rows] of Object.entries(tables)) {
    const unsound = rows.filter((row: { count?: number; atNs?: number }) => {
      const numbers = Object.values(row).filter((value) => typeof value === 'number');
      const { count = 0, atNs = 0 } = row;
      return !(numbers.every(Number.isSafeInteger) && count >= 0 && atNs >= 0);
    });
    expect(unsound, table).toEqual([]);
    // The database takes no row twice.
    if (table === 'events') continue;
    const keys = rows.map(({ count: _, ...key }: { count?: number }) => JSON.stringify(key));
    expect(new Set(keys).size, table).toBe(keys.length);
  }
}

const anyRun = fc.oneof(
  ...RUNS.map((recorded) =>
    mutated([recorded.raw], wordsOf(recorded.run.pid)).map((raw) => ({ ...recorded, raw })),
  ),
);

const rawRun = ({ raw, run }: (typeof RUNS)[number]): RawRun => ({
  ...run,
  raw,
  architecture: 'x64',
});

describe('any output of a tracer', FUZZ_TIMEOUT, () => {
  it('gives valid rows, and those without a doubt agree with the recording in the bytes moved', () => {
    const whole = new Map(RUNS.map((each) => [each.read, countsFromRaw(rawRun(each))]));
    fc.assert(
      fc.property(anyRun, (each) => {
        const { raw, read, expected } = each;
        const counts = endsInTime(() => countsFromRaw(rawRun(each)));
        if (!counts) throw new Error('not read at all');
        expectSoundRows(counts);
        const readLine = read();
        const events = raw.split('\n').flatMap((line) => readLine(line));
        expectSoundEvents(events);
        const doubted =
          events.some(({ kind }) => kind === 'unknown' || kind === 'lost') ||
          checkConservation(counts, expected).some(({ suspect }) => suspect);
        if (!doubted) expect(counts.io_sizes).toEqual(whole.get(read)?.io_sizes);
      }),
      fuzzed(45),
    );
  });

  it('says the same in whatever pieces it comes', () => {
    const cuts = fc.array(fc.nat(1_000_000), { maxLength: 20 });
    const limits = fc.constantFrom(1, 10, 100, 1_000_000);
    fc.assert(
      fc.property(anyRun, cuts, limits, ({ raw }, places, limit) => {
        const lines: string[] = [];
        const splitter = new LineSplitter((line) => lines.push(line), limit);
        const ends = places.map((place) => place % (raw.length + 1)).sort((a, b) => a - b);
        for (const [at, end] of [...ends, raw.length].entries()) {
          splitter.push(raw.slice(ends[at - 1] ?? 0, end));
        }
        const whole = raw.split('\n').slice(0, -1);
        expect(lines).toEqual(whole.map((line) => line.slice(0, limit)));
      }),
      fuzzed(15),
    );
  });

  it('that passes through a session in pieces gives the same as its own lines again, or a reason', async () => {
    const recorded = fc.oneof(
      ...SESSIONS.map((session) => {
        const run = session.runs[0]!;
        const text = [run.start, ...run.lines, run.end, ''].join('\n');
        return mutated([text], wordsOf(run.pid)).map((raw) => ({ session, run, raw }));
      }),
    );
    const cuts = fc.array(fc.nat(1_000_000), { maxLength: 6 });
    const property = fc.asyncProperty(recorded, cuts, async ({ session, run, raw }, places) => {
      const bytes = Buffer.from(raw);
      const ends = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
      const pieces = [...ends, bytes.length].map((end, at) =>
        bytes.subarray(ends[at - 1] ?? 0, end),
      );
      const preamble = out(`${session.preamble.join('\n')}\n`);
      const standIn = playHere([preamble, { told: 'run' }, ...pieces.map(out), { exit: 0 }]);
      const attached = await ProcessSession.attach(standIn.process, {
        tracer: session.tracer,
        readLine: session.readLine,
        readStderr: readDtraceStderr,
        printsExits: session.osName === 'FreeBSD',
        readyMs: 20_000,
        endMs: 20_000,
      });
      attached.begin();
      standIn.tell('run');
      const collected = await attached.collect(run.pid, '2proc');
      expect(attached.state).toBe('ended');
      await attached.close();
      if (collected.state === 'failed') {
        expect(collected.reason).toBe(`${session.tracer} ended with exit code 0`);
        return;
      }
      const { tracer, osName } = session;
      const again = { tracer, osName, pid: run.pid, mode: '2proc' as const, raw: collected.raw };
      expectSoundRows(collected.counts);
      expect(countsFromRaw({ ...again, architecture: 'x64' })).toEqual(collected.counts);
    });
    await fc.assert(property, fuzzed(5));
  });

  it('on stderr causes a doubt with a message, or nothing, but drops always cause one', () => {
    const recorded = readFileSync(
      new URL('../fixtures/recordings/dtrace-stderr.txt', import.meta.url),
      'utf8',
    );
    const words = ['Lost 3 events\n', 'ERROR: x\n', 'WARNING: y\n', 'dtrace: 2 drops on CPU 0\n'];
    fc.assert(
      fc.property(mutated([recorded, words.join('')], words), (stderr) => {
        for (const line of stderr.split('\n')) {
          const doubts = [readDtraceStderr(line), readBpftraceStderr(line)];
          for (const doubt of doubts) {
            expect(doubt?.code ?? 'tracer-').toMatch(/^tracer-/);
            expect(doubt?.message).not.toBe('');
          }
          if (/^dtrace: \d+ drops on CPU \d+$/.test(line)) expect(doubts[0]?.suspect).toBe(true);
          if (/^Lost \d+ events$/.test(line)) expect(doubts[1]?.suspect).toBe(true);
        }
      }),
      fuzzed(5),
    );
  });
});

/** The output of users' scripts, with the scripts. */
const scripts = new URL('../fixtures/scripts/', import.meta.url);
const PRINTED = readdirSync(scripts).flatMap((name) => {
  const found = /^(.*)\.(txt|json|jsonl)$/.exec(name);
  if (!found) return [];
  const [, stem = '', ending] = found;
  const tracer = ending === 'jsonl' ? ('bpftrace' as const) : ('dtrace' as const);
  const file = `${stem}.${tracer === 'dtrace' ? 'd' : 'bt'}`;
  const script = readdirSync(scripts).includes(file) ? file : 'freebsd-notebook.d';
  return [
    {
      kind: { tracer, json: ending === 'json' },
      script: readFileSync(new URL(script, scripts), 'utf8'),
      output: readFileSync(new URL(name, scripts), 'utf8'),
    },
  ];
});

describe("any output of a user's script", FUZZ_TIMEOUT, () => {
  it('gives rows that can be stored, of aggregations that the script has', () => {
    const words = [
      ...[
        '{"type": "map", "data": {"@x": 1e999}}\n',
        '{"type": "hist", "data": {"@x": [{"min": 0.5',
      ],
      ...['"max": 1e300', '"count": 1.5', '-2', '"cpu": -1', '"value": null', '[['.repeat(5000)],
      ...['printa("%s %@d\\n", @x);', '@y[arg0] = quantize(arg1);', '/*', 'ipc-sweep: attached\n'],
    ];
    const given = fc.oneof(
      ...PRINTED.map(({ kind, script, output }) =>
        fc.record({
          kind: fc.constant(kind),
          script: fc.oneof(fc.constant(script), mutated([script], words)),
          output: mutated([output], words),
        }),
      ),
    );
    fc.assert(
      fc.property(given, ({ kind, script, output }) => {
        const read = endsInTime(() => readOutputOf({ ...kind, text: script }, output));
        const isEdge = (edge: Integer | null) =>
          edge === null || (isInteger(edge) && edge >= -(2n ** 63n) && edge < 2n ** 63n);
        const unsound = read.aggregates.filter(
          ({ value, bucketFrom, bucketTo, keys }) =>
            !(isInteger(value) && isEdge(bucketFrom) && isEdge(bucketTo)) ||
            keys.some((key) => typeof key !== 'string'),
        );
        expect(unsound).toEqual([]);
        const unfit = read.events.filter(
          ({ cpu, text, probe }) =>
            !(cpu === null || Number.isSafeInteger(cpu)) ||
            typeof text !== 'string' ||
            typeof probe !== 'string',
        );
        expect(unfit).toEqual([]);
        expect(read.unread.length).toBeLessThanOrEqual(101);
      }),
      fuzzed(30),
    );
  });
});
