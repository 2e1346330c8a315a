import { describe, expect, it } from 'vitest';
import type { CountedRun } from '../../src/instruments/instrument.ts';
import { pipeDwell } from '../../src/instruments/pipe-dwell/instrument.ts';

const EMPTY = 1;
const PARTIAL = 4;

function counted(dwell: readonly number[], spans: readonly number[], ipc = 'pipe'): CountedRun {
  return {
    counts: {
      pipe_dwell: dwell.map((count, at) => ({
        ...{ role: 'receiver' as const, state: EMPTY, next_state: PARTIAL + 8 * at, count },
      })),
      pipe_spans: spans.map((count, at) => ({ role: 'receiver' as const, pipe: at + 1, count })),
    },
    ipc,
    iterations: 2,
    calls: { read: { all: 9, moved: 9 }, write: { all: 9, moved: 9 } },
  };
}

describe('the check of pipe-dwell', () => {
  it('finds nothing in a run whose states add up to the time in which its pipes were used', () => {
    expect(pipeDwell.check(counted([30, 12, 8], [20, 30]))).toEqual([]);
  });

  it('doubts a run whose states add up to another time, if only by a nanosecond', () => {
    for (const last of [29, 31]) {
      expect(pipeDwell.check(counted([30, 12, 8], [20, last]))).toEqual([
        {
          code: 'pipe-dwell',
          message: `50 ns in all states of the pipe, which was in use for ${20 + last} ns`,
          suspect: true,
        },
      ]);
    }
  });

  it('doubts a run that had more or fewer pipes than iterations', () => {
    expect(pipeDwell.check(counted([50], [50])).map(({ message }) => message)).toEqual([
      '1 pipe in use, in 2 iterations',
    ]);
    expect(pipeDwell.check(counted([], [])).map(({ message }) => message)).toEqual([
      '0 pipes in use, in 2 iterations',
    ]);
    expect(pipeDwell.check(counted([50], [20, 20, 10]))).toHaveLength(1);
  });

  it('expects nothing of a run over sockets', () => {
    expect(pipeDwell.check(counted([], [], 'tcp'))).toEqual([]);
  });
});
