import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Doubt } from '../../../src/doubt.ts';
import { UserError } from '../../../src/errors.ts';
import { checkConservation } from '../../../src/trace/check.ts';
import type { RunCounts } from '../../../src/trace/counts.ts';
import { readDtraceStderr } from '../../../src/trace/dtrace/dtrace-stderr.ts';
import { countsFromRaw } from '../../../src/trace/replay.ts';
import { ProcessSession, type SessionOptions } from '../../../src/trace/session/process-session.ts';
import { namedOptions } from '../../../src/trace/spec-options.ts';
import type { Collected } from '../../../src/trace/tracer.ts';
import { classOf, type Fault, type FaultClass, faults, stepsOf } from '../fault-script.ts';
import {
  countsIn,
  freebsdDtrace,
  instrumentsOf,
  linuxBpftrace,
  linuxDtrace,
  type RecordedRun,
  type RecordedSession,
  SESSIONS,
  totalOf,
} from '../recording.ts';
import { out, playHere, playThere, type StandIn, type Step } from '../stand-in-tracer.ts';

const optionsFor = (
  session: RecordedSession,
  more: Partial<SessionOptions> = {},
): SessionOptions => ({
  tracer: session.tracer,
  readLine: session.readLine,
  readStderr: readDtraceStderr,
  printsExits: session !== linuxDtrace,
  runningTotals: session.tracer === 'bpftrace',
  readyMs: 60_000,
  endMs: 60_000,
  ...more,
});

/** Three runs of a session: the first, and two more. */
const threeRuns = (session: RecordedSession) => session.runs.slice(0, 3);

async function attachTo(
  standIn: StandIn,
  session: RecordedSession,
  more?: Partial<SessionOptions>,
) {
  return ProcessSession.attach(standIn.process, optionsFor(session, more));
}

/** Everything that is doubted about a run, as a sweep would have it. */
function doubtsAbout(run: RecordedRun, collected: Collected, session: RecordedSession) {
  const doubts: Doubt[] = [...collected.doubts];
  if (collected.state === 'counted') {
    doubts.push(
      ...checkConservation(collected.counts, {
        cell: run.cell,
        iterations: 1,
        instruments: instrumentsOf(session),
        events: false,
      }),
    );
  }
  return doubts;
}

