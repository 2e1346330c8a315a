import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runSmall } from '../../src/host/run-small.ts';
import type { InstrumentName } from '../../src/instruments/instruments.ts';
import { bpftrace } from '../../src/trace/bpftrace/bpftrace.ts';
import { fill } from '../../src/trace/compose.ts';
import { inPrivateMounts } from '../../src/trace/kernel-mounts.ts';
import { strace } from '../../src/trace/strace/strace.ts';
import type { TraceSession } from '../../src/trace/tracer.ts';
import { localHost } from '../host/local-host.ts';
import { cellOf } from '../trace/recording.ts';
import { sessionFacts } from './session-facts.ts';
import { Bench, childOf, compositions, EXECNAME, hindrance, traced } from './traced-runs.ts';

const required = process.env.IPC_SWEEP_REQUIRE_REAL === '1';
const without = { bpftrace: await hindrance(bpftrace), strace: await hindrance(strace) };

if (required) {
  it.each(['bpftrace', 'strace'] as const)('a usable %s is found on this machine', (name) => {
    expect(without[name]).toBe('');
  });
}

const MIB = 1024 * 1024;

/** Sends a signal. @returns false if the process has ended */
function wasSent(signal: NodeJS.Signals, pid: number): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Does something in a session of bpftrace with these instruments. */
async function inSession(
  instruments: readonly InstrumentName[],
  use: (bench: Bench, session: TraceSession) => Promise<void>,
): Promise<void> {
  const bench = new Bench();
  await bench.build();
  const request = { execnames: [EXECNAME], instruments, events: false, options: {} };
  const session = await bpftrace.open(bench.host, request);
  try {
    await use(bench, session);
  } finally {
    await session.close();
    await bench.remove();
  }
}

describe.skipIf(without.bpftrace)(`bpftrace ${without.bpftrace}`, async () => {
  await sessionFacts(bpftrace);

  it('counts a call of more than two seconds in its own bucket', async () => {
    await inSession(['io-latency'], async (bench, session) => {
      const run = await traced(bench, session, cellOf(4096, 256 * MIB), {
        meanwhile: async (pid) => {
          const child = await childOf(pid);
          process.kill(child, 'SIGSTOP');
          // On a busy machine the reader may come to the empty pipe late.
          await sleep(4000);
          process.kill(child, 'SIGCONT');
        },
      });
      const slow = run.counts.io_latencies.filter(({ from_ns }) => from_ns >= 2 ** 31);
      expect(slow).toMatchObject([{ operation: 'read', count: 1 }]);
    });
  });

  it('finds the pipe functions of the kernel on the stacks of readers and writers', async () => {
    await inSession(['profile'], async (bench, session) => {
      const stacks = { receiver: [] as string[], sender: [] as string[] };
      const found = () =>
        stacks.receiver.some((stack) => /;vfs_read;\w*pipe_read(;|$)/.test(stack)) &&
        stacks.sender.some((stack) => /;vfs_write;\w*pipe_write(;|$)/.test(stack));
      // Nobody knows how many samples fall on a short run.
      while (!found()) {
        const run = await traced(bench, session, cellOf(4096, 16 * MIB));
        expect(run.doubts.filter(({ suspect }) => suspect)).toEqual([]);
        for (const { role, stack } of run.counts.profile) {
          if (role !== 'both') stacks[role].push(stack);
        }
      }
      // The outermost function comes first, and no addresses are left.
      const all = [...stacks.receiver, ...stacks.sender];
      expect(all.filter((stack) => /\+\d|0x/.test(stack))).toEqual([]);
      expect(all.join('\n')).toMatch(/^entry_SYSCALL\w*;do_syscall\w*;ksys_read;vfs_read;/m);
    });
  });

  it('takes no samples of other processes, or of a benchmark that sleeps', async () => {
    await inSession(['profile'], async (bench, session) => {
      let samples: number | undefined;
      // So short a run may have ended before it can be stopped.
      while (samples === undefined) {
        let stopped = false;
        const run = await traced(bench, session, cellOf(4096, MIB), {
          meanwhile: async (pid) => {
            stopped = wasSent('SIGSTOP', pid);
            if (!stopped) return;
            await sleep(1000);
            wasSent('SIGCONT', pid);
          },
        });
        if (!stopped) continue;
        samples = run.counts.profile.reduce((sum, { count }) => sum + count, 0);
      }
      expect(samples).toBeLessThan(500);
    });
  });

  it.each([
    ['syscalls', '@syscalls', 5000],
    // Of each child there is one key at least, and the map has room for 16384.
    ['context-switches', '@context_switches', 17_000],
  ] as const)(
    'suspects a run with more %s than fit into the map %s',
    async (instrument, map, iterations) => {
      await inSession([instrument], async (bench, session) => {
        const full = await traced(bench, session, cellOf(4096, 4096), { iterations });
        expect(full.doubts).toContainEqual({
          code: 'tracer-dropped',
          message: expect.stringContaining(`the map ${map} was full`),
          suspect: true,
        });
        const next = await traced(bench, session, cellOf(4096, MIB), { iterations: 5 });
        expect(next.doubts).toEqual([]);
      });
    },
  );

  it('accepts every composition of instruments', async () => {
    const { host, close } = await localHost();
    for (const { instruments, events } of compositions(bpftrace.instrumentsOn('linux'))) {
      const request = { execnames: [EXECNAME], instruments, events, options: {} };
      const { source } = bpftrace.program(host.machine, request);
      const program = fill(source, { launcher: process.pid });
      // -d: compile, print the syntax tree, and attach nothing.
      const words = await inPrivateMounts(host, ['bpftrace', '-d', '-e', program]);
      const { ok, stderr } = await runSmall(host, { words });
      expect(ok, `${instruments.join(' ')} events ${events}: ${stderr}`).toBe(true);
    }
    await close();
  });
});
