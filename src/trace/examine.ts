import { execa } from 'execa';
import type { InstrumentName } from '../experiment/trace-schema.ts';
import { NO_GUARD } from '../host/guard.ts';
import { type Privilege, runAsRoot } from '../host/sudo.ts';
import { inPrivateMounts } from './kernel-mounts.ts';
import { type SelfTest, selfTest } from './self-test.ts';
import type { Tracer } from './tracer.ts';
import { tracerEnvironment } from './tracer-environment.ts';

/** What `doctor` finds out about a tracer that can be used. */
export interface Examination {
  /** Probes of each provider that the programs use; empty for a tracer without providers. */
  readonly providers: readonly { readonly name: string; readonly probes: number }[];
  /** Kernel modules that matter, and whether they are loaded (FreeBSD). */
  readonly modules: readonly { readonly name: string; readonly loaded: boolean }[];
  readonly instruments: readonly InstrumentName[];
  readonly selfTest: SelfTest;
}

const PROVIDERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['syscall', 'rawtp', 'proc', 'sched', 'profile', 'fbt'],
};
const EVERYWHERE = ['syscall', 'fbt', 'proc', 'sched', 'profile'];

/** Attaches the tracer for real, with the bundled self-test under it. Takes seconds. */
export async function examine(
  tracer: Tracer,
  cacheDir: string,
  privilege: Privilege,
): Promise<Examination> {
  const dtrace = tracer.name === 'dtrace';
  return {
    providers: dtrace
      ? await providersOf(PROVIDERS[process.platform] ?? EVERYWHERE, privilege)
      : [],
    modules: dtrace && process.platform === 'freebsd' ? await modulesOf(['dtraceall', 'fbt']) : [],
    instruments: tracer.instruments,
    selfTest: await testPipeWalk(tracer, cacheDir, privilege),
  };
}

async function testPipeWalk(
  tracer: Tracer,
  cacheDir: string,
  privilege: Privilege,
): Promise<SelfTest> {
  if (!tracer.instruments.includes('pipe-states')) {
    return { state: 'not-run', detail: `${tracer.name} cannot see pipe states` };
  }
  const execname = 'ipc-benchmark';
  const instruments: readonly InstrumentName[] = ['syscalls', 'pipe-states'];
  try {
    const session = await tracer.open(
      { execname, instruments, events: false, options: {} },
      NO_GUARD,
      privilege,
    );
    try {
      return await selfTest(session, execname, cacheDir);
    } finally {
      await session.close();
    }
  } catch (error) {
    return { state: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

async function providersOf(
  names: readonly string[],
  privilege: Privilege,
): Promise<Examination['providers']> {
  const counts = [];
  for (const name of names) {
    // Exit status 0 and an error on stderr is how Linux says that there are none.
    const command = inPrivateMounts(['dtrace', '-l', '-P', name]);
    const listed = await runAsRoot(command, tracerEnvironment(), privilege);
    const probes = listed.stdout.split('\n').filter((line) => /^ *\d+ /.test(line)).length;
    counts.push({ name, probes });
  }
  return counts;
}

async function modulesOf(names: readonly string[]): Promise<Examination['modules']> {
  const states = [];
  for (const name of names) {
    const options = {
      reject: false,
      stdin: 'ignore',
      extendEnv: false,
      env: tracerEnvironment(),
    } as const;
    const asked = await execa('kldstat', ['-q', '-m', name], options);
    const file = await execa('kldstat', ['-q', '-n', name], options);
    states.push({ name, loaded: !asked.failed || !file.failed });
  }
  return states;
}
