import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExitCode } from '../../../src/errors.ts';
import { ProcessSession } from '../../../src/trace/session/process-session.ts';
import { atOnce, tracerByHand } from '../stand-in-tracer.ts';
import { begun, OPTIONS } from './by-hand.ts';

const ROOT = 7;
const FAMILY = ['start 7', 'syscall 7 1 read 3', 'syscall 8 7 write 2'];

describe('a session', () => {
  it('is attached as soon as its tracer is ready', async () => {
    const tracer = tracerByHand();
    const attaching = ProcessSession.attach(tracer.process, OPTIONS);
    tracer.print('start 7', 'end 7');
    expect(await atOnce(attaching)).toBe('waits');
    tracer.print('ready');
    expect(await atOnce(attaching)).toBeInstanceOf(ProcessSession);
    tracer.end({ exitCode: 0 });
  });

  it('is not attached to a tracer that has ended by the time that it is ready', async () => {
    const tracer = tracerByHand();
    const attaching = ProcessSession.attach(tracer.process, OPTIONS);
    tracer.end({ exitCode: 1 });
    tracer.print('ready');
    await expect(attaching).rejects.toMatchObject({
      message: 'dtrace did not attach (exit code 1)',
      hint: '`ipc-sweep doctor` says what this machine can trace',
      exitCode: ExitCode.machine,
    });
  });

  it.each([
    [{ exitCode: 2, message: 'it failed' }, 'exit code 2'],
    [{ signal: 'SIGKILL', message: 'it was killed' }, 'signal SIGKILL'],
    [{ message: 'the link broke' }, 'the link broke'],
    [{}, 'exit code undefined'],
  ])('says how its tracer has ended: %j', async (end, how) => {
    const tracer = tracerByHand();
    const attaching = ProcessSession.attach(tracer.process, OPTIONS);
    tracer.end(end);
    await expect(attaching).rejects.toThrow(`dtrace did not attach (${how})`);
  });
});

