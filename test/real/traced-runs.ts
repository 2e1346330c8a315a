import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchmarkArguments } from '../../src/benchmark/argv.ts';
import { buildBundled } from '../../src/benchmark/bundled.ts';
import type { Doubt } from '../../src/doubt.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import type { Host, Streamed } from '../../src/host/host.ts';
import { systemEnvironment } from '../../src/host/machine/sources.ts';
import type { InstrumentName } from '../../src/instruments/instruments.ts';
import { checkConservation } from '../../src/trace/check.ts';
import type { RunCounts } from '../../src/trace/counts.ts';
import type { Tracer, TraceSession } from '../../src/trace/tracer.ts';
import { type LocalHost, localHost } from '../host/local-host.ts';

export const EXECNAME = 'ipc-benchmark';
export const KIB = 1024;

/** Why a tracer's tests cannot run here; empty when they can. */
export async function hindrance(tracer: Tracer): Promise<string> {
  const { host, close } = await localHost();
  try {
    const { state, reason } = await tracer.check(host);
    return state === 'usable' ? '' : reason;
  } finally {
    await close();
  }
}

/** A host with the benchmark built, and what is started from it. */
export class Bench {
  #here: LocalHost | undefined;
  #path = '';

  async build(): Promise<void> {
    this.#here = await localHost();
    this.#path = await buildBundled(this.host);
  }

  get host(): Host {
    return this.#here!.host;
  }

  get path(): string {
    return this.#path;
  }

  command(cell: Cell, iterations = 1, rusage = false): readonly string[] {
    return [this.#path, ...benchmarkArguments(cell, { bare: true, iterations, rusage })];
  }

  /** Starts the benchmark as a sweep does: by the host's agent, in a group of its own. */
  start(command: readonly string[]): Streamed {
    const started = this.host.stream({
      words: command,
      environment: systemEnvironment(this.host.machine),
      outputLimits: { stdout: 1 << 24, stderr: 1 << 24 },
      lingerMs: 2000,
    });
    started.stdout.resume();
    started.stderr.resume();
    return started;
  }

  async remove(): Promise<void> {
    await this.#here?.close();
  }
}

export interface TracedRun {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly counts: RunCounts;
  readonly doubts: readonly Doubt[];
}

/** One traced run, with every doubt about it; throws when the tracer does not deliver. */
export async function traced(
  bench: Bench,
  session: TraceSession,
  cell: Cell,
  {
    iterations = 1,
    instruments = [] as readonly InstrumentName[],
    rusage = false,
    events = false,
    meanwhile = async (_pid: number) => {},
  } = {},
): Promise<TracedRun> {
  session.begin();
  const command = bench.command(cell, iterations, rusage);
  const started = bench.start(session.wrap?.(command) ?? command);
  let stdout = '';
  started.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const pid = (await started.pid)!;
  await meanwhile(pid);
  const { end } = await started.ended;
  const exitCode = end.kind === 'exited' ? end.exitCode : undefined;
  const collected = await session.collect(pid, cell.mode);
  if (collected.state === 'failed') throw new Error(collected.reason);
  const { counts } = collected;
  const conserved = checkConservation(counts, { cell, iterations, instruments, events });
  return { exitCode, stdout, counts, doubts: [...collected.doubts, ...conserved] };
}

/** How often each system call was made, by role: the median of several runs. */
export function medianCalls(runs: readonly RunCounts[]): Readonly<Record<string, number>> {
  const names = runs.flatMap(({ syscalls }) =>
    syscalls.map(({ role, syscall }) => `${role} ${syscall}`),
  );
  return Object.fromEntries(
    [...new Set(names)].sort().map((name) => {
      const counts = runs
        .map(({ syscalls }) => syscalls.find((row) => `${row.role} ${row.syscall}` === name))
        .map((row) => row?.count ?? 0)
        .sort((a, b) => a - b);
      return [name, counts[Math.floor(counts.length / 2)] ?? 0];
    }),
  );
}

/** Processes below this one. */
export function descendants(of = process.pid): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return [[Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0])]];
      } catch {
        return [];
      }
    }) as [number, number][];
  const below = (parent: number): number[] =>
    parents.filter(([, ppid]) => ppid === parent).flatMap(([pid]) => [pid, ...below(pid)]);
  return below(of);
}

/** The benchmark's child, as soon as there is one. */
export async function childOf(pid: number): Promise<number> {
  for (;;) {
    const [child] = descendants(pid);
    if (child !== undefined) return child;
    await sleep(2);
  }
}

/**
 * Every instrument alone, to see that its program needs no other's, and all together, to see that
 * none uses another's names. io-sizes are in all of them.
 */
export function compositions(all: readonly InstrumentName[]) {
  const optional = all.filter((name) => name !== 'io-sizes');
  return [[], ...optional.map((name) => [name]), optional].flatMap((instruments) =>
    (instruments.includes('pipe-states') ? [false, true] : [false]).map((events) => ({
      instruments,
      events,
    })),
  );
}
