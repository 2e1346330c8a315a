import { existsSync } from 'node:fs';
import { execa } from 'execa';
import type { InstrumentName } from '../../experiment/trace-schema.ts';
import { OWN_PRIVILEGE, type Privilege } from '../../host/sudo.ts';
import { composeProgram, fill, type TraceProgram } from '../compose.ts';
import { inPrivateMounts, missingMounts } from '../kernel-mounts.ts';
import { readWriteNumbers, systemCallNames } from '../linux-syscalls.ts';
import { withoutRoot } from '../root.ts';
import { ProcessSession } from '../session/process-session.ts';
import { startTracer } from '../session/start-tracer.ts';
import type { Availability, TraceRequest, Tracer } from '../tracer.ts';
import { bpftraceLines } from './bpftrace-lines.ts';
import { readBpftraceStderr } from './bpftrace-stderr.ts';

/** The kernel shows 15 characters of a program's name. */
const COMM_LENGTH = 15;

/** Io-sizes are always asked for: the checks need them. */
const FRAGMENTS: Readonly<Record<InstrumentName, string>> = {
  syscalls: 'syscalls.bt',
  'pipe-states': 'pipe-states.bt',
  'context-switches': 'context-switches.bt',
  'io-latency': 'io-latency.bt',
  'io-sizes': 'io-sizes.bt',
};

export const bpftrace: Tracer = {
  name: 'bpftrace',
  instruments: Object.keys(FRAGMENTS) as InstrumentName[],
  events: true,
  options: false,
  check,
  program: programFor,
  async open(request, guard, privilege) {
    const numbers = readWriteNumbers(process.arch);
    const program = programFor(request);
    const source = fill(program.source, { launcher: process.pid });
    const words = ['bpftrace', '-f', 'json', '-B', 'line', '-e', source];
    const environment = {
      PATH: process.env.PATH ?? '',
      LC_ALL: 'C',
      BPFTRACE_MAP_KEYS_MAX: '16384',
      // 4 MiB for each processor instead of 256 KiB: events come faster than they are read.
      ...(request.events ? { BPFTRACE_PERF_RB_PAGES: '1024' } : {}),
    };
    const tracer = startTracer(inPrivateMounts(words), environment, guard, privilege);
    return ProcessSession.attach(tracer, {
      tracer: 'bpftrace',
      guard,
      readLine: bpftraceLines({
        names: systemCallNames(process.arch),
        readNumber: numbers?.read ?? -1,
        writeNumber: numbers?.write ?? -1,
      }),
      readStderr: readBpftraceStderr,
      readyMs: 60_000,
      endMs: 10_000,
    });
  },
};

function programFor(request: TraceRequest): TraceProgram {
  const numbers = readWriteNumbers(process.arch);
  const wanted = (Object.keys(FRAGMENTS) as InstrumentName[]).filter(
    (name) => name === 'io-sizes' || request.instruments.includes(name),
  );
  const fragments = wanted.flatMap((name) => [
    FRAGMENTS[name],
    ...(name === 'pipe-states' && request.events ? ['events.bt'] : []),
  ]);
  const files = ['session.bt', 'channel.bt', ...fragments, 'session-end.bt'];
  return composeProgram(
    files.map((file) => `bpftrace/${file}`),
    {
      execname: request.execname.slice(0, COMM_LENGTH),
      read: numbers?.read ?? -1,
      write: numbers?.write ?? -1,
    },
  );
}

async function check(privilege: Privilege = OWN_PRIVILEGE): Promise<Availability> {
  const unusable = (reason: string, mend: string, version?: string): Availability => ({
    state: 'unusable',
    version,
    reason,
    mend,
  });
  if (process.platform !== 'linux') {
    return unusable('bpftrace exists for Linux only', 'use dtrace on this system');
  }
  const found = await execa('bpftrace', ['--version'], { reject: false, stdin: 'ignore' });
  if (found.failed) {
    return unusable(
      'bpftrace is not installed',
      'install it: apt-get install bpftrace (Debian, Ubuntu), dnf install bpftrace, apk add bpftrace',
    );
  }
  const version = found.stdout.trim().replace(/^bpftrace /, '');
  if (!readWriteNumbers(process.arch)) {
    return unusable(`no system-call table for ${process.arch}`, 'please report it', version);
  }
  const without = withoutRoot('bpftrace', privilege);
  if (without) return unusable(without.reason, without.mend, version);
  if (!existsSync('/sys/kernel/btf/vmlinux')) {
    return unusable(
      'the kernel has no BTF (/sys/kernel/btf/vmlinux), which the pipe walk needs',
      'boot a kernel built with CONFIG_DEBUG_INFO_BTF=y (every current distribution kernel is)',
      version,
    );
  }
  if (missingMounts().some(({ type, possible }) => type === 'tracefs' && !possible)) {
    return unusable('the kernel has no tracefs', 'boot a kernel with CONFIG_FTRACE=y', version);
  }
  return { state: 'usable', version, reason: '', mend: '' };
}
