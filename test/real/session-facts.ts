import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOutput } from '../../src/benchmark/output.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import { buildProgram } from '../../src/host/build.ts';
import { systemEnvironment } from '../../src/host/machine/sources.ts';
import { checkConservation } from '../../src/trace/check.ts';
import type { RunCounts } from '../../src/trace/counts.ts';
import { selfTest } from '../../src/trace/self-test.ts';
import { strace } from '../../src/trace/strace/strace.ts';
import type { Tracer, TraceSession } from '../../src/trace/tracer.ts';
import { cellOf, totalOf } from '../trace/recording.ts';
import {
  Bench,
  childOf,
  descendants,
  EXECNAME,
  hindrance,
  KIB,
  medianCalls,
  type TracedRun,
  traced,
} from './traced-runs.ts';

const SIZES = [512, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB] as const;
const MIB = KIB * KIB;
const KNOWN_DWELL_TIMES = fileURLToPath(
  new URL('../fixtures/known-dwell-times.c', import.meta.url),
);

/** Cells whose reads and writes are never split, so that their number is known. */
const COMPARED: readonly {
  readonly name: string;
  readonly cell: Cell;
  readonly iterations: number;
}[] = [
  { name: '2proc over a pipe', cell: cellOf(4 * KIB, 64 * KIB), iterations: 1 },
  { name: '2proc over a pipe, 3 iterations', cell: cellOf(4 * KIB, 64 * KIB), iterations: 3 },
  {
    name: '2thread over a pipe',
    cell: cellOf(4 * KIB, 64 * KIB, { mode: '2thread' }),
    iterations: 1,
  },
  {
    name: '2proc over a local socket',
    cell: cellOf(4 * KIB, 64 * KIB, { ipc: 'local' }),
    iterations: 1,
  },
];

/**
 * Calls that depend on who waits for whom, and so on how much a tracer slows things down: a thread
 * that is joined is waited for, or has ended already.
 */
const TIMING = /^both (futex|madvise)$/;

/** Doubts about the counts. Somebody may run a benchmark on this machine: that is none. */
const suspicions = ({ doubts }: TracedRun) => doubts.filter(({ suspect }) => suspect);

