import { afterEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import type { Host } from '../../../src/host/host.ts';
import { ProcessSession, type Riding } from '../../../src/trace/session/process-session.ts';
import { RODE_LINE } from '../../../src/trace/user-scripts/riding/dtrace-blocks.ts';
import { dtraceRiddenLines } from '../../../src/trace/user-scripts/riding/dtrace-ridden-lines.ts';
import { ForeignProcesses } from '../../../src/trace/user-scripts/riding/foreign-processes.ts';
import { scriptUserError } from '../../../src/trace/user-scripts/riding/origins.ts';
import type { RidingScript } from '../../../src/trace/user-scripts/riding/piece.ts';
import { type RiddenLines, RiddenRun } from '../../../src/trace/user-scripts/riding/ridden-run.ts';
import { rideBpftrace } from '../../../src/trace/user-scripts/riding/ride-bpftrace.ts';
import { rideDtrace } from '../../../src/trace/user-scripts/riding/ride-dtrace.ts';
import { countsIn, freebsdDtrace } from '../recording.ts';
import { atOnce, out, playHere, type Step } from '../stand-in-tracer.ts';
import { begun } from './by-hand.ts';

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

/** Reads words in place of what a tracer prints for the scripts. */
const readWord: RiddenLines = (line) => {
  switch (line) {
    case 'results':
    case 'early results':
      return { kind: 'answered', stale: line !== 'results' };
    case 'settled':
      return { kind: 'settled' };
    case 'texts: 1':
      return { kind: 'texts', count: 1 };
    case 'text':
      return { kind: 'output', script: 0, text: 'script g:entry', isText: true };
    default:
      return undefined;
  }
};

/** A session with questions about a script's results, which begins a run. */
async function asking(options: Partial<Riding> = {}, endMs?: number) {
  const asked: string[] = [];
  const riding: Riding = {
    newRun: () => new RiddenRun([SCRIPT], readWord, RODE_LINE, 1000),
    foreignProcesses: await ForeignProcesses.on(machineWith({}), ['bench']),
    errorOf: () => undefined,
    lineLimit: 1000,
    ask: (pid) => void asked.push(`ask ${pid}`),
    ...options,
    ...(options.settle ? { settle: (pid) => void asked.push(`settle ${pid}`) } : {}),
  };
  const { tracer, session } = await begun({ riding, ...(endMs === undefined ? {} : { endMs }) });
  return { tracer, session, asked };
}

const settle = () => {};
const RAN = ['start 7', 'exit 7 1 1'];

describe('a session that has to ask for the results of a script', () => {
  it('asks once, at the end of the run', async () => {
    const { tracer, session, asked } = await asking();
    session.runHasEnded(7);
    expect(asked).toEqual(['ask 7']);
    const collecting = session.collect(7, '2proc');
    tracer.print(...RAN);
    expect(await atOnce(collecting)).toBe('waits');
    expect(asked).toEqual(['ask 7']);
    tracer.print('results');
    expect(await atOnce(collecting)).toMatchObject({ state: 'counted', doubts: [] });
    await session.begin();
    session.runHasEnded(9);
    expect(asked).toEqual(['ask 7', 'ask 9']);
    tracer.end({ exitCode: 0 });
  });

  it('asks when it collects if it has not been told that the run has ended', async () => {
    const { tracer, session, asked } = await asking();
    const collecting = session.collect(7, '2proc');
    expect([await atOnce(collecting), asked]).toEqual(['waits', []]);
    tracer.print(...RAN);
    expect([await atOnce(collecting), asked]).toEqual(['waits', ['ask 7']]);
    tracer.print('results');
    expect(await atOnce(collecting)).toMatchObject({ state: 'counted' });
    tracer.end({ exitCode: 0 });
  });

  it('does not ask for what has come', async () => {
    const { tracer, session, asked } = await asking();
    tracer.print(...RAN, 'results');
    expect(await atOnce(session.collect(7, '2proc'))).toMatchObject({ state: 'counted' });
    expect(asked).toEqual([]);
    tracer.end({ exitCode: 0 });
  });

  it('has no results of a run that did not end, even if those of the script have come', async () => {
    const { tracer, session, asked } = await asking({}, 20);
    tracer.print('start 7', 'results');
    expect(await session.collect(7, '2proc')).toMatchObject({ state: 'failed' });
    expect(asked).toEqual([]);
    tracer.end({ exitCode: 0 });
  });

  it('asks once more after texts that are not there, or always', async () => {
    for (const [options, lines, whole] of [
      [{ settle }, ['results'], true],
      [{ settle }, ['texts: 1', 'text', 'results'], true],
      [{ settle }, ['texts: 1', 'results'], false],
      [{ settle, alwaysSettles: true }, ['results'], false],
    ] as const) {
      const { tracer, session, asked } = await asking(options);
      tracer.print(...RAN, ...lines);
      const collecting = session.collect(7, '2proc');
      expect(await atOnce(collecting)).toEqual(
        whole ? expect.objectContaining({ state: 'counted' }) : 'waits',
      );
      expect(asked).toEqual(whole ? [] : ['settle 7']);
      tracer.print('settled');
      expect(await atOnce(collecting)).toMatchObject({ state: 'counted' });
      tracer.end({ exitCode: 0 });
    }
  });

  it('has no results if the second answer does not come', async () => {
    const { tracer, session } = await asking({ settle, alwaysSettles: true }, 20);
    tracer.print(...RAN, 'results');
    expect(await session.collect(7, '2proc')).toMatchObject({ state: 'failed' });
    tracer.end({ exitCode: 0 });
  });

  it('waits for texts that are not there if it cannot ask once more', async () => {
    const { tracer, session } = await asking();
    tracer.print(...RAN, 'texts: 1', 'results');
    const collecting = session.collect(7, '2proc');
    expect(await atOnce(collecting)).toBe('waits');
    tracer.print('text');
    expect(await atOnce(collecting)).toMatchObject({ state: 'counted' });
    tracer.end({ exitCode: 0 });
  });
});

describe('a session in which the results of a script come without a question', () => {
  afterEach(() => void vi.useRealTimers());

  it('does not ask for them', async () => {
    const { tracer, session, asked } = await asking({ unasked: true });
    session.runHasEnded(7);
    const collecting = session.collect(7, '2proc');
    tracer.print(...RAN);
    expect(await atOnce(collecting)).toBe('waits');
    tracer.print('results');
    expect(await atOnce(collecting)).toMatchObject({ state: 'counted' });
    expect(asked).toEqual([]);
    tracer.end({ exitCode: 0 });
  });

  it('asks for them once they are late', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { tracer, session, asked } = await asking({ unasked: true });
    tracer.print(...RAN);
    const collecting = session.collect(7, '2proc');
    expect(await atOnce(collecting)).toBe('waits');
    vi.advanceTimersByTime(299);
    expect([await atOnce(collecting), asked]).toEqual(['waits', []]);
    vi.advanceTimersByTime(1);
    expect([await atOnce(collecting), asked]).toEqual(['waits', ['ask 7']]);
    tracer.print('results');
    expect(await atOnce(collecting)).toMatchObject({ state: 'counted' });
    tracer.end({ exitCode: 0 });
  });
});

describe('the doubts about a run with a script', () => {
  it('are those about its counts, its scripts’ results and other benchmarks', async () => {
    const { tracer, session } = await asking();
    tracer.print('garbage', 'foreign 99', ...RAN, 'early results');
    const { doubts } = await session.collect(7, '2proc');
    expect(doubts.map(({ code, suspect }) => [code, suspect])).toEqual([
      ['tracer-garbled', true],
      ['foreign-benchmark', false],
      ['script-early-results', true],
      ['script-foreign-benchmark', true],
    ]);
    tracer.end({ exitCode: 0 });
  });
});

it('a line of a session with scripts has the length that they allow for at most', async () => {
  const { tracer, session } = await asking();
  tracer.print('x'.repeat(1001), ...RAN, 'results');
  const { raw } = await session.collect(7, '2proc');
  expect(raw.split('\n')[0]).toBe('x'.repeat(1000));
  tracer.end({ exitCode: 0 });
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
