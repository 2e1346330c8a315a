import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endTracer } from '../../../src/trace/session/end-tracer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.advanceTimersByTime(50_000);
});
afterEach(() => void vi.useRealTimers());

/**
 * Ends a tracer whose end comes after some signals or not at all.
 * @returns the signals that it got, and how long each wait for its end was to be at most
 */
async function ending(tracer: 'dtrace' | 'bpftrace', patienceMs: number, endsAfter = 1000) {
  const signals: string[] = [];
  const waits: number[] = [];
  const hasEnded = () => signals.length >= endsAfter;
  const order = (signal: string) => void signals.push(signal);
  const untilEnded = async (limitMs: number) => {
    waits.push(limitMs);
    if (!hasEnded()) vi.advanceTimersByTime(limitMs);
  };
  await endTracer(tracer, { order, hasEnded, untilEnded }, patienceMs);
  return { signals, waits };
}

describe('a tracer that is to end', () => {
  it('is told once if it is dtrace, and killed when its time is over', async () => {
    expect(await ending('dtrace', 1000)).toEqual({
      ...{ signals: ['SIGTERM', 'SIGKILL'], waits: [1000, 3000] },
    });
  });

  it('is told four times a second if it is bpftrace, and killed when its time is over', async () => {
    expect(await ending('bpftrace', 600)).toEqual({
      signals: ['SIGTERM', 'SIGTERM', 'SIGTERM', 'SIGKILL'],
      waits: [250, 250, 100, 3000],
    });
  });

  it('is left alone as soon as it has ended', async () => {
    expect(await ending('dtrace', 1000, 1)).toEqual({ signals: ['SIGTERM'], waits: [1000] });
    expect(await ending('bpftrace', 1000, 2)).toEqual({
      ...{ signals: ['SIGTERM', 'SIGTERM'], waits: [250, 250] },
    });
  });

  it('is not told anything if it has ended before', async () => {
    expect(await ending('dtrace', 1000, 0)).toEqual({ signals: [], waits: [] });
  });

  it('is killed at once if it has no time', async () => {
    expect(await ending('bpftrace', 0)).toEqual({ signals: ['SIGKILL'], waits: [3000] });
  });
});
