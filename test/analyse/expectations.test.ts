import { describe, expect, it } from 'vitest';
import {
  type Evidence,
  judgeCells,
  judgeExpectations,
  measuredIn,
} from '../../src/analyse/expectations.ts';
import { describeBandwidth } from '../../src/analyse/summary.ts';
import { parseExpectation } from '../../src/experiment/expectation.ts';

const cellOf = (cell: number, bufferBytes: number) => ({
  ...{
    cell,
    ipc: 'pipe',
    mode: '2proc',
    total_bytes: 65536,
    socket_buffers: 0,
    host: '',
    host_axis: 0,
    program: '',
  },
  buffer_bytes: bufferBytes,
});
const MIB = 1024 ** 2;
const summaryOf = (cell: number, bufferBytes: number, bandwidths: readonly number[]) => ({
  cell: cellOf(cell, bufferBytes),
  ...{ completed: bandwidths.length, suspect: 0, failed: 2 },
  bandwidth: describeBandwidth(
    bandwidths.map((bandwidth) => [bandwidth]),
    1024,
  ),
  ...{ untraced: true, probeEffect: undefined, precision: undefined, iterationsAsRuns: false },
});

/** Two cells: the first, of 4 KiB, was measured and traced; of the second nothing is known. */
const findings: Evidence = {
  summaries: [
    summaryOf(
      1,
      4096,
      [100, 110, 120, 130, 140].map((rate) => rate * MIB),
    ),
    summaryOf(2, 8192, []),
  ],
  syscalls: {
    names: ['read', 'write'],
    byCell: new Map([[1, { runs: 5, medians: [16, 18] }]]),
  },
  syscallsOf: (role) => ({
    names: ['write'],
    byCell: new Map(
      role === 'both' ? [] : [[1, { runs: 5, medians: [role === 'sender' ? 16 : 2] }]],
    ),
  }),
  noKernelHas: (name) => name === 'kevent',
  pipeStates: [
    { cell: 1, operation: 'read', state: 0x404, count: 1 },
    { cell: 1, operation: 'read', state: 0x4, count: 3 },
  ],
  stateBits: [
    { bit: 0x4, name: 'ASYNC' },
    { bit: 0x80, name: 'EOF' },
    { bit: 0x400, name: 'DIRECTW' },
  ],
};
const parsed = (text: string) => {
  const result = parseExpectation(text);
  if (result.state === 'broken') throw new Error(result.expected);
  return result.expectation;
};
const missesOf = (text: string) => {
  const [judged] = judgeExpectations([parsed(text)], findings);
  return judged!.misses.map(({ cell, found }) => [cell.cell, found]);
};
const of4KiB = ' when buffer_size == 4096';

describe('an expectation is judged', () => {
  it.each([
    ['bandwidth.median == 120MiB/s', []],
    ['bandwidth.median < 120MiB/s', [[1, '120MiB/s']]],
    ['bandwidth.median >= 9GB/s', [[1, '0.1258GB/s']]],
    ['bandwidth.max <= 99 kB/s', [[1, '146800kB/s']]],
    ['bandwidth.min >= 9000000000B/s', [[1, '104900000B/s']]],
    ['bandwidth.median > 1GiB/s', [[1, '0.1172GiB/s']]],
    ['bandwidth.cv < 20%', []],
    ['bandwidth.cv < 10%', [[1, '13.18%']]],
    ['bandwidth.cv < 0.1', [[1, '0.1318']]],
    ['bandwidth.n >= 5', []],
    ['bandwidth.ci_low == 100MiB/s', []],
    ['bandwidth.ci_high == 140MiB/s', []],
    // Half of 40 over 120.
    ['bandwidth.relative_ci < 10%', [[1, '16.67%']]],
    ['bandwidth.q1 == 110MiB/s', []],
    ['bandwidth.median > 120MiB/s', [[1, '120MiB/s']]],
    ['syscalls.read > 15', []],
    ['syscalls.read <= 16', []],
    ['syscalls.read <= 15', [[1, '16']]],
    ['syscalls.read != 15', []],
    ['syscalls.read != 16', [[1, '16']]],
    ['runs.completed == 5', []],
    ['syscalls.read == 16', []],
    // The receiver writes its results, too.
    ['syscalls.write == 16', [[1, '18']]],
    ['syscalls.sender.write == 16', []],
    ['syscalls.receiver.write == 0', [[1, '2']]],
    ['syscalls.sender.close <= 1', []],
    ['syscalls.both.write == 16', [[1, 'nothing was counted for the role both']]],
    ['syscalls.kevent <= 300', [[1, 'this kernel has no system call kevent']]],
    ['syscalls.close == 0', []],
    ['runs.failed == 0', [[1, '2']]],
    ['pipe_states.read has DIRECTW', []],
    ['pipe_states.read has EOF', [[1, 'never seen']]],
    ['pipe_states.read has no EOF', []],
    ['pipe_states.read has no DIRECTW', [[1, 'seen in 25%']]],
    ['pipe_states.read has no FULL', [[1, 'this kernel has no state FULL']]],
    ['pipe_states.read has FULL', [[1, 'this kernel has no state FULL']]],
    ['pipe_states.read.FULL < 50%', [[1, 'this kernel has no state FULL']]],
    ['pipe_states.read.DIRECTW == 25%', []],
    ['pipe_states.read.ASYNC < 100%', [[1, '100%']]],
    ['pipe_states.write has EOF', [[1, 'nothing was traced']]],
    ['probe_effect > 50%', [[1, 'nothing was measured']]],
  ])('by the stored figures: %s', (text, misses) => {
    expect(missesOf(text + of4KiB)).toEqual(misses);
  });

  it('for every cell, and fails for a cell of which nothing is known', () => {
    expect(missesOf('bandwidth.median == 120MiB/s')).toEqual([[2, 'nothing was measured']]);
    expect(missesOf('pipe_states.read has no EOF')).toEqual([[2, 'nothing was traced']]);
    expect(missesOf('syscalls.read == 16')).toEqual([[2, 'nothing was measured']]);
    expect(missesOf('runs.failed == 2')).toEqual([]);
    expect(missesOf('syscalls.close == 0')).toEqual([[2, 'nothing was measured']]);
    expect(missesOf('bandwidth.n >= 1')).toEqual([[2, '0']]);
    for (const field of ['ci_low', 'ci_high']) {
      expect(missesOf(`bandwidth.${field} >= 1B/s`)).toEqual([[2, 'nothing was measured']]);
    }
    expect(missesOf('bandwidth.relative_ci < 50%')).toEqual([[2, 'nothing was measured']]);
  });

  it('in as many cells as it concerns', () => {
    const count = (text: string) => judgeExpectations([parsed(text)], findings)[0]!.cells;
    expect(count('runs.failed == 2')).toBe(2);
    expect(count(`runs.failed == 2${of4KiB}`)).toBe(1);
    expect(count('runs.failed == 2 when buffer_size == 1')).toBe(0);
  });

  it('only where a cell has the host or the program that its condition asks for', () => {
    const [first] = findings.summaries;
    const cell = { ...first!.cell, host: 'board', host_axis: 1 };
    const count = (condition: string, change: Partial<typeof cell> = {}) =>
      judgeCells(parsed(`runs.failed == 2 when ${condition}`), {
        ...findings,
        summaries: [{ ...first!, cell: { ...cell, ...change } }],
      }).length;
    expect(count('host != "other"')).toBe(1);
    expect(count('host != "other"', { host_axis: 0 })).toBe(0);
    expect(count('program != "other"')).toBe(0);
    expect(count('program != "other" || host != "other"')).toBe(0);
    expect(count('program != "other" || host != "other"', { program: 'own' })).toBe(1);
  });
});

