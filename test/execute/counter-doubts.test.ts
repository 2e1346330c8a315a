import { expect, it } from 'vitest';
import type { Sample } from '../../src/benchmark/output.ts';
import { counterDoubts } from '../../src/execute/counter-doubts.ts';

function sample(iteration: number, counters?: Readonly<Record<string, number>>): Sample {
  const timed = { iteration, elapsedNs: 1, bandwidthBytesPerS: 1 };
  return counters ? { ...timed, counters: new Map(Object.entries(counters)) } : timed;
}

it('there is no doubt about samples that all have the same counters, or were asked for none', () => {
  const same = [sample(1, { CPU_CYCLES: 1 }), sample(2, { CPU_CYCLES: 0 })];
  expect(counterDoubts(same, ['CPU_CYCLES'])).toEqual([]);
  expect(counterDoubts([sample(1)], [])).toEqual([]);
});

it('a run is doubted when some samples lack a counter that others have', () => {
  const [doubt] = counterDoubts([sample(1, { A: 1, B: 2 }), sample(2, { B: 3 })], []);
  expect(doubt).toEqual({
    code: 'counters-missing',
    message: 'not every sample has a value of A',
    suspect: false,
  });
});

it('a sample is doubted without the counters that the benchmark printed when it was tried', () => {
  const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'];
  expect(counterDoubts([sample(1)], names)).toEqual([
    {
      code: 'counters-missing',
      message: 'the sample has no A, B, C, D, E, F and 2 more',
      suspect: false,
    },
  ]);
});

it('a doubt says that counters took turns, and names the smallest share of the time', () => {
  const samples = [sample(1, { A: 1, COUNTED_SHARE: 0.624 }), sample(2, { A: 1 })];
  expect(counterDoubts(samples, ['A'])).toEqual([
    {
      code: 'counters-scaled',
      message: expect.stringContaining('one counted for 62 % of the time'),
      suspect: false,
    },
  ]);
});
