import * as os from 'node:os';
import { execa } from 'execa';
import { type BenchmarkFact, readConfiguration } from '../benchmark/output.ts';
import type { Guard } from '../host/guard.ts';
import { ownVersion } from '../own-version.ts';
import { supervise } from './supervise.ts';

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
 * missing; whatever it printed before counts. The kernel's own answers fill the gaps on FreeBSD.
 */
export async function benchmarkFacts(
  programPath: string,
  setting: { readonly guard: Guard; readonly abort: AbortSignal },
): Promise<readonly BenchmarkFact[]> {
  const described = await supervise({
    path: programPath,
    args: ['-j', 'describe'],
    deadlineMs: DESCRIBE_MS,
    ...setting,
  });
  const facts = new Map(readConfiguration(described.stdout).map((fact) => [fact.key, fact]));
  if (process.platform === 'freebsd') {
    const names = [
      'hw.model',
      'hw.physmem',
      'kern.ident',
      'kern.ipc.pipe_mindirect',
      'kern.ipc.maxpipekva',
    ];
    const asked = await execa('sysctl', ['-i', ...names], { reject: false, stdin: 'ignore' });
    for (const line of asked.stdout.split('\n')) {
      const [key, value] = line.split(/: (.*)/);
      if (key && value !== undefined && !facts.has(key)) facts.set(key, { key, value });
    }
  }
  return [...facts.values()];
}