describe('a run', () => {
  it('is over with the exit of its last process', async () => {
    const { tracer, session } = await begun();
    const collecting = session.collect(ROOT, '2proc');
    tracer.print(...FAMILY);
    expect(await atOnce(collecting)).toBe('waits');
    tracer.print('exit 7 1 1', 'end 7');
    expect(await atOnce(collecting)).toBe('waits');
    tracer.print('exit 8 7 1');
    expect(await atOnce(collecting)).toMatchObject({
      ...{ state: 'counted', doubts: [] },
      counts: {
        syscalls: [
          { role: 'receiver', syscall: 'read', count: 3 },
          { role: 'sender', syscall: 'write', count: 2 },
        ],
      },
    });
    tracer.end({ exitCode: 0 });
  });

  it('is over with an exit whose line says nothing else', async () => {
    const { tracer, session } = await begun();
    const collecting = session.collect(ROOT, '2proc');
    tracer.print(...FAMILY, 'gone 8');
    expect(await atOnce(collecting)).toBe('waits');
    tracer.print('gone 7');
    expect(await atOnce(collecting)).toMatchObject({ state: 'counted' });
    tracer.end({ exitCode: 0 });
  });

  it('is collected at once if everything has come before', async () => {
    const { tracer, session } = await begun();
    tracer.print(...FAMILY, 'exit 7 1 1', 'exit 8 7 1');
    expect(await atOnce(session.collect(ROOT, '2proc'))).toMatchObject({ state: 'counted' });
    tracer.end({ exitCode: 0 });
  });

  it('is over with the end marker of its root where exits are not printed', async () => {
    const { tracer, session } = await begun({ printsExits: false });
    const collecting = session.collect(ROOT, '2proc');
    tracer.print(...FAMILY, 'end 8');
    expect(await atOnce(collecting)).toBe('waits');
    tracer.print('end 7');
    expect(await atOnce(collecting)).toMatchObject({ state: 'counted' });
    tracer.end({ exitCode: 0 });
  });

  it('has failed as soon as the tracer has ended', async () => {
    const { tracer, session } = await begun();
    const collecting = session.collect(ROOT, '2proc');
    expect(await atOnce(collecting)).toBe('waits');
    tracer.end({ signal: 'SIGKILL' });
    expect(await atOnce(collecting)).toMatchObject({
      ...{ state: 'failed', reason: 'dtrace ended with signal SIGKILL' },
    });
  });

  it('names its processes that go on after its time, and fails if its root does', async () => {
    const { tracer, session } = await begun({ endMs: 20 });
    tracer.print(...FAMILY, 'exit 7 1 1');
    expect(await session.collect(ROOT, '2proc')).toMatchObject({
      ...{ state: 'counted', doubts: [{ code: 'left-behind', suspect: true }] },
    });
    session.begin();
    tracer.print(...FAMILY, 'exit 8 7 1');
    expect(await session.collect(ROOT, '2proc')).toMatchObject({ state: 'failed', doubts: [] });
    tracer.end({ exitCode: 0 });
  });

  it('is asked at its end for more, which is waited for, unless it is missing', async () => {
    const asked: number[] = [];
    const askAtEnd = (pid: number) => void asked.push(pid);
    const { tracer, session } = await begun({ askAtEnd });
    const collecting = session.collect(ROOT, '2proc');
    tracer.print(...FAMILY, 'exit 7 1 1');
    expect([await atOnce(collecting), asked]).toEqual(['waits', []]);
    tracer.print('exit 8 7 1');
    expect([await atOnce(collecting), asked]).toEqual(['waits', [ROOT]]);
    tracer.print('answer 8');
    expect(await atOnce(collecting)).toBe('waits');
    tracer.print('context_switch 7 1 voluntary 5', 'answer 7');
    expect(await atOnce(collecting)).toMatchObject({
      ...{ state: 'counted', counts: { context_switches: [{ count: 5 }] } },
    });
    tracer.end({ exitCode: 0 });

    const without = await begun({ askAtEnd, endMs: 20 });
    without.tracer.print(...FAMILY, 'answer 7');
    expect((await without.session.collect(ROOT, '2proc')).state).toBe('failed');
    expect(asked).toEqual([ROOT]);
    without.tracer.end({ exitCode: 0 });
  });

  it('waits for the end of the events of each process that has exited, and of no other', async () => {
    const events = { marksEvents: true, endMs: 20 };
    const { tracer, session } = await begun(events);
    const collecting = session.collect(ROOT, '2proc');
    tracer.print(...FAMILY, 'exit 7 1 1', 'exit 8 7 1', 'event 5 7 1 read 1', 'end 7');
    expect(await atOnce(collecting)).toBe('waits');
    tracer.print('event 9 8 7 write 4', 'end 8');
    expect(await atOnce(collecting)).toMatchObject({
      ...{ state: 'counted', counts: { events: [{ atNs: 0 }, { atNs: 4 }] } },
    });
    session.begin();
    tracer.print(...FAMILY, 'exit 7 1 1', 'end 7');
    expect(await session.collect(ROOT, '2proc')).toMatchObject({
      ...{ state: 'counted', doubts: [{ code: 'left-behind' }] },
    });
    session.begin();
    tracer.print(...FAMILY);
    expect(await session.collect(ROOT, '2proc')).toMatchObject({ state: 'failed' });
    tracer.end({ exitCode: 0 });
  });

  it('may be said to have ended where no script rides', async () => {
    const { tracer, session } = await begun();
    session.runHasEnded(ROOT);
    tracer.print('start 7', 'exit 7 1 1');
    expect(await atOnce(session.collect(ROOT, '2proc'))).toMatchObject({ state: 'counted' });
    tracer.end({ exitCode: 0 });
  });

  it('keeps what came for the next run while it was itself collected', async () => {
    const { tracer, session } = await begun();
    tracer.print('start 7', 'exit 7 1 1');
    const first = session.collect(ROOT, '2proc');
    session.begin();
    tracer.print('start 9', 'syscall 9 1 read 4', 'exit 9 1 1');
    expect(await atOnce(first)).toMatchObject({ state: 'counted', counts: { syscalls: [] } });
    expect(await atOnce(session.collect(9, '2proc'))).toMatchObject({
      ...{ state: 'counted', counts: { syscalls: [{ count: 4 }] } },
    });
    tracer.end({ exitCode: 0 });
  });

  it('adds up what is printed in parts, and takes the last of running totals', async () => {
    for (const [runningTotals, count] of [
      [false, 8],
      [true, 5],
    ] as const) {
      const { tracer, session } = await begun({ runningTotals });
      tracer.print('syscall 7 1 read 3', 'syscall 7 1 read 5', 'exit 7 1 1');
      expect(await atOnce(session.collect(ROOT, '2proc'))).toMatchObject({
        counts: { syscalls: [{ count }] },
      });
      tracer.end({ exitCode: 0 });
    }
  });
});

