import type { Host } from '../../host/host.ts';
import {
  OTHER_CALLS,
  readWriteNumbers,
  systemCallNames,
  systemCallNumbers,
} from '../../host/kernel/linux-syscalls.ts';
import { systemEnvironment } from '../../host/machine/sources.ts';
import { installCommand, systemOf } from '../../host/packages.ts';
import { OWN_PRIVILEGE, type Privilege, tracingHost } from '../../host/privilege.ts';
import { runSmall } from '../../host/run-small.ts';
import { askedAmong, instrumentsAt, programsAt } from '../../instruments/instruments.ts';
import { composeProgram, fill, type TraceProgram } from '../compose.ts';
import { inPrivateMounts, missingMounts } from '../kernel-mounts.ts';
import { withoutRoot } from '../root.ts';
import { ProcessSession } from '../session/process-session.ts';
import { startTracer } from '../session/start-tracer.ts';
import type { Availability, ProgramMachine, TraceRequest, Tracer } from '../tracer.ts';
import { bpftraceFragments } from '../user-scripts/riding/bpftrace-fragments.ts';
import { bpftraceRiding } from '../user-scripts/riding/bpftrace-riding.ts';
import { bpftraceLines, MAP_KEYS } from './bpftrace-lines.ts';
import { readBpftraceStderr } from './bpftrace-stderr.ts';

/** The kernel shows only 15 characters of a program's name. */
const COMM_LENGTH = 15;

export const bpftrace: Tracer = {
  name: 'bpftrace',
  needsRoot: true,
  scripts: '.bt',
  eventsOn: () => true,
  options: false,
  instrumentsOn: () => instrumentsAt('bpftrace'),
  costOn: () => ({
    attachSeconds: 1,
    detachSeconds: 0.3,
    runSeconds: 0.002,
    messageSeconds: 8e-6,
    scriptSeconds: 1.2,
  }),
  check,
  program: programFor,
  async open(host, request, privilege = OWN_PRIVILEGE) {
    const { architecture, agentPid } = host.machine;
    const numbers = readWriteNumbers(architecture);
    const { riding = [] } = request;
    const program = programFor(host.machine, request);
    const source = fill(program.source, { launcher: agentPid });
    const root = tracingHost(host, privilege);
    const reporting = reportingOptions(await installedVersion(host));
    const words = ['bpftrace', ...reporting, '-f', 'json', '-B', 'line', '-e', source];
    const environment = {
      ...systemEnvironment(root.machine),
      BPFTRACE_MAP_KEYS_MAX: String(MAP_KEYS),
      // Use 4 MiB per processor instead of 256 KiB: events come faster than they are read.
      ...(request.events || riding.some(({ prints }) => prints)
        ? { BPFTRACE_PERF_RB_PAGES: '1024' }
        : {}),
    };
    const tracer = startTracer(root, await inPrivateMounts(root, words), environment);
    return ProcessSession.attach(tracer, {
      tracer: 'bpftrace',
      readLine: bpftraceLines({
        names: systemCallNames(architecture),
        readNumber: numbers?.read ?? -1,
        writeNumber: numbers?.write ?? -1,
      }),
      readStderr: readBpftraceStderr,
      runningTotals: true,
      printsExits: true,
      ...(isAskedAtEnd(request) ? { askAtEnd: (pid: number) => host.ask(pid) } : {}),
      ...(riding.length > 0 ? { riding: await bpftraceRiding(host, request, source) } : {}),
      readyMs: riding.length > 0 ? 180_000 : 60_000,
      endMs: 10_000,
    });
  },
};

function programFor({ architecture }: ProgramMachine, request: TraceRequest): TraceProgram {
  const numbers = readWriteNumbers(architecture);
  const { before, after } = bpftraceFragments(request.riding ?? []);
  const files = [
    'trace/programs/bpftrace/session.bt',
    ...before,
    'trace/programs/bpftrace/channel.bt',
    ...programsAt('bpftrace', request).map((file) => `instruments/${file}`),
    ...(isAskedAtEnd(request) ? ['trace/programs/bpftrace/session-answer.bt'] : []),
    'trace/programs/bpftrace/session-end.bt',
    ...after,
  ];
  return composeProgram(files, {
    execname: request.execnames.map((name) => name.slice(0, COMM_LENGTH)),
    read: numbers?.read ?? -1,
    write: numbers?.write ?? -1,
    program_counter: architecture === 'x64' ? 'ip' : 'pc',
    ...systemCallNumbers(architecture, [...OTHER_CALLS, 'getpriority']),
  });
}

/** Whether the session prints once more when the launcher has waited for the root. */
function isAskedAtEnd({ instruments }: TraceRequest): boolean {
  return askedAmong(instruments).some(({ printsWhenAsked }) => printsWhenAsked);
}

/**
 * Returns the options that make bpftrace report what finds no room in a map. From 0.23 on it does
 * so by itself, and -k also reports every look-up of a key that is not there.
 */
export function reportingOptions(version: string | undefined): readonly string[] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return Number(major) === 0 && Number(minor) < 23 ? ['-k'] : [];
}

/** Returns the installed version, or undefined when there is none. */
async function installedVersion(host: Host): Promise<string | undefined> {
  const found = await runSmall(host, { words: ['bpftrace', '--version'] });
  return found.ok ? versionIn(found.stdout) : undefined;
}

function versionIn(said: string): string {
  return said.trim().replace(/^bpftrace /, '');
}

async function check(host: Host, privilege: Privilege = OWN_PRIVILEGE): Promise<Availability> {
  const { platform, architecture } = host.machine;
  const unusable = (reason: string, mend: string, version?: string): Availability => ({
    state: 'unusable',
    version,
    reason,
    mend,
  });
  if (platform !== 'linux') {
    return unusable('bpftrace exists for Linux only', 'use dtrace on this system');
  }
  const found = await runSmall(host, { words: ['bpftrace', '--version'] });
  if (!found.ok) {
    const absent = found.end.kind === 'not-started' && found.end.code === 'ENOENT';
    if (!absent) {
      const why = found.stderr.split('\n')[0] || found.reason;
      return unusable(`\`bpftrace --version\` fails: ${why}`, 'mend its installation');
    }
    const command = installCommand('bpftrace', await systemOf(host));
    return unusable('bpftrace is not installed', `install it: ${command}`);
  }
  const version = versionIn(found.stdout);
  if (!readWriteNumbers(architecture)) {
    return unusable(`no system-call table for ${architecture}`, 'please report it', version);
  }
  const without = withoutRoot('bpftrace', host, privilege);
  if (without) return unusable(without.reason, without.mend, version);
  if ((await host.stat('/sys/kernel/btf/vmlinux')) === undefined) {
    return unusable(
      'the kernel has no BTF (/sys/kernel/btf/vmlinux), which the pipe walk needs',
      'boot a kernel built with CONFIG_DEBUG_INFO_BTF=y (every current distribution kernel is)',
      version,
    );
  }
  const missing = await missingMounts(tracingHost(host, privilege));
  if (missing.some(({ type, possible }) => type === 'tracefs' && !possible)) {
    return unusable('the kernel has no tracefs', 'boot a kernel with CONFIG_FTRACE=y', version);
  }
  return { state: 'usable', version, reason: '', mend: '' };
}