/** Checks what must be true of every session, whichever tracer it is. */
export async function sessionFacts(tracer: Tracer): Promise<void> {
  const instruments = tracer.instrumentsOn(process.platform);
  const withoutStrace = await hindrance(strace);
  const bench = new Bench();
  let session: TraceSession;
  const open = () =>
    tracer.open(bench.host, { execnames: [EXECNAME], instruments, events: false, options: {} });
  const exact = async (cell: Cell, iterations = 1) => {
    const run = await traced(bench, session, cell, { iterations, instruments });
    expect(run.exitCode).toBe(0);
    expect(suspicions(run)).toEqual([]);
    return run.counts;
  };

  beforeAll(async () => {
    await bench.build();
    session = await open();
  });

  afterAll(async () => {
    await session?.close();
    await bench.remove();
  });

  it.each(['2proc', '2thread'] as const)(
    'sees no call on a channel where %s share memory, whatever the buffer',
    async (mode) => {
      for (const bytes of [1, 512, 4 * KIB, 64 * KIB, MIB]) {
        const cell = cellOf(bytes, 64 * bytes, { ipc: 'shmem', mode });
        for (const iterations of [1, 3]) {
          const counts = await exact(cell, iterations);
          expect(counts.io_sizes).toEqual([]);
          expect(counts.pipe_states).toEqual([]);
          // A run that was not seen at all would have no calls either.
          const roles = new Set(counts.syscalls.map(({ role }) => role));
          expect(roles).toEqual(new Set(mode === '2proc' ? ['receiver', 'sender'] : ['both']));
        }
      }
    },
  );

  it('suspects a run over a pipe that is said to be one over shared memory', async () => {
    const { counts } = await traced(bench, session, cellOf(512, 64 * KIB));
    const cell = cellOf(512, 64 * KIB, { ipc: 'shmem' });
    const expected = { cell, iterations: 1, instruments, events: false };
    const codes = checkConservation(counts, expected).map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['read-bytes', 'write-bytes']));
  });

  it('reads the states of a known pipe rightly', async () => {
    expect(await selfTest(bench.host, session, EXECNAME, instruments)).toMatchObject({
      state: 'passed',
    });
  });

  describe.skipIf(withoutStrace)(`beside strace ${withoutStrace}`, () => {
    it.each(COMPARED)('counts exactly as strace does: $name', async ({ cell, iterations }) => {
      const ours: RunCounts[] = [];
      const theirs: RunCounts[] = [];
      const other = await strace.open(bench.host, {
        execnames: [EXECNAME],
        instruments: strace.instrumentsOn(process.platform),
        ...{ events: false, options: {} },
      });
      try {
        for (let n = 0; n < 7; n++) {
          ours.push(await exact(cell, iterations));
          if (n % 2 === 0) theirs.push((await traced(bench, other, cell, { iterations })).counts);
        }
      } finally {
        await other.close();
      }
      const calls = (runs: readonly RunCounts[]) =>
        Object.fromEntries(
          Object.entries(medianCalls(runs)).filter(([name]) => !TIMING.test(name)),
        );
      expect(calls(ours)).toEqual(calls(theirs));
      expect(ours[0]!.io_sizes).toEqual(theirs[0]!.io_sizes);
      const messages = 16 * iterations;
      for (const operation of ['read', 'write']) {
        expect(totalOf(ours[0]!.io_sizes, (row) => row.operation === operation)).toBe(messages);
      }
    });
  });

  it('counts 60 runs over five sizes exactly, one after the other', async () => {
    for (let n = 0; n < 60; n++) {
      const bufferBytes = SIZES[n % SIZES.length]!;
      const { io_sizes } = await exact(cellOf(bufferBytes, MIB));
      expect(totalOf(io_sizes, ({ operation }) => operation === 'write')).toBe(MIB / bufferBytes);
    }
  });

  it('follows the states of one pipe, and not from one iteration to the next', async () => {
    for (const mode of ['2proc', '2thread'] as const) {
      const counts = await exact(cellOf(64 * KIB, MIB, { mode }), 3);
      for (const operation of ['read', 'write']) {
        const ofEnd = (row: { readonly operation: string }) => row.operation === operation;
        expect(totalOf(counts.pipe_transitions, ofEnd)).toBe(
          totalOf(counts.pipe_states, ofEnd) - 3,
        );
      }
    }
  });

  it('takes every instrument in every mode', async () => {
    for (const ipc of ['pipe', 'local', 'tcp'] as const) {
      for (const mode of ['2proc', '2thread'] as const) {
        const counts = await exact(cellOf(4 * KIB, 256 * KIB, { ipc, mode }), 2);
        expect(counts.io_latencies.length).toBeGreaterThan(0);
        expect(counts.io_latencies.every(({ count }) => count > 0)).toBe(true);
        expect(counts.context_switches.length).toBeGreaterThan(0);
        expect(counts.pipe_states.length > 0).toBe(ipc === 'pipe');
      }
    }
  });

  it('counts context switches as getrusage does, and the last one of each thread', async () => {
    for (const [mode, ends] of [
      ['2proc', 1],
      ['2thread', 2],
    ] as const) {
      for (let n = 0; n < 10; n++) {
        const cell = cellOf(4 * KIB, MIB, { mode });
        const { counts, stdout } = await traced(bench, session, cell, { rusage: true });
        const output = readOutput(stdout, { iterations: 1, totalBytes: MIB });
        if (output.state !== 'samples') throw new Error(output.reason);
        const [sample] = output.samples;
        const switches = (kind: string) =>
          totalOf(counts.context_switches, (row) => row.kind === kind);
        // A sample holds the child's end in 2proc; after it come the ends of the root's threads.
        expect(switches('voluntary')).toBeGreaterThanOrEqual(sample!.voluntarySwitches! + ends);
        expect(switches('involuntary')).toBeGreaterThanOrEqual(sample!.involuntarySwitches!);
      }
    }
  });

  it('is exact again after a run whose root was killed', async () => {
    for (let n = 0; n < 3; n++) {
      const killed = await traced(bench, session, cellOf(4 * KIB, 64 * KIB * MIB), {
        meanwhile: async (pid) => {
          await childOf(pid);
          await sleep(20);
          process.kill(pid, 'SIGKILL');
        },
      });
      expect(suspicions(killed)).not.toEqual([]);
      await exact(cellOf(512, MIB));
    }
  });

  it('is exact again after a run whose child was killed', async () => {
    for (let n = 0; n < 3; n++) {
      const killed = await traced(bench, session, cellOf(4 * KIB, 64 * KIB * MIB), {
        meanwhile: async (pid) => {
          const child = await childOf(pid);
          await sleep(20);
          process.kill(child, 'SIGKILL');
        },
      });
      expect(killed.exitCode).not.toBe(0);
      expect(suspicions(killed)).not.toEqual([]);
      await exact(cellOf(512, MIB));
    }
  });

  it("does not count somebody else's benchmark, and says that there was one", async () => {
    // Its parent is a shell.
    const stranger = bench.command(cellOf(512, 64 * MIB, { mode: '2thread' })).join(' ');
    const shell = bench.start(['sh', '-c', `${stranger} & ${stranger} & wait`]);
    try {
      const during = await traced(bench, session, cellOf(4 * KIB, 16 * MIB), {
        instruments,
        meanwhile: async () => {
          await sleep(10);
          const late = bench.start(['sh', '-c', `${bench.command(cellOf(512, MIB)).join(' ')}; :`]);
          await late.ended;
        },
      });
      expect(suspicions(during)).toEqual([]);
      expect(during.doubts.map(({ code }) => code)).toContain('foreign-benchmark');
    } finally {
      await shell.ended;
    }
    // What the stranger may still have printed is not in the next run either.
    await exact(cellOf(4 * KIB, MIB));
  });

  it('times how long a pipe is empty, full and partly filled', async () => {
    const program = await buildProgram(bench.host, KNOWN_DWELL_TIMES, EXECNAME);
    session.begin();
    const { pid, stdout } = await bench.host.run({
      words: [program],
      environment: systemEnvironment(bench.host.machine),
      outputLimits: { stdout: 4096, stderr: 4096 },
      lingerMs: 0,
    });
    const collected = await session.collect(pid!, '2thread');
    if (collected.state === 'failed') throw new Error(collected.reason);
    const { pipe_dwell, pipe_spans } = collected.counts;
    const [empty, full, partial, all] = stdout.toString('utf8').split(' ').map(Number);
    const timed = (bits: number) =>
      pipe_dwell.filter(({ state }) => state & bits).reduce((sum, { count }) => sum + count, 0);
    // Either as on Linux, or as pipe-dwell adds it to FreeBSD's word.
    expect(timed(0x10001)).toBeGreaterThanOrEqual(empty!);
    expect(timed(0x20002)).toBeGreaterThanOrEqual(full!);
    expect(timed(0x40004)).toBeGreaterThanOrEqual(partial!);
    expect(pipe_spans).toHaveLength(1);
    expect(timed(0x70007)).toBe(pipe_spans[0]!.count);
    expect(timed(0x70007)).toBeLessThanOrEqual(all!);
  });

  it('prints every operation on the pipe in order when events are wanted', async () => {
    await session.close();
    session = await tracer.open(bench.host, {
      execnames: [EXECNAME],
      instruments: ['pipe-states'],
      ...{ events: true, options: {} },
    });
    const run = await traced(bench, session, cellOf(4 * KIB, 256 * KIB), {
      instruments: ['pipe-states'],
      events: true,
    });
    expect(suspicions(run)).toEqual([]);
    const { events, pipe_states } = run.counts;
    expect(events).toHaveLength(128);
    expect(events[0]?.atNs).toBe(0);
    const times = events.map(({ atNs }) => atNs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const { operation, state, count } of pipe_states) {
      const same = events.filter((event) => event.operation === operation && event.state === state);
      expect(same).toHaveLength(count);
    }
    for (const ipc of ['local', 'tcp'] as const) {
      const socket = await traced(bench, session, cellOf(4 * KIB, 256 * KIB, { ipc }), {
        instruments: ['pipe-states'],
        events: true,
      });
      expect(socket.doubts).toEqual([]);
      expect(socket.counts.events).toEqual([]);
    }
  });

  it('leaves no process when it is closed', async () => {
    await session.close();
    const before = descendants();
    const other = await open();
    expect(descendants().length).toBeGreaterThan(before.length);
    await other.close();
    expect(other.state).toBe('ended');
    expect(descendants()).toEqual(before);
    session = other;
  });
}