describe('ProcessSession', () => {
  it.each(SESSIONS)('collects every run of $name', async (session) => {
    const standIn = playHere(stepsOf(session, session.runs, [], false));
    const attached = await attachTo(standIn, session);
    for (const run of session.runs) {
      attached.begin();
      standIn.tell('run');
      const collected = await attached.collect(run.pid, '2proc');
      expect(collected).toMatchObject({
        state: 'counted',
        doubts: [],
        counts: countsIn(run.lines, session.readLine, run.pid),
      });
    }
    expect(attached.state).toBe('attached');
    standIn.end();
    await attached.close();
    expect(attached.state).toBe('ended');
  });

  it('keeps the lines of each run, from which its counts can be read again', async () => {
    for (const session of SESSIONS) {
      const standIn = playHere(stepsOf(session, session.runs, [], false));
      const attached = await attachTo(standIn, session);
      for (const run of session.runs) {
        attached.begin();
        standIn.tell('run');
        const collected = await attached.collect(run.pid, '2proc');
        expect(collected.raw).toBe(`${[run.start, ...run.lines, run.end].join('\n')}\n`);
        const { tracer, osName } = session;
        const raw = { tracer, osName, raw: collected.raw, pid: run.pid, mode: '2proc' } as const;
        expect(countsFromRaw({ ...raw, architecture: 'x64' })).toEqual(
          collected.state === 'counted' && collected.counts,
        );
      }
      standIn.end();
    }
  });

  it('believes the second answer of a tracer that has to be asked', async () => {
    const run = linuxDtrace.runs[0]!;
    const asked: number[] = [];
    const standIn = playHere(stepsOf(linuxDtrace, [run], [], true));
    const attached = await attachTo(standIn, linuxDtrace, {
      ask: (pid) => {
        asked.push(pid);
        standIn.tell('ask');
      },
    });
    attached.begin();
    standIn.tell('run');
    const collected = await attached.collect(run.pid, '2proc');
    expect(asked).toEqual([run.pid, run.pid]);
    expect(collected).toMatchObject({
      state: 'counted',
      counts: countsIn(run.lines, linuxDtrace.readLine, run.pid),
    });
    standIn.end();
  });

  it('asks for the results after the end marker, and counts them', async () => {
    const run = linuxBpftrace.runs[0]!;
    const line = (text: string) => `${JSON.stringify({ type: 'printf', data: `${text}\n` })}\n`;
    const switches = { '@context_switches': { [`${run.pid},0`]: 7 } };
    const asked: number[] = [];
    const standIn = playHere([
      ...stepsOf(linuxBpftrace, [run], [], false),
      { told: 'ask' },
      out(`${JSON.stringify({ type: 'map', data: switches })}\n${line(`answer ${run.pid}`)}`),
    ]);
    const attached = await attachTo(standIn, linuxBpftrace, {
      askAtEnd: (pid) => {
        asked.push(pid);
        standIn.tell('ask');
      },
    });
    attached.begin();
    standIn.tell('run');
    const collected = await attached.collect(run.pid, '2proc');
    expect(asked).toEqual([run.pid]);
    expect(collected.state === 'counted' && collected.counts.context_switches).toEqual([
      { role: 'receiver', kind: 'voluntary', count: 7 },
    ]);
    attached.begin();
    standIn.end();
  });

  it('fails a run when the results after its end marker are not printed', async () => {
    const run = linuxBpftrace.runs[0]!;
    const standIn = playHere(stepsOf(linuxBpftrace, [run], [], false));
    const attached = await attachTo(standIn, linuxBpftrace, { askAtEnd: () => {}, endMs: 200 });
    attached.begin();
    standIn.tell('run');
    expect((await attached.collect(run.pid, '2proc')).state).toBe('failed');
    standIn.end();
  });

  it('suspects the run in which a map was full or something failed', async () => {
    const run = linuxBpftrace.runs[0]!;
    const error = { type: 'helper_error', helper: 'map_update_elem', retcode: -7, line: 9, col: 2 };
    const floods = `${JSON.stringify(error)}\n`.repeat(300);
    const failed = `${JSON.stringify({ ...error, helper: 'get_stack' })}\n`;
    const text = [run.start, ...run.lines, run.end].join('\n');
    const ready = JSON.stringify({ type: 'printf', data: 'ready\n' });
    const standIn = playHere([
      out(`${ready}\n`),
      { told: 'run' },
      out(`${floods}${failed}${text}\n`),
    ]);
    const attached = await attachTo(standIn, linuxBpftrace);
    attached.begin();
    standIn.tell('run');
    expect((await attached.collect(run.pid, '2proc')).doubts).toEqual([
      {
        code: 'tracer-error',
        message: 'bpftrace: get_stack failed with -7 at line 9 of the program',
        suspect: true,
      },
      {
        code: 'tracer-dropped',
        message: 'bpftrace lost 300 counts that found no room in a map',
        suspect: true,
      },
    ]);
    standIn.end();
  });

  it('says why a tracer did not attach, with its messages', async () => {
    const line = 'dtrace: failed to initialize dtrace: DTrace requires additional privileges';
    const standIn = playHere([{ err: `${line}\n` }, { exit: 1 }]);
    const attaching = attachTo(standIn, freebsdDtrace);
    await expect(attaching).rejects.toThrow(UserError);
    await expect(attaching).rejects.toThrow(`dtrace did not attach (exit code 1)\n${line}`);
  });

  it('stops waiting for a tracer that does not get ready', async () => {
    const standIn = playHere([], 100);
    await expect(attachTo(standIn, freebsdDtrace, { readyMs: 20 })).rejects.toThrow(
      'dtrace did not attach (not ready after 0.02 s)',
    );
  });

  it('says that a tracer was not found', async () => {
    const standIn = playHere([]);
    const process = {
      ...standIn.process,
      // biome-ignore lint/suspicious/noThenProperty: as execa's result, which is a promise too.
      then: Promise.resolve({ message: 'spawn dtrace ENOENT' }).then.bind(
        Promise.resolve({ message: 'spawn dtrace ENOENT' }),
      ),
    };
    await expect(
      ProcessSession.attach(process as StandIn['process'], optionsFor(freebsdDtrace)),
    ).rejects.toThrow('spawn dtrace ENOENT');
    standIn.end();
  });

  it('names the options of the spec where these may be the reason for a failure or a loss', async () => {
    const ownOptions = namedOptions({ aggsize: '1k', bufsize: '4k' });
    const names = 'the spec sets trace.options { aggsize: 1k, bufsize: 4k }';
    const never = playHere([{ err: 'dtrace: failed to set aggsize\n' }, { exit: 1 }]);
    await expect(attachTo(never, freebsdDtrace, { ownOptions })).rejects.toMatchObject({
      hint: `${names}: try without them`,
    });
    const standIn = playHere([
      out('ready\n'),
      { told: 'run' },
      { err: 'dtrace: 3 aggregation drops on CPU 0\n' },
      { told: 'never' },
    ]);
    const attached = await attachTo(standIn, freebsdDtrace, { ownOptions, endMs: 100 });
    attached.begin();
    standIn.tell('run');
    const collected = await attached.collect(7, '2proc');
    expect(collected).toMatchObject({
      state: 'failed',
      reason: `no end marker from dtrace within 0.1 s (${names})`,
      doubts: [{ message: `dtrace: 3 aggregation drops on CPU 0 (${names})` }],
    });
    standIn.end();
  });

  it('fails a run whose tracer dies, says how it died and its last words, and ends', async () => {
    const run = freebsdDtrace.runs[0]!;
    const standIn = playHere([
      out('ready\n'),
      { told: 'run' },
      out(`start ${run.pid}\n`),
      { err: 'dtrace: processing aborted: Abort due to systemic unresponsiveness\n' },
      { exit: 1 },
    ]);
    const attached = await attachTo(standIn, freebsdDtrace);
    attached.begin();
    standIn.tell('run');
    const collected = await attached.collect(run.pid, '2proc');
    expect(collected).toMatchObject({
      state: 'failed',
      reason:
        'dtrace ended with exit code 1: dtrace: processing aborted: Abort due to systemic unresponsiveness',
      raw: `start ${run.pid}\n`,
    });
    expect(attached.state).toBe('ended');
    attached.begin();
    expect((await attached.collect(run.pid, '2proc')).state).toBe('failed');
  });

  it('fails a run whose end marker does not come, and says so', async () => {
    const standIn = playHere([out('ready\n')]);
    const attached = await attachTo(standIn, freebsdDtrace, { endMs: 20 });
    attached.begin();
    expect(await attached.collect(7, '2proc')).toMatchObject({
      state: 'failed',
      reason: 'no end marker from dtrace within 0.02 s',
    });
    standIn.end();
  });

  it('counts a run whose tracer dies after the end marker', async () => {
    const run = freebsdDtrace.runs[0]!;
    const text = [run.start, ...run.lines, run.end].join('\n');
    const standIn = playHere([out('ready\n'), { told: 'run' }, out(`${text}\n`), { exit: 0 }]);
    const attached = await attachTo(standIn, freebsdDtrace);
    attached.begin();
    standIn.tell('run');
    await expect.poll(() => attached.state).toBe('ended');
    expect((await attached.collect(run.pid, '2proc')).state).toBe('counted');
    expect(attached.state).toBe('ended');
  });

  it("goes on waiting when another process's end marker comes", async () => {
    const run = freebsdDtrace.runs[0]!;
    const text = [run.start, ...run.lines, run.end].join('\n');
    const standIn = playHere([out('ready\n'), out('end 1\n'), { wait: 20 }, out(`${text}\n`)]);
    const attached = await attachTo(standIn, freebsdDtrace);
    expect(await attached.collect(run.pid, '2proc')).toMatchObject({
      state: 'counted',
      counts: countsIn(run.lines, freebsdDtrace.readLine, run.pid),
    });
    standIn.end();
  });

  it('ignores what came between two runs', async () => {
    const run = freebsdDtrace.runs[0]!;
    const text = [run.start, ...run.lines, run.end].join('\n');
    const standIn = playHere([
      out(`ready\ngarbage\nsyscall ${run.pid} 1 read 5\n`),
      { told: 'run' },
      out(`${text}\n`),
    ]);
    const attached = await attachTo(standIn, freebsdDtrace);
    attached.begin();
    standIn.tell('run');
    expect(await attached.collect(run.pid, '2proc')).toMatchObject({
      doubts: [],
      counts: countsIn(run.lines, freebsdDtrace.readLine, run.pid),
    });
    standIn.end();
  });

  it.each([
    ['a drop', { err: 'dtrace: 12 drops on CPU 0\n' }, 'tracer-dropped', true],
    ['an error', { err: 'dtrace: processing aborted\n' }, 'tracer-error', true],
    ['garbage', out('\u0007\n'), 'tracer-garbled', true],
    ['another benchmark', out('foreign 99\n'), 'foreign-benchmark', false],
  ] as const)('doubts the run in which there was %s', async (_, step: Step, code, suspect) => {
    const run = freebsdDtrace.runs[0]!;
    const text = [run.start, ...run.lines, run.end].join('\n');
    const standIn = playHere([out('ready\n'), { told: 'run' }, step, out(`${text}\n`)]);
    const attached = await attachTo(standIn, freebsdDtrace);
    attached.begin();
    standIn.tell('run');
    const { doubts } = await attached.collect(run.pid, '2proc');
    expect(doubts).toMatchObject([{ code, suspect }]);
    standIn.end();
  });

  it('doubts a run for which bpftrace lost events', async () => {
    const run = linuxBpftrace.runs[0]!;
    const lost = '{"type": "lost_events", "data": {"events": 42}}';
    const text = [run.start, lost, ...run.lines, run.end].join('\n');
    const standIn = playHere([out(`${linuxBpftrace.preamble.join('\n')}\n${text}\n`)]);
    const attached = await attachTo(standIn, linuxBpftrace);
    expect((await attached.collect(run.pid, '2proc')).doubts).toEqual([
      { code: 'tracer-dropped', message: 'bpftrace lost 42 events', suspect: true },
    ]);
    standIn.end();
  });

  it('keeps a limited part of what a run printed, and says so', async () => {
    const run = freebsdDtrace.runs[0]!;
    const text = [run.start, ...run.lines, run.end].join('\n');
    const standIn = playHere([out(`ready\n${text}\n`)]);
    const attached = await attachTo(standIn, freebsdDtrace, { rawLimit: 100 });
    const collected = await attached.collect(run.pid, '2proc');
    expect(collected.raw.length).toBeLessThanOrEqual(100);
    expect(collected.doubts.map(({ code }) => code)).toEqual(['raw-cut']);
    expect(collected.state).toBe('counted');
    standIn.end();
  });
});

