import { describe, expect, it } from 'vitest';
import { type Evidence, judgeExpectations } from '../../src/analyse/expectations.ts';
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
const missesOf = (text: string) => {
  const parsed = parseExpectation(text);
  if (parsed.state === 'broken') throw new Error(parsed.expected);
  const [judged] = judgeExpectations([parsed.expectation], findings);
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
  });
});
