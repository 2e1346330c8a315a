import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import type { Host } from '../../../src/host/host.ts';
import { ProcessSession, type Riding } from '../../../src/trace/session/process-session.ts';
import { RODE_LINE } from '../../../src/trace/user-scripts/riding/dtrace-blocks.ts';
import { dtraceRiddenLines } from '../../../src/trace/user-scripts/riding/dtrace-ridden-lines.ts';
import { ForeignProcesses } from '../../../src/trace/user-scripts/riding/foreign-processes.ts';
import { scriptUserError } from '../../../src/trace/user-scripts/riding/origins.ts';
import type { RidingScript } from '../../../src/trace/user-scripts/riding/piece.ts';
import { RiddenRun } from '../../../src/trace/user-scripts/riding/ridden-run.ts';
import { rideBpftrace } from '../../../src/trace/user-scripts/riding/ride-bpftrace.ts';
import { rideDtrace } from '../../../src/trace/user-scripts/riding/ride-dtrace.ts';
import { countsIn, freebsdDtrace } from '../recording.ts';
import { out, playHere, type Step } from '../stand-in-tracer.ts';

function ridden(text: string, tracer: 'dtrace' | 'bpftrace' = 'dtrace'): RidingScript {
  const script = { path: '/spec/a.d', name: 'a.d', text, tracer, json: false, flags: [] };
  const found = tracer === 'dtrace' ? rideDtrace(script, 0, 'ticks') : rideBpftrace(script, 0);
  if ('reason' in found) throw new Error(found.reason);
  return found;
}

/** A Linux machine with these processes, by name. */
function machineWith(processes: Readonly<Record<number, string>>): Host {
  return {
    machine: { platform: 'linux' },
    list: async () => Object.keys(processes),
    readFile: async (path: string) => {
      const pid = Number(path.split('/')[2]);
      const name = processes[pid];
      return name === undefined ? undefined : Buffer.from(`${pid} (${name}) S 1 ${pid} 0`);
    },
  } as unknown as Host;
}

const SCRIPT = ridden('f::g:entry { @a[probefunc] = count(); printf("x"); }');
const [RUN] = freebsdDtrace.runs;

async function sessionOf(steps: readonly Step[], host: Host = machineWith({})) {
  const riding: Riding = {
    newRun: () => new RiddenRun([SCRIPT], dtraceRiddenLines(), RODE_LINE, 1000),
    foreignProcesses: await ForeignProcesses.on(host, ['bench']),
    errorOf: (stderr) => scriptUserError('dtrace', stderr, SCRIPT.probes[0]!.text, [SCRIPT]),
    lineLimit: 1000,
  };
  const standIn = playHere(steps);
  const attached = await ProcessSession.attach(standIn.process, {
    ...{ tracer: 'dtrace', readLine: freebsdDtrace.readLine, readStderr: () => undefined },
    ...{ printsExits: true, readyMs: 5000, endMs: 300, quietMs: 100, riding },
  });
  return { attached, standIn };
}

const text = (lines: readonly string[]) => out(`${lines.join('\n')}\n`);
const PREAMBLE = text(freebsdDtrace.preamble);
const RECORDED = text([RUN!.start, ...RUN!.lines, RUN!.end]);
const BLOCK = text(['', 'script 0 g:entry', 'x', 'endscript']);
const RESULTS = ['', 'script 0 @a', 'g\x1f7', '', 'endscript', 'scripts_texts 1', 'scripts_ends 1'];

describe('a session in which a script rides', () => {
  it('waits for the script’s results, which come after the instruments’, and keeps them apart', async () => {
    const { attached, standIn } = await sessionOf([
      ...[PREAMBLE, { told: 'run' }, RECORDED, { wait: 50 }],
      ...[text([...RESULTS, 'scripts']), BLOCK],
    ]);
    await attached.begin();
    standIn.tell('run');
    const collected = await attached.collect(RUN!.pid, '2proc');
    expect(collected).toMatchObject({
      ...{ state: 'counted', doubts: [] },
      counts: countsIn(RUN!.lines, freebsdDtrace.readLine, RUN!.pid),
    });
    expect(collected.raw).not.toContain('script');
    const [result] = collected.scripts ?? [];
    expect(result?.output.aggregates).toMatchObject([{ name: 'a', keys: ['g'], value: 7 }]);
    expect(result?.output.events).toEqual([{ probe: 'g:entry', cpu: null, text: 'x' }]);
    standIn.end();
    await attached.close();
  });

  it('has no results for a run if those of the script do not come', async () => {
    const { attached, standIn } = await sessionOf([PREAMBLE, { told: 'run' }, RECORDED]);
    await attached.begin();
    standIn.tell('run');
    expect(await attached.collect(RUN!.pid, '2proc')).toMatchObject({
      ...{ state: 'failed', reason: 'no end marker from dtrace within 0.3 s' },
    });
    standIn.end();
    await attached.close();
  });

  it('whose script does not compile reports an error in that script’s own file, with its own names', async () => {
    const opening = sessionOf([
      { err: 'dtrace: failed to compile script /agent/session.d: line 1: @s0_a redefined\n' },
      { exit: 1 },
    ]);
    await expect(opening).rejects.toThrow(UserError);
    await expect(opening).rejects.toThrow(
      'the script /spec/a.d was not attached:\n/spec/a.d:1: @a redefined\n  f::g:entry { @a[probefunc]',
    );
  });
});

describe('an error in the session’s program', () => {
  const script = ridden('kprobe:f\n{\n\t@a = 1;\n}\n\nkprobe:gone { @b = 1; }', 'bpftrace');
  const source = `BEGIN { }\n${script.probes.map((piece) => piece.text).join('\n')}\n`;
  const error = (stderr: string) => scriptUserError('bpftrace', stderr, source, [script])?.message;

  it('belongs to the script if its line does', () => {
    expect(error('stdin:4:2-4: ERROR: Type mismatch for @s0_a: oh\n @s0_a\n')).toBe(
      'the script /spec/a.d was not attached:\n/spec/a.d:3: ERROR: Type mismatch for @a: oh\n  @a = 1;',
    );
    expect(error('stdin:1:2-4: ERROR: oh')).toBeUndefined();
  });

  it('belongs to the script if one of the script’s probes cannot be attached', () => {
    expect(error("ERROR: Error attaching probe: 'kprobe:gone'")).toBe(
      'the script /spec/a.d was not attached:\n/spec/a.d:6: the probe kprobe:gone cannot be attached',
    );
  });
});

describe('another process of the benchmark’s name', () => {
  it('is a doubt about the runs during which it was there, and about no others', async () => {
    const processes: Record<number, string> = { 5: 'bench', 6: 'other' };
    const strangers = await ForeignProcesses.on(machineWith(processes), ['bench']);
    const codes = () => strangers.doubts().map(({ code, suspect }) => `${code} ${suspect}`);
    await strangers.begin();
    expect(codes()).toEqual(['script-foreign-benchmark true']);
    delete processes[5];
    await strangers.begin();
    expect(codes()).toEqual([]);
    strangers.add(7);
    expect(codes()).toEqual(['script-foreign-benchmark true']);
    await strangers.begin();
    expect(codes()).toEqual([]);
  });
});