describe('the time of a session', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    vi.advanceTimersByTime(50_000);
  });
  afterEach(() => void vi.useRealTimers());

  it('in which a run has to end is one for all that it has to print', async () => {
    const { tracer, session } = await begun({ endMs: 1000, askAtEnd: () => {} });
    const collecting = session.collect(ROOT, '2proc');
    vi.advanceTimersByTime(600);
    tracer.print('start 7', 'exit 7 1 1');
    expect(await atOnce(collecting)).toBe('waits');
    vi.advanceTimersByTime(399);
    expect(await atOnce(collecting)).toBe('waits');
    vi.advanceTimersByTime(1);
    expect(await atOnce(collecting)).toMatchObject({
      ...{ state: 'failed', reason: 'no end marker from dtrace within 1 s' },
    });
    tracer.end({ exitCode: 0 });
  });

  it.each([
    ['three seconds', {}, 3000],
    ['as long as it is told', { quietMs: 100 }, 100],
  ])('for the end of the events begins anew with each line: %s', async (_, more, quietMs) => {
    const { quietMs: _own, ...options } = OPTIONS;
    const tracer = tracerByHand();
    const attaching = ProcessSession.attach(tracer.process, {
      ...options,
      ...{ marksEvents: true, ...more },
    });
    tracer.print('ready');
    const session = await attaching;
    session.begin();
    tracer.print('start 7', 'exit 7 1 1');
    const collecting = session.collect(ROOT, '2proc');
    for (const at of [3n, 4n]) {
      expect(await atOnce(collecting)).toBe('waits');
      vi.advanceTimersByTime(quietMs - 1);
      tracer.print(`event ${at} 7 1 read 1`);
      expect(await atOnce(collecting)).toBe('waits');
      vi.advanceTimersByTime(1);
    }
    expect(await atOnce(collecting)).toBe('waits');
    vi.advanceTimersByTime(quietMs);
    expect(await atOnce(collecting)).toMatchObject({
      ...{ state: 'counted', counts: { events: [{ atNs: 0 }, { atNs: 1 }] } },
    });
    tracer.end({ exitCode: 0 });
  });

  it('for the end of the events is over in the end, also when lines keep coming', async () => {
    const { tracer, session } = await begun({ marksEvents: true, endMs: 1000, quietMs: 100 });
    tracer.print('start 7', 'exit 7 1 1');
    const collecting = session.collect(ROOT, '2proc');
    for (let ms = 0; ms < 15_000; ms += 50) {
      expect(await atOnce(collecting)).toBe('waits');
      tracer.print('foreign 400');
      vi.advanceTimersByTime(50);
    }
    tracer.print('foreign 400');
    expect(await atOnce(collecting)).toMatchObject({
      ...{ state: 'counted', doubts: [{ code: 'foreign-benchmark' }] },
    });
    tracer.end({ exitCode: 0 });
  });

  it.each([
    ['dtrace', {}, 120_000, 1],
    ['bpftrace', {}, 15_000, 60],
    ['bpftrace', { closeMs: 1000 }, 1000, 4],
  ] as const)(
    'in which %s may end is over in the end: %j',
    async (tracerName, more, closeMs, told) => {
      const { tracer, session } = await begun({ tracer: tracerName, ...more });
      expect(session.state).toBe('attached');
      const closing = session.close();
      expect(session.state).toBe('ended');
      await vi.advanceTimersByTimeAsync(closeMs - 1);
      expect(tracer.signals).toEqual(Array(told).fill('SIGTERM'));
      await vi.advanceTimersByTimeAsync(1);
      expect(tracer.signals.slice(told)).toEqual(['SIGKILL']);
      expect(await atOnce(closing)).toBe('waits');
      await vi.advanceTimersByTimeAsync(3000);
      expect(await atOnce(closing)).toBe(false);
    },
  );

  it('is not used up by a tracer that ends when it is told', async () => {
    const { tracer, session } = await begun();
    const closing = session.close();
    expect(await atOnce(closing)).toBe('waits');
    tracer.end({ exitCode: 0 });
    expect(await atOnce(closing)).toBe(true);
    expect(await session.close()).toBe(true);
    expect(tracer.signals).toEqual(['SIGTERM']);
  });
});
