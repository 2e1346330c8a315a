import { type BenchmarkFact, readConfiguration } from '../benchmark/output.ts';
import type { Finished, Host } from '../host/host.ts';
import { sourcesOf, systemEnvironment } from '../host/machine/sources.ts';
import { ownVersion } from '../own-version.ts';
import { OUTPUT_LIMITS } from './one-run.ts';

/**
 * A benchmark that hangs here would hang in its runs too, so there is no point in waiting longer.
 */
export const DESCRIBE_MS = 5000;
/** The first processor's part is enough. */
const CPUINFO_BYTES = 8192;

/** The machine and the tools, captured once per session. */
export interface Environment {
  /** The host as the spec names it; empty if unknown, as for an import. */
  readonly host: string;
  /** The machine's own name. */
  readonly machine: string;
  /** Undefined if unknown. */
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

export async function captureEnvironment(
  host: Host,
  now: Date,
  tracerVersion: string,
): Promise<Environment> {
  const { machine } = host;
  return {
    host: host.name,
    machine: machine.hostname,
    capturedAt: now,
    osName: machine.osName,
    osRelease: machine.osRelease,
    osVersion: machine.osVersion,
    architecture: machine.architecture,
    cpuModel: (await cpuModel(host)) ?? 'unknown',
    cpuCount: machine.processors,
    memoryBytes: machine.memoryBytes,
    load1min: (await load1min(host)) ?? 0,
    nodeVersion: process.version,
    ipcSweepVersion: ownVersion(),
    tracerVersion,
  };
}

async function cpuModel(host: Host): Promise<string | undefined> {
  const sources = sourcesOf(host);
  switch (sources.platform) {
    case 'linux': {
      const text = (await host.readFile('/proc/cpuinfo', CPUINFO_BYTES))?.toString('utf8') ?? '';
      return /^(?:model name|Model|cpu model)\s*:\s*(.+)$/m.exec(text)?.[1]?.trim();
    }
    case 'freebsd':
      return sources.ask('sysctl', ['-n', 'hw.model']);
    case 'darwin':
      return sources.ask('sysctl', ['-n', 'machdep.cpu.brand_string']);
    default:
      return undefined;
  }
}

/** The output of `uptime` ends with the three loads on all systems. */
async function load1min(host: Host): Promise<number | undefined> {
  const sources = sourcesOf(host);
  const text =
    sources.platform === 'linux'
      ? await sources.readText('/proc/loadavg')
      : /load averages?: (.*)$/.exec((await sources.ask('uptime', [])) ?? '')?.[1];
  const load = Number((text ?? '').split(/[ ,]+/)[0] || Number.NaN);
  return Number.isFinite(load) ? load : undefined;
}

/**
 * Returns what the benchmark knows about the machine. Upstream's `describe` exits with 71 if a
 * sysctl is missing; whatever it printed before that counts, and `unread` tells why it printed
 * nothing. On FreeBSD the kernel's own answers fill the gaps.
 */
export async function benchmarkFacts(
  host: Host,
  programPath: string,
  abort: AbortSignal,
): Promise<{ readonly facts: readonly BenchmarkFact[]; readonly unread: string | undefined }> {
  const described = await host.run({
    words: [programPath, '-j', 'describe'],
    environment: systemEnvironment(host.machine),
    deadlineMs: DESCRIBE_MS,
    outputLimits: OUTPUT_LIMITS,
    lingerMs: 0,
    abort,
  });
  const own = readConfiguration(described.stdout.toString('utf8'));
  const facts = new Map(own.map((fact) => [fact.key, fact]));
  if (host.machine.platform === 'freebsd') {
    const names = [
      'hw.model',
      'hw.physmem',
      'kern.ident',
      'kern.ipc.pipe_mindirect',
      'kern.ipc.maxpipekva',
    ];
    const asked = (await sourcesOf(host).ask('sysctl', ['-i', ...names])) ?? '';
    for (const line of asked.split('\n')) {
      const [key, value] = line.split(/: (.*)/);
      if (key && value !== undefined && !facts.has(key)) facts.set(key, { key, value });
    }
  }
  const { end, stdout } = described;
  const printed = stdout.toString('utf8').trim() !== '';
  const answered = end.kind === 'exited' && end.exitCode === 0 && printed;
  const unread = answered || own.length > 0 ? undefined : silence(described);
  return { facts: [...facts.values()], unread };
}

function silence({ end, stderr }: Finished): string {
  const said = stderr.toString('utf8').trim().split('\n').at(-1) || 'it printed no facts';
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