/*
 * Sessions under fault injection. For every run of every case:
 *
 *  - collect() comes back;
 *  - a run that has no counts has a reason, and a dead tracer never gives counts of a later run;
 *  - no row is one of another run's, or larger than what was recorded, unless the text itself was
 *    falsified;
 *  - counts that nobody doubts are right.
 *
 * How much of "right" can be promised depends on the fault. While a tracer prints what it counted,
 * in order, until it dies or falls silent, and says what it dropped: every row, exactly. When lines
 * come after the end marker that they belong before (`late`), or when the text is falsified on its
 * way, which no pipe does: every size of a read and write, every total of states and transitions,
 * and no fewer reads and writes among the system calls. What remains open then is what nothing
 * else counts: calls other than read and write, and the name of a state in a run where it was
 * seen once.
 */
describe('ProcessSession under fault injection', () => {
  const PER_SESSION = 750;
  const THERE = 150;

  interface Judged {
    readonly kind: 'failed' | 'suspect' | 'good';
  }

  async function judge(
    session: RecordedSession,
    script: readonly Fault[],
    asked: boolean,
    play: (steps: readonly Step[]) => StandIn,
    limits: { readonly readyMs: number; readonly endMs: number },
  ): Promise<readonly Judged[]> {
    const runs = threeRuns(session);
    const worst = worstOf(script);
    const standIn = play(stepsOf(session, runs, script, asked));
    let attached: ProcessSession;
    try {
      attached = await attachTo(standIn, session, {
        ...limits,
        ...(asked ? { ask: () => standIn.tell('ask') } : {}),
      });
    } catch (error) {
      // A ready marker inside the garbage of a run does not come: nobody has begun one.
      expect(error).toBeInstanceOf(UserError);
      return runs.map(() => ({ kind: 'failed' }));
    }
    expect(script.some(({ kind }) => kind === 'no-ready')).toBe(false);
    const judged: Judged[] = [];
    try {
      for (const run of runs) {
        attached.begin();
        const dead = attached.state === 'ended';
        standIn.tell('run');
        const collected = await attached.collect(run.pid, '2proc');
        if (collected.state === 'failed') {
          expect(collected.reason).toMatch(
            /^(dtrace|bpftrace) ended with (exit code \d|signal SIG)|^no end marker from /,
          );
          if (attached.state === 'ended') expect(collected.reason).toContain(' ended with ');
          judged.push({ kind: 'failed' });
          continue;
        }
        expect(dead).toBe(false);
        const truth = countsIn(run.lines, session.readLine, run.pid);
        const suspect = doubtsAbout(run, collected, session).some((doubt) => doubt.suspect);
        if (worst !== 'falsified') expect(beyond(collected.counts, truth)).toEqual([]);
        if (!suspect) {
          if (worst === 'kept') expect(collected.counts).toEqual(truth);
          else expectCountedTwice(collected.counts, truth);
        }
        judged.push({ kind: suspect ? 'suspect' : 'good' });
      }
    } finally {
      standIn.end();
      await attached.close();
    }
    expect(attached.state).toBe('ended');
    return judged;
  }

  const seen = { failed: 0, suspect: 0, good: 0 };
  const note = (judged: readonly Judged[]) => {
    for (const { kind } of judged) seen[kind]++;
  };

  /** Most of a session is waiting: several go on side by side. */
  const sideBySide = async (cases: number, property: () => fc.IAsyncProperty<unknown>) => {
    const lanes = 5;
    await Promise.all(
      Array.from({ length: lanes }, () => fc.assert(property(), { numRuns: cases / lanes })),
    );
  };

  it.concurrent('ends a tracer that ignores the request to end', async () => {
    const standIn = playThere([{ stubborn: true }, out('ready\n')]);
    const attached = await attachTo(standIn, freebsdDtrace, { closeMs: 1000 });
    await attached.close();
    expect(attached.state).toBe('ended');
    expect(() => process.kill(standIn.pid!, 0)).toThrow('ESRCH');
    await attached.close();
  });

  it.concurrent.each([
    { name: linuxBpftrace.name, session: linuxBpftrace, asked: false },
    { name: freebsdDtrace.name, session: freebsdDtrace, asked: false },
    { name: `${linuxDtrace.name}, which is asked`, session: linuxDtrace, asked: true },
  ])(`judges every run of ${PER_SESSION} sessions of $name rightly`, async ({ session, asked }) => {
    const play = (steps: readonly Step[]) => playHere(steps, 200);
    await sideBySide(PER_SESSION, () =>
      fc.asyncProperty(faults, async (script) => {
        note(await judge(session, script, asked, play, { readyMs: 40, endMs: 40 }));
      }),
    );
  });

  it.concurrent(`judges every run of ${THERE} sessions of a tracer in a process of its own rightly`, async () => {
    await sideBySide(THERE, () =>
      fc.asyncProperty(fc.constantFrom(...SESSIONS), faults, async (session, script) => {
        const asked = session === linuxDtrace;
        const readyMs = script.some(({ kind }) => kind === 'no-ready') ? 200 : 10_000;
        note(await judge(session, script, asked, playThere, { readyMs, endMs: 200 }));
      }),
    );
  });

  it('has seen many good, suspect and failed runs', () => {
    const all = seen.failed + seen.suspect + seen.good;
    for (const kind of ['failed', 'suspect', 'good'] as const) {
      expect(seen[kind] / all).toBeGreaterThan(0.05);
    }
  });

  it('ends when the tracer dies, at whatever byte', async () => {
    const session = linuxBpftrace;
    const run = session.runs[4]!;
    const bytes = Buffer.from(`${[run.start, ...run.lines, run.end].join('\n')}\n`);
    for (let length = 0; length < bytes.length; length++) {
      const standIn = playHere([
        out(`${session.preamble.join('\n')}\n`),
        { told: 'run' },
        out(bytes.subarray(0, length)),
        { signal: 'SIGKILL' },
      ]);
      const attached = await attachTo(standIn, session);
      attached.begin();
      standIn.tell('run');
      expect(await attached.collect(run.pid, '2proc')).toMatchObject({
        state: 'failed',
        reason: 'bpftrace ended with signal SIGKILL',
      });
    }
  });
});

