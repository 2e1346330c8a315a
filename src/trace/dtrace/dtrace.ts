import type { Host } from '../../host/host.ts';
import { systemCallNames } from '../../host/kernel/linux-syscalls.ts';
import { systemEnvironment } from '../../host/machine/sources.ts';
import { OWN_PRIVILEGE, type Privilege, tracingHost } from '../../host/privilege.ts';
import { runSmall } from '../../host/run-small.ts';
import type { TracerOnPlatform } from '../../instruments/instrument.ts';
import {
  askedAmong,
  hasEventsAt,
  instrumentsAt,
  programsAt,
} from '../../instruments/instruments.ts';
import { composeProgram, fill, type TraceProgram } from '../compose.ts';
import { inPrivateMounts, missingMounts } from '../kernel-mounts.ts';
import { withoutRoot } from '../root.ts';
import { ProcessSession } from '../session/process-session.ts';
import { startTracer } from '../session/start-tracer.ts';
import { namedOptions } from '../spec-options.ts';
import type { Availability, ProgramMachine, TraceCost, TraceRequest, Tracer } from '../tracer.ts';
import { dtraceFragments } from '../user-scripts/riding/dtrace-fragments.ts';
import { dtraceRiding } from '../user-scripts/riding/dtrace-riding.ts';
import { dtraceLines } from './dtrace-lines.ts';
import { readDtraceStderr } from './dtrace-stderr.ts';

/** The differences between the kernels that have DTrace. Files are below programs/. */
interface Platform {
  readonly session: string;
  readonly channel: string;
  /** The place by which the instruments name their programs for it. */
  readonly place: TracerOnPlatform;
  readonly sessionEnd: string;
  /** The number of characters of a program's name that the kernel keeps. */
  readonly execnameLength: number;
  /** `-x` options; the spec's own come after them. */
  readonly options: Readonly<Record<string, string>>;
  /** True if the program prints when asked by getpriority(2); false if it prints on ticks. */
  readonly asked: boolean;
  readonly cost: TraceCost;
}

/**
 * Snapshots and buffers are fetched often enough to get a run's counts in about 20 ms. Drops are
 * looked up as often, and first, so counts are never printed before their drops.
 */
const RATES = { switchrate: '100hz', aggrate: '100hz', statusrate: '100hz' } as const;

const TICKS = {
  session: 'dtrace-ticks/session.d',
  sessionEnd: 'dtrace-ticks/session-end.d',
  asked: false,
  // These are FreeBSD's; five ticks at 50 Hz print a run's counts.
  cost: {
    attachSeconds: 4,
    detachSeconds: 3,
    runSeconds: 0.1,
    messageSeconds: 15e-6,
    scriptSeconds: 9,
  },
} as const;

const PLATFORMS: Partial<Record<NodeJS.Platform, Platform>> = {
  freebsd: {
    ...TICKS,
    place: 'dtrace-freebsd',
    channel: 'dtrace-freebsd/channel.d',
    execnameLength: 19,
    // After each snapshot, the aggregation buffer's hash table (an eighth of the buffer) is cleared
    // inside a probe on the benchmark's processor, so the buffer is small. Up to 13.2, dynamic
    // variables are divided among 256 processors, present or not, so their space is large.
    options: { ...RATES, bufsize: '1m', aggsize: '512k', dynvarsize: '16m' },
  },
  linux: {
    session: 'dtrace-linux/session.d',
    place: 'dtrace-linux',
    channel: 'dtrace-linux/channel.d',
    sessionEnd: 'dtrace-linux/session-end.d',
    execnameLength: 15,
    options: { ...RATES, dynvarsize: '4m' },
    asked: true,
    cost: {
      attachSeconds: 0.9,
      detachSeconds: 1,
      runSeconds: 0.028,
      messageSeconds: 15e-6,
      scriptSeconds: 2.2,
    },
  },
  darwin: {
    ...TICKS,
    place: 'dtrace-macos',
    channel: 'dtrace-macos/channel.d',
    execnameLength: 15,
    options: { ...RATES, dynvarsize: '4m' },
  },
  sunos: {
    ...TICKS,
    place: 'dtrace-illumos',
    channel: 'dtrace-illumos/channel.d',
    execnameLength: 15,
    options: { ...RATES, dynvarsize: '4m' },
  },
};

/** How many ticks (50 Hz) the instruments print on after a run; after them, once a second. */
const FLUSHES = 5;

