import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.ts';
import { buildProgram } from '../host/build.ts';
import type { Host } from '../host/host.ts';
import { systemEnvironment } from '../host/machine/sources.ts';
import { howItEnded } from '../host/run-small.ts';
import type { PipeStateCount } from './counts.ts';
import { pipeStateTable } from './pipe-state-bits.ts';
import type { TraceSession } from './tracer.ts';

const LARGEST_PROGRAM = 16 * 1024 * 1024;
const SOURCE = fileURLToPath(new URL('./self-test.c', import.meta.url));

/** What reading a pipe whose states are known has shown. */
export type SelfTest =
  | { readonly state: 'passed'; readonly detail: string }
  | { readonly state: 'failed'; readonly detail: string }
  | { readonly state: 'not-run'; readonly detail: string };

/**
 * Runs a program with a known pipe under a session and compares what was traced. Kernels move the
 * members that the Linux programs walk to, and a wrong offset gives wrong states without an error.
 * @param execname the name that the session looks for
 */
export async function selfTest(
  host: Host,
  session: TraceSession,
  execname: string,
): Promise<SelfTest> {
  let program: string;
  try {
    program = await buildProgram(host, SOURCE, 'pipe-self-test');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { state: 'not-run', detail: error.message };
  }
  const content = await host.readFile(program, LARGEST_PROGRAM);
  if (content === undefined) return { state: 'not-run', detail: `cannot read ${program}` };
  // A copy: a link would show its target's name on some kernels.
  const named = await host.send(execname, content, 0o700);
  try {
    session.begin();
    const { pid, end, stdout } = await host.run({
      words: [named],
      environment: systemEnvironment(host.machine),
      deadlineMs: 10_000,
      outputLimits: { stdout: 4096, stderr: 4096 },
      lingerMs: 0,
    });
    if (pid === undefined || end.kind !== 'exited' || end.exitCode !== 0) {
      return { state: 'not-run', detail: `the program failed: ${howItEnded(end)}` };
    }
    const collected = await session.collect(pid, '2thread');
    if (collected.state === 'failed') return { state: 'failed', detail: collected.reason };
    const buffers = Number(stdout.toString('utf8'));
    return judge(collected.counts.pipeStates, buffers, host.machine.platform);
  } finally {
    await host.discard(named);
  }
}

/** Pure: the states of a pipe that took `buffers` buffers before it was full. */
export function judge(
  states: readonly PipeStateCount[],
  buffers: number,
  platform: string,
): SelfTest {
  const seen = (operation: string) =>
    states
      .filter((row) => row.operation === operation)
      .map(({ state, count }) => ({ state, count }));
  const show = (rows: readonly { state: number; count: number }[]) =>
    rows.map(({ state, count }) => `0x${state.toString(16)}:${count}`).join(' ') || 'nothing';
  const detail = `${buffers} buffers; writes found ${show(seen('write'))}, reads ${show(seen('read'))}`;
  const calls = (operation: string) => seen(operation).reduce((sum, row) => sum + row.count, 0);
  if (platform === 'linux') {
    const expected = new Map([
      [1, 1],
      [2, 1],
      [4, buffers - 1],
    ]);
    const right = ['write', 'read'].every(
      (operation) =>
        calls(operation) === buffers + 1 &&
        seen(operation).every(({ state, count }) => expected.get(state) === count),
    );
    return { state: right ? 'passed' : 'failed', detail };
  }
  const known = (pipeStateTable(platform)?.bits ?? []).reduce((mask, { bit }) => mask | bit, 0);
  const right =
    calls('write') > buffers &&
    calls('read') >= buffers &&
    states.every(({ state }) => (state & 0x800) !== 0 && (state & ~known) === 0);
  return { state: right ? 'passed' : 'failed', detail };
}
