import * as os from 'node:os';
import { execa } from 'execa';
import { type BenchmarkFact, readConfiguration } from '../benchmark/output.ts';
import type { Guard } from '../host/guard.ts';
import { ownVersion } from '../own-version.ts';
import { type Supervised, supervise } from './supervise.ts';

/** A benchmark that hangs at this hangs at everything; the sweep finds out soon enough. */
const DESCRIBE_MS = 5000;

/** The machine and the tools, once a session. */
export interface Environment {
  readonly host: string;
  /** Undefined: not known. */
  readonly capturedAt: Date | undefined;
  readonly osName: string;
  readonly osRelease: string;
  readonly osVersion: string;
  readonly architecture: string;
  readonly cpuModel: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly load1min: number;
  readonly nodeVersion: string;
  readonly ipcSweepVersion: string;
  /** Empty when untraced. */
  readonly tracerVersion: string;
}

export function captureEnvironment(now: Date, tracerVersion: string): Environment {
  const cpus = os.cpus();
  return {
    host: os.hostname(),
    capturedAt: now,
    osName: os.type(),
    osRelease: os.release(),
    osVersion: os.version(),
    architecture: process.arch,
    cpuModel: cpus[0]?.model.trim() ?? 'unknown',
    cpuCount: cpus.length,
    memoryBytes: os.totalmem(),
    load1min: os.loadavg()[0] ?? 0,
    nodeVersion: process.version,
    ipcSweepVersion: ownVersion(),
    tracerVersion,
  };
}

/**
 * What the benchmark knows of the machine. Upstream's `describe` ends with 71 where a sysctl is
 * missing; whatever it printed before counts, and `unread` says why it printed nothing. The kernel's own answers fill the gaps on FreeBSD.
 */
export async function benchmarkFacts(
  programPath: string,
  setting: { readonly guard: Guard; readonly abort: AbortSignal },
): Promise<{ readonly facts: readonly BenchmarkFact[]; readonly unread: string | undefined }> {
  const described = await supervise({
    path: programPath,
    args: ['-j', 'describe'],
    deadlineMs: DESCRIBE_MS,
    ...setting,
  });
  const own = readConfiguration(described.stdout);
  const facts = new Map(own.map((fact) => [fact.key, fact]));
  if (process.platform === 'freebsd') {
    const names = [
      'hw.model',
      'hw.physmem',
      'kern.ident',
      'kern.ipc.pipe_mindirect',
      'kern.ipc.maxpipekva',
    ];
    const asked = await execa('sysctl', ['-i', ...names], { reject: false, stdin: 'ignore' });
    for (const line of (asked.stdout ?? '').split('\n')) {
      const [key, value] = line.split(/: (.*)/);
      if (key && value !== undefined && !facts.has(key)) facts.set(key, { key, value });
    }
  }
  const { end, stdout } = described;
  const answered = end.kind === 'exited' && end.exitCode === 0 && stdout.trim() !== '';
  const unread = answered || own.length > 0 ? undefined : silence(described);
  return { facts: [...facts.values()], unread };
}

function silence({ end, stderrTail }: Supervised): string {
  const said = stderrTail.trim().split('\n').at(-1) || 'it printed no facts';
  switch (end.kind) {
    case 'exited':
      return end.exitCode === 0 ? said : `exit code ${end.exitCode}: ${said}`;
    case 'not-started':
      return end.reason;
    case 'timed-out':
      return `it has not ended after ${DESCRIBE_MS / 1000} s`;
    case 'signalled':
      return `ended by ${end.signal}`;
    case 'flooded':
      return `it prints without end on ${end.stream}`;
    case 'aborted':
      return 'it was interrupted';
  }
}
