import { describe, expect, it } from 'vitest';
import type { CountedRun } from '../../src/instruments/instrument.ts';
import { pipeDwell } from '../../src/instruments/pipe-dwell/instrument.ts';
import { bpftraceLines } from '../../src/trace/bpftrace/bpftrace-lines.ts';
import { dtraceLines } from '../../src/trace/dtrace/dtrace-lines.ts';
import type { LineReader } from '../../src/trace/session/events.ts';
import { Tally } from '../../src/trace/session/tally.ts';

const EMPTY = 1;
const PARTIAL = 4;

function counts(dwell: readonly number[], spans: readonly number[], ipc = 'pipe'): CountedRun {
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
  it('has no doubt about a run whose states add up to the time in which its pipes were used', () => {
    expect(pipeDwell.check(counts([30, 12, 8], [20, 30]))).toEqual([]);
  });

  it('doubts a run whose states add up to another time, if only by a nanosecond', () => {
    for (const last of [29, 31]) {
      expect(pipeDwell.check(counts([30, 12, 8], [20, last]))).toEqual([
        {
          code: 'pipe-dwell',
          message: `50 ns in all states of the pipe, which was in use for ${20 + last} ns`,
          suspect: true,
        },
      ]);
    }
  });

  it('doubts a run that had more or fewer pipes than iterations', () => {
    expect(pipeDwell.check(counts([50], [50])).map(({ message }) => message)).toEqual([
      '1 pipe in use, in 2 iterations',
    ]);
    expect(pipeDwell.check(counts([], [])).map(({ message }) => message)).toEqual([
      '0 pipes in use, in 2 iterations',
    ]);
    expect(pipeDwell.check(counts([50], [20, 20, 10]))).toHaveLength(1);
  });

  it('expects nothing of a run over sockets', () => {
    expect(pipeDwell.check(counts([], [], 'tcp'))).toEqual([]);
  });
});

describe('the time that the programs print', () => {
  const counted = (lines: readonly string[], read: LineReader, counts: 'parts' | 'totals') => {
    const tally = new Tally(counts);
    for (const line of lines) for (const event of read(line)) tally.add(event);
    const { pipe_dwell: dwell, pipe_spans: spans } = tally.countsOf(378, '2proc');
    return { dwell, spans };
  };
  const role = 'receiver';
  const rows = {
    dwell: [
      { role, state: 1, next_state: 4, count: 700 },
      { role, state: 0x40800, next_state: 0x10808, count: 300 },
    ],
    spans: [
      { role, pipe: 1, count: 600 },
      { role, pipe: 2, count: 400 },
    ],
  };

  it('is the sum of the parts that dtrace prints', () => {
    const lines = [
      'start 378.2',
      'pipe_dwell 378.2 300 1 4 500',
      'pipe_span 378.2 300 1 600',
      'pipe_dwell 378.2 300 1 4 200',
      'pipe_dwell 378.2 300 264192 67592 300',
      'pipe_span 378.2 300 2 400',
      'pipe_dwell 378.1 300 1 1 9',
    ];
    expect(counted(lines, dtraceLines(new Map()), 'parts')).toEqual(rows);
  });

  it("is the last of bpftrace's running totals", () => {
    const root = 2 * 2 ** 32 + 378;
    const lines = [
      { type: 'printf', data: `start ${root}\n` },
      { type: 'map', data: { '@pipe_dwell': { [`${root},1,4`]: 500 } } },
      {
        type: 'map',
        data: { '@pipe_dwell': { [`${root},1,4`]: 700, [`${root},264192,67592`]: 300 } },
      },
      { type: 'map', data: { '@pipe_spans': { [`${root},1`]: 600, [`${root},2`]: 400 } } },
    ].map((line) => JSON.stringify(line));
    const read = bpftraceLines({ names: new Map(), readNumber: 0, writeNumber: 1 });
    expect(counted(lines, read, 'totals')).toEqual(rows);
  });
});