export const dtrace: Tracer = {
  name: 'dtrace',
  needsRoot: true,
  scripts: '.d',
  eventsOn: (platform) => hasEventsAt(systemOf(platform).place),
  options: true,
  instrumentsOn: (platform) => instrumentsAt(systemOf(platform).place),
  costOn: (platform) => systemOf(platform).cost,
  check,
  program: programFor,
  async open(host, request, privilege = OWN_PRIVILEGE) {
    const { machine } = host;
    const system = systemOf(machine.platform);
    const root = tracingHost(host, privilege);
    const source = fill(programFor(machine, request).source, { launcher: machine.agentPid });
    const file = await root.send('session.d', Buffer.from(source));
    try {
      const own = askedAmong(request.instruments).map(({ dtraceOptions }) => dtraceOptions);
      const options = Object.assign({}, system.options, ...own, request.options);
      const settings = Object.entries(options).flatMap(([name, value]) => [
        '-x',
        `${name}=${value}`,
      ]);
      const command = await inPrivateMounts(root, ['dtrace', '-q', ...settings, '-s', file]);
      const tracer = startTracer(root, command, systemEnvironment(root.machine));
      return await ProcessSession.attach(tracer, {
        tracer: 'dtrace',
        readLine: dtraceLines(
          systemCallNames(machine.platform === 'linux' ? machine.architecture : ''),
        ),
        readStderr: readDtraceStderr,
        readyMs: 180_000,
        endMs: 20_000,
        ownOptions: namedOptions(request.options),
        ...(request.riding?.length ? { riding: await dtraceRiding(host, request, source) } : {}),
        // On Linux the program prints when the launcher calls getpriority(2) for a pid.
        ...(system.asked
          ? {
              ask: (pid: number) => host.ask(pid),
              isThere: (pid: number) => isThere(host, pid),
            }
          : { printsExits: true, marksEvents: request.events && hasEventsAt(system.place) }),
      });
    } finally {
      await root.discard(file);
    }
  },
};

/** Returns the program for a machine; one without its own gets FreeBSD's, just to look at. */
function programFor({ platform }: ProgramMachine, request: TraceRequest): TraceProgram {
  return composeFor(systemOf(platform), request);
}

function systemOf(platform: NodeJS.Platform): Platform {
  return PLATFORMS[platform] ?? PLATFORMS.freebsd!;
}

/** A process that has ended may stay if nobody waits for it, but it makes no more calls. */
async function isThere(host: Host, pid: number): Promise<boolean> {
  const stat = (await host.readFile(`/proc/${pid}/stat`))?.toString('utf8');
  return stat !== undefined && !/^\d+ \(.*\) [ZX] /s.test(stat);
}

function composeFor(system: Platform, request: TraceRequest): TraceProgram {
  const ours = (file: string) => `trace/programs/${file}`;
  const { before, after } = dtraceFragments(request.riding ?? [], system.asked ? 'asked' : 'ticks');
  const files = [
    ours(system.session),
    ...before,
    ours(system.channel),
    ...programsAt(system.place, request).map((file) => `instruments/${file}`),
    ...after,
    ours(system.sessionEnd),
  ];
  return composeProgram(files, {
    execname: request.execnames.map((name) => name.slice(0, system.execnameLength)),
    flushes: FLUSHES,
  });
}

async function check(host: Host, privilege: Privilege = OWN_PRIVILEGE): Promise<Availability> {
  const { platform } = host.machine;
  const root = tracingHost(host, privilege);
  const unusable = (reason: string, mend: string, version?: string): Availability => ({
    state: 'unusable',
    version,
    reason,
    mend,
  });
  const said = await runSmall(host, { words: ['dtrace', '-V'] });
  // SystemTap has another program of this name, which does not know -V.
  const version = /\b(?:Sun|Oracle) D [\d.]+/.exec(`${said.stdout}\n${said.stderr}`)?.[0];
  if (version === undefined) {
    return unusable(
      'dtrace is not installed',
      platform === 'linux'
        ? 'install Oracle DTrace: https://github.com/oracle/dtrace-utils (a package of Oracle Linux alone)'
        : 'it is part of FreeBSD, macOS and illumos; other systems have none',
    );
  }
  if (!PLATFORMS[platform]) {
    return unusable(`there is no program for ${platform} yet`, 'please report it', version);
  }
  const without = withoutRoot('dtrace', host, privilege);
  if (without) return unusable(without.reason, without.mend, version);
  if (platform === 'freebsd') {
    // The device may exist without the providers: dtrace.ko alone creates it.
    const loaded = await runSmall(root, { words: ['kldload', '-n', 'dtraceall'] });
    if (!loaded.ok && (await root.stat('/dev/dtrace/dtrace')) === undefined) {
      return unusable(
        `the kernel module dtraceall cannot be loaded: ${loaded.stderr || loaded.reason}`,
        'kldload dtraceall (at securelevel 1 and above: dtraceall_load="YES" in /boot/loader.conf)',
        version,
      );
    }
  }
  const missing = await missingMounts(root);
  if (missing.some(({ possible }) => !possible)) {
    return unusable('the kernel has no tracefs', 'boot a kernel with CONFIG_FTRACE=y', version);
  }
  return { state: 'usable', version, reason: '', mend: '' };
}
