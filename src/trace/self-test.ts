import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.ts';
import { buildProgram } from '../host/build.ts';
import type { Host } from '../host/host.ts';
import { systemEnvironment } from '../host/machine/sources.ts';
import { howItEnded } from '../host/run-small.ts';
import type { RowOf } from '../instruments/instrument.ts';
import type { PIPE_DWELL } from '../instruments/pipe-dwell/instrument.ts';
import type { PIPE_STATES } from '../instruments/pipe-states/instrument.ts';
import { pipeStateTable } from './pipe-state-bits.ts';
import type { TraceSession } from './tracer.ts';

const SOURCE = fileURLToPath(new URL('./self-test.c', import.meta.url));

/** The result of tracing a pipe whose states are known. */
export type SelfTest =
  | { readonly state: 'passed'; readonly detail: string }
  | { readonly state: 'failed'; readonly detail: string }
  | { readonly state: 'not-run'; readonly detail: string };

/**
 * Runs a program with a known pipe under a session and compares the trace with what is expected.
 * Kernels move the members that the Linux programs walk to, and a wrong offset gives wrong states
 * without an error.
 * @param execname the name that the session looks for
 * @param instruments those of the session: pipe-states or pipe-dwell is among them
 */
export async function selfTest(
  host: Host,
  session: TraceSession,
  execname: string,
  instruments: readonly string[],
): Promise<SelfTest> {
  let program: string;
  try {
    // The session looks for a name, and for a link some kernels would show the target's name.
    program = await buildProgram(host, SOURCE, execname);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { state: 'not-run', detail: error.message };
  }
  await session.begin();
  const { pid, end, stdout } = await host.run({
    words: [program],
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
  const { pipe_states: states, pipe_dwell: dwell } = collected.counts;
  const buffers = Number(stdout.toString('utf8'));
  const { platform } = host.machine;
  return instruments.includes('pipe-states')
    ? judgeStates(states, buffers, platform)
    : judgeDwell(dwell, buffers, platform);
}

/** The steps from one state to the next that filling and emptying a pipe on Linux is made of. */
const STEPS = ['0x1>0x4', '0x4>0x2', '0x2>0x4', '0x4>0x1'];

/**
 * Pure function: judges the states between which a pipe was looked at that took `buffers` buffers
 * before it was full, where only pipe-dwell was asked.
 */
export function judgeDwell(
  dwell: readonly RowOf<typeof PIPE_DWELL>[],
  buffers: number,
  platform: string,
): SelfTest {
  const hex = (state: number) => `0x${state.toString(16)}`;
  const seen = dwell.map((row) => `${hex(row.state)}>${hex(row.next_state)}`);
  const detail = `${buffers} buffers; looks found ${seen.join(' ') || 'nothing'}`;
  const changes = dwell.filter(({ state, next_state: next }) => state !== next);
  const steps = changes.map((row) => `${hex(row.state)}>${hex(row.next_state)}`);
  const right =
    platform === 'linux'
      ? steps.toSorted().join() === STEPS.toSorted().join() &&
        dwell.every(({ state }) => [1, 2, 4].includes(state))
      : dwell.length > 0 && dwell.every(({ state }) => (state & 0x800) !== 0);
  return { state: right ? 'passed' : 'failed', detail };
}

/** Pure function: judges the states of a pipe that took `buffers` buffers before it was full. */
export function judgeStates(
  states: readonly RowOf<typeof PIPE_STATES>[],
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
  const known = (pipeStateTable(platform)?.bits ?? [])
    .filter(({ onlyInDwell }) => !onlyInDwell)
    .reduce((mask, { bit }) => mask | bit, 0);
  const right =
    calls('write') > buffers &&
    calls('read') >= buffers &&
    states.every(({ state }) => (state & 0x800) !== 0 && (state & ~known) === 0);
  return { state: right ? 'passed' : 'failed', detail };
}