function worstOf(script: readonly Fault[]): FaultClass {
  const classes = script.map(classOf);
  return classes.includes('falsified') ? 'falsified' : classes.includes('late') ? 'late' : 'kept';
}

/** Rows that the recorded run does not have, or has fewer of. */
function beyond(counts: RunCounts, truth: RunCounts): readonly unknown[] {
  return (Object.keys(counts) as (keyof RunCounts)[]).flatMap((table) => {
    if (table === 'conduct') return [];
    const rows = (of: RunCounts) =>
      (of[table] as readonly { count: number }[]).map(({ count, ...key }) => ({
        key: JSON.stringify(key),
        count,
      }));
    const known = new Map(rows(truth).map(({ key, count }) => [key, count]));
    return rows(counts).filter(({ key, count }) => count > (known.get(key) ?? 0));
  });
}

function expectCountedTwice(counts: RunCounts, truth: RunCounts): void {
  expect(counts.io_sizes).toEqual(truth.io_sizes);
  for (const operation of ['read', 'write'] as const) {
    const own = (row: { operation: string }) => row.operation === operation;
    if (truth.pipe_transitions.length > 0) {
      expect(totalOf(counts.pipe_states, own)).toBe(totalOf(truth.pipe_states, own));
      expect(totalOf(counts.pipe_transitions, own)).toBe(totalOf(truth.pipe_transitions, own));
    }
    expect(totalOf(counts.syscalls, ({ syscall }) => syscall === operation)).toBeGreaterThanOrEqual(
      totalOf(truth.io_sizes, own),
    );
  }
}