describe('a cell is judged', () => {
  const judged = (text: string, change: Partial<(typeof findings.summaries)[number]> = {}) => {
    const [first] = findings.summaries;
    const summaries = [{ ...first!, ...change }];
    const [found] = judgeCells(parsed(text), { ...findings, summaries });
    return found!.state === 'unknown' ? found!.because : [found!.state, found!.measured];
  };
  const unknown = { ...findings.summaries[1]! };
  const effect = { traced: undefined, untraced: undefined, pairs: 0, unpaired: undefined };

  it('by the measured value', () => {
    expect(judged('syscalls.read == 16')).toEqual(['met', 16]);
    expect(judged('syscalls.read == 17')).toEqual(['missed', 16]);
    expect(judged('pipe_states.read has DIRECTW')).toEqual(['met', 0.25]);
    expect(judged('pipe_states.read has EOF')).toEqual(['missed', 0]);
    const ratio = { ratio: 0.8, low: 0.7, high: 0.9, level: 0.95, pairs: 7 };
    expect(judged('probe_effect > 50%', { probeEffect: { ...effect, ratio } })).toEqual([
      ...['met', 0.8],
    ]);
  });

  it('as unknown for a reason: no runs or too few, no controls, no instrument, no such thing', () => {
    expect(judged('bandwidth.median > 1MiB/s', unknown)).toBe('no-runs');
    const four = summaryOf(1, 4096, [100, 110, 120, 130]);
    expect(judged('bandwidth.ci_low > 1MiB/s', four)).toBe('too-few-runs');
    expect(judged('bandwidth.relative_ci < 5%', four)).toBe('too-few-runs');
    expect(judged('probe_effect > 50%')).toBe('no-controls');
    const probeEffect = { ...effect, ratio: undefined };
    expect(judged('probe_effect > 50%', { probeEffect })).toBe('too-few-runs');
    expect(judged('probe_effect > 50%', { ...unknown, probeEffect })).toBe('no-runs');
    expect(judged('syscalls.read == 16', unknown)).toBe('no-instrument');
    expect(judged('syscalls.both.write == 16')).toBe('no-such-role');
    expect(judged('syscalls.kevent == 16')).toBe('not-in-kernel');
    expect(judged('pipe_states.write has EOF')).toBe('no-instrument');
    expect(judged('pipe_states.write.EOF < 1%')).toBe('no-instrument');
    expect(judged('pipe_states.read has FULL')).toBe('not-in-kernel');
    expect(judged('runs.failed == 2 when total_size / (buffer_size - 4096) > 1')).toBe(
      'no-condition',
    );
  });

  it('unless its condition fails in a way that only a fault explains', () => {
    const broken = {
      ...parsed('runs.failed == 2'),
      concerns: () => {
        throw new TypeError('a fault');
      },
    };
    expect(() => judgeCells(broken, findings)).toThrow(TypeError);
  });
});

it.each([
  ['bandwidth.median > 1MiB/s', 'bytes/s'],
  ['bandwidth.n > 1', 'runs'],
  ['bandwidth.cv < 10%', 'share'],
  ['bandwidth.relative_ci < 10%', 'share'],
  ['runs.failed == 0', 'runs'],
  ['probe_effect > 50%', 'ratio'],
  ['syscalls.read == 16', 'calls'],
  ['pipe_states.read.EOF < 1%', 'share'],
  ['pipe_states.read has EOF', 'share'],
])('the value of %s is measured in %s', (text, unit) => {
  expect(measuredIn(parsed(text).assertion)).toBe(unit);
});
