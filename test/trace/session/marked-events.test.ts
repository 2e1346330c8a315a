import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkConservation } from '../../../src/trace/check.ts';
import { dtraceLines } from '../../../src/trace/dtrace/dtrace-lines.ts';
import { readDtraceStderr } from '../../../src/trace/dtrace/dtrace-stderr.ts';
import { ProcessSession } from '../../../src/trace/session/process-session.ts';
import type { Collected } from '../../../src/trace/tracer.ts';
import { cellOf } from '../recording.ts';
import { out, playHere } from '../stand-in-tracer.ts';

/*
 * What our program for FreeBSD printed on 13.2 for one run with `events: true`: in the run with 512
 * bytes two thirds of its events after its exits, in the other one all of them before.
 */
const FOLDER = new URL('../../fixtures/recordings/freebsd-13.2-events/', import.meta.url);
const text512 = gunzipSync(readFileSync(new URL('b512.txt.gz', FOLDER))).toString();
const text8192 = readFileSync(new URL('b8192.txt', FOLDER), 'utf8');
const RUNS = [
  { bufferBytes: 512, text: text512, pid: 972, child: 973, calls: 2048 },
  { bufferBytes: 8192, text: text8192, pid: 1010, child: 1011, calls: 128 },
] as const;

const MIB = 1024 * 1024;

async function attach(standIn: ReturnType<typeof playHere>, quietMs = 5000) {
  return ProcessSession.attach(standIn.process, {
    tracer: 'dtrace',
    readLine: dtraceLines(new Map()),
    readStderr: readDtraceStderr,
    readyMs: 5000,
    endMs: 5000,
    quietMs,
    printsExits: true,
    marksEvents: true,
  });
}

function doubtsAbout(collected: Collected, bufferBytes: number) {
  if (collected.state === 'failed') throw new Error(collected.reason);
  const cell = cellOf(bufferBytes, MIB);
  const instruments = [
    'syscalls',
    'pipe-states',
    'context-switches',
    'io-latency',
    'io-sizes',
  ] as const;
  const expected = { cell, iterations: 1, instruments, events: true };
  return [...collected.doubts, ...checkConservation(collected.counts, expected)];
}

/** The part up to the exits, and what came after them. */
function inTwo(text: string): readonly [string, string] {
  const exits = [...text.matchAll(/^exit .*\n/gm)];
  const last = exits.at(-1)!;
  const at = last.index + last[0].length;
  return [text.slice(0, at), text.slice(at)];
}

describe("a run's events on FreeBSD", () => {
  it.each(RUNS)(
    'are all there with $bufferBytes bytes, though its exits come first',
    async (run) => {
      const [first, rest] = inTwo(run.text);
      const standIn = playHere([
        out('ready\n'),
        { told: 'run' },
        out(first),
        { wait: 20 },
        out(rest),
      ]);
      const attached = await attach(standIn);
      attached.begin();
      standIn.tell('run');
      const collected = await attached.collect(run.pid, '2proc');
      expect(doubtsAbout(collected, run.bufferBytes)).toEqual([]);
      expect(collected.state === 'counted' && collected.counts.events).toHaveLength(2 * run.calls);
      standIn.end();
    },
  );

  it('are waited for as long as they keep coming, however slowly', async () => {
    const [first, rest] = inTwo(text512);
    const lines = rest.split('\n').slice(0, -1);
    const pieces = Array.from({ length: 8 }, (_, n) =>
      lines.slice((n * lines.length) / 8, ((n + 1) * lines.length) / 8),
    );
    const slowly = pieces.flatMap((piece) => [{ wait: 200 }, out(`${piece.join('\n')}\n`)]);
    const standIn = playHere([out('ready\n'), { told: 'run' }, out(first), ...slowly]);
    const attached = await attach(standIn, 1000);
    attached.begin();
    standIn.tell('run');
    expect(doubtsAbout(await attached.collect(972, '2proc'), 512)).toEqual([]);
    standIn.end();
  });

  it('are counted as lost when they were dropped together with their end', async () => {
    const [first] = inTwo(text512);
    const standIn = playHere([
      out('ready\n'),
      { told: 'run' },
      out(first),
      { err: 'dtrace: 2704 drops on CPU 0\n' },
    ]);
    const attached = await attach(standIn, 50);
    attached.begin();
    standIn.tell('run');
    const doubts = doubtsAbout(await attached.collect(972, '2proc'), 512);
    expect(doubts.map(({ code }) => code).sort()).toEqual(['events-lost', 'tracer-dropped']);
    standIn.end();
  });

  it('never count for the next run', async () => {
    const [first, rest] = inTwo(text512);
    const standIn = playHere([
      out('ready\n'),
      { told: 'run' },
      out(first),
      { wait: 10 },
      out(rest),
      { told: 'run' },
      out(text8192),
    ]);
    const attached = await attach(standIn);
    for (const { pid, bufferBytes } of RUNS) {
      attached.begin();
      standIn.tell('run');
      const collected = await attached.collect(pid, '2proc');
      expect(doubtsAbout(collected, bufferBytes)).toEqual([]);
      expect(collected.raw.includes(`start ${pid}`)).toBe(true);
      expect(collected.raw.match(/^event /gm)).toHaveLength(bufferBytes === 512 ? 4096 : 256);
    }
    standIn.end();
  });
});
