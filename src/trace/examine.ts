import type { Host } from '../host/host.ts';
import { type Privilege, tracingHost } from '../host/privilege.ts';
import { runSmall } from '../host/run-small.ts';
import type { InstrumentName } from '../instruments/instruments.ts';
import { inPrivateMounts } from './kernel-mounts.ts';
import { type SelfTest, selfTest } from './self-test.ts';
import type { Tracer } from './tracer.ts';

/** The facts that `doctor` finds out about a usable tracer. */
export interface Examination {
  /** The number of probes of each provider in use; empty for a tracer without providers. */
  readonly providers: readonly { readonly name: string; readonly probes: number }[];
  /** The kernel modules that matter, and whether they are loaded (FreeBSD). */
  readonly modules: readonly { readonly name: string; readonly loaded: boolean }[];
  readonly instruments: readonly InstrumentName[];
  readonly selfTest: SelfTest;
}

const PROVIDERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['syscall', 'rawtp', 'proc', 'sched', 'profile', 'fbt'],
};
const EVERYWHERE = ['syscall', 'fbt', 'proc', 'sched', 'profile'];

/** Really attaches the tracer, and runs the bundled self-test under it. Takes seconds. */
export async function examine(
  host: Host,
  tracer: Tracer,
  privilege: Privilege,
): Promise<Examination> {
  const { platform } = host.machine;
  const dtrace = tracer.name === 'dtrace';
  const root = tracingHost(host, privilege);
  return {
    providers: dtrace ? await providersOf(root, PROVIDERS[platform] ?? EVERYWHERE) : [],
    modules: dtrace && platform === 'freebsd' ? await modulesOf(root, ['dtraceall', 'fbt']) : [],
    instruments: tracer.instrumentsOn(platform),
    selfTest: await testPipeWalk(host, tracer, privilege),
  };
}

async function testPipeWalk(host: Host, tracer: Tracer, privilege: Privilege): Promise<SelfTest> {
  if (!tracer.instrumentsOn(host.machine.platform).includes('pipe-states')) {
    return { state: 'not-run', detail: `${tracer.name} cannot see pipe states` };
  }
  const execname = 'ipc-benchmark';
  const instruments: readonly InstrumentName[] = ['syscalls', 'pipe-states'];
  try {
    const request = { execnames: [execname], instruments, events: false, options: {} };
    const session = await tracer.open(host, request, privilege);
    try {
      return await selfTest(host, session, execname, instruments);
    } finally {
      await session.close();
    }
  } catch (error) {
    return { state: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

async function providersOf(
  root: Host,
  names: readonly string[],
): Promise<Examination['providers']> {
  const counts = [];
  for (const name of names) {
    // On Linux, exit status 0 with an error on stderr means that there are none.
    const words = await inPrivateMounts(root, ['dtrace', '-l', '-P', name]);
    const listed = await runSmall(root, { words });
    const probes = listed.stdout.split('\n').filter((line) => /^ *\d+ /.test(line)).length;
    counts.push({ name, probes });
  }
  return counts;
}

async function modulesOf(root: Host, names: readonly string[]): Promise<Examination['modules']> {
  const states = [];
  for (const name of names) {
    const asked = await runSmall(root, { words: ['kldstat', '-q', '-m', name] });
    const file = await runSmall(root, { words: ['kldstat', '-q', '-n', name] });
    states.push({ name, loaded: asked.ok || file.ok });
  }
  return states;
}
