import { describe, expect, it } from 'vitest';
import {
  AmbiguousCells,
  type CompareSidesOptions,
  cellPair,
  compareSides,
  type Side,
} from '../../src/analyse/comparison.ts';
import type { AxisName } from '../../src/experiment/axes.ts';
import type { CellRow } from '../../src/store/reader.ts';

const SIZES = [512, 1024];
/** Makes a cell of each size by each program, numbered as a matrix lists them. */
function cellsBy(programs: readonly string[], host = 'local'): readonly CellRow[] {
  return SIZES.flatMap((bytes, size) =>
    programs.map(
      (program, at): CellRow => ({
        ...{ cell: size * programs.length + at + 1, ipc: 'pipe', mode: '2proc' },
        ...{ buffer_bytes: bytes, total_bytes: 4096, socket_buffers: 0 },
        ...{ host, host_axis: 0, program },
      }),
    ),
  );
}

/** The cells of some programs; in trial t a run of each has the same 10 % of luck. */
function sideOf(
  cells: readonly CellRow[],
  speed: Readonly<Record<string, number>>,
  order = 'shuffled',
): Side {
  const luck = (trial: number) => 1 + 0.1 * Math.sin(7 * trial);
  return {
    cells,
    runs: new Map(
      cells.map(({ cell, program }) => [
        cell,
        Array.from({ length: 11 }, (_, at) => ({
          trial: at + 1,
          bandwidth: 1e6 * luck(at + 1) * speed[program]! * (1 + 0.001 * Math.cos(at * cell)),
        })),
      ]),
    ),
    made: { sweep: 's 1', order },
    ...{ doubts: new Map(), syscalls: new Map(), pipeStates: new Map() },
  };
}

const cells = cellsBy(['base', 'new', 'third']);
const by = (...names: string[]) => cells.filter(({ program }) => names.includes(program));
const speed = { base: 1, new: 0.97, third: 1.02 };
const apart: ReadonlySet<AxisName> = new Set(['program']);

describe('the programs of a sweep', () => {
  it('leave out a cell of the first that one of the others lacks, and name it', () => {
    const others = by('new', 'third').filter(
      ({ program, buffer_bytes: bytes }) => program !== 'third' || bytes !== 1024,
    );
    const sides = ['new', 'third'].map((name) =>
      sideOf(
        others.filter(({ program }) => program === name),
        speed,
      ),
    );
    const compared = compareSides(sideOf(by('base'), speed), sides, { apart });
    expect(compared.cells).toHaveLength(3);
    expect(
      compared.unmatched.map(({ onlyA }) => onlyA.map(({ buffer_bytes: bytes }) => bytes)),
    ).toEqual([[], [1024]]);
  });

  it('are each compared with the first, cell by cell', () => {
    const others = [sideOf(by('new'), speed), sideOf(by('third'), speed)];
    const compared = compareSides(sideOf(by('base'), speed), others, { apart });
    expect(
      compared.cells.map(({ a, b, verdict }) => [
        ...[a.program, a.buffer_bytes, b.program, b.buffer_bytes, verdict.verdict],
      ]),
    ).toEqual([
      ['base', 512, 'new', 512, 'slower'],
      ['base', 512, 'third', 512, 'faster'],
      ['base', 1024, 'new', 1024, 'slower'],
      ['base', 1024, 'third', 1024, 'faster'],
    ]);
    expect(compared.unmatched).toEqual(Array(2).fill({ onlyA: [], onlyB: [] }));
  });

  it('are compared in pairs of runs of one block, whatever the order of the runs', () => {
    for (const order of ['shuffled', 'round-robin', 'sequential']) {
      const [cell] = compareSides(
        sideOf(by('base'), speed, order),
        [sideOf(by('new'), speed, order)],
        { apart },
      ).cells;
      expect(cell).toMatchObject({
        interleaved: true,
        verdict: { method: 'paired', pairs: 11, verdict: 'slower' },
      });
    }
  });

  it('are named where a side leaves open which of them is meant', () => {
    const both = sideOf(by('base', 'new'), speed);
    const third = [sideOf(by('third'), speed)];
    expect(() => compareSides(both, third, { apart })).toThrow(AmbiguousCells);
    expect(() => compareSides(both, third, { apart })).toThrow(/program/);
  });

  it('have no counterpart where one of them was not run, and say so', () => {
    const some = by('new').slice(1);
    const compared = compareSides(sideOf(by('base'), speed), [sideOf(some, speed)], { apart });
    expect(compared.cells).toHaveLength(1);
    expect(compared.unmatched[0]?.onlyA).toMatchObject([{ program: 'base', buffer_bytes: 512 }]);
  });
});

describe('two sides', () => {
  const [first, second] = [cellsBy(['base']), cellsBy(['new'])];
  const compare = (
    a: Partial<Side>,
    b: Partial<Side>,
    options: Partial<CompareSidesOptions> = {},
  ) =>
    compareSides({ ...sideOf(first, speed), ...a }, [{ ...sideOf(second, speed), ...b }], {
      ...{ apart },
      ...options,
    });

  it('have the medians of their runs, and none where there is no run', () => {
    const runs = (...bandwidths: number[]) =>
      new Map([[1, bandwidths.map((bandwidth, at) => ({ trial: at + 1, bandwidth }))]]);
    const { cells: found } = compare({ runs: runs(7, 3, 9) }, { runs: runs(2, 4) });
    expect(found.map(({ medianA, medianB }) => [medianA, medianB])).toEqual([
      [7, 3],
      [undefined, undefined],
    ]);
    expect(found.map(({ verdict }) => verdict)).toEqual([
      { verdict: 'too few', nA: 3, nB: 2 },
      { verdict: 'too few', nA: 0, nB: 0 },
    ]);
  });

  it('have each doubt about their runs once, whether it was stored or is raised by the values', () => {
    const three = [1, 2, 3].map((trial) => ({ trial, bandwidth: 1e6 }));
    const runs = new Map([1, 2].map((cell) => [cell, three]));
    const short = (cells: readonly CellRow[]) =>
      cells.map((cell) => ({ ...cell, total_bytes: 100 }));
    const { cells: found } = compare(
      { cells: short(first), runs, doubts: new Map([[1, ['stored', 'short-samples']]]) },
      { cells: short(second), runs },
    );
    expect(found[0]!.doubtsA).toEqual(['stored', 'short-samples']);
    expect(found[1]!.doubtsA).toEqual(['short-samples']);
    expect(found[0]!.doubtsB).toEqual(['short-samples']);
    const { cells: sound } = compare({ runs }, { runs, doubts: new Map([[2, ['stored']]]) });
    expect(sound.map(({ doubtsA, doubtsB }) => [doubtsA, doubtsB])).toEqual([
      [[], []],
      [[], ['stored']],
    ]);
  });

  it('are compared by their calls and by the states of their pipes', () => {
    const counts = (name: string, count: number) =>
      new Map([[2, new Map([[name, [count, count]]])]]);
    const { cells: found } = compare(
      { syscalls: counts('sender write', 8), pipeStates: counts('read 4', 1) },
      { syscalls: counts('sender write', 9), pipeStates: counts('read 4', 0.5) },
    );
    expect(found.map(({ syscalls }) => syscalls)).toEqual([
      [],
      [{ name: 'sender write', a: 8, b: 9, change: 'more', evidence: true }],
    ]);
    expect(found.map(({ pipeStates }) => pipeStates)).toEqual([
      [],
      [{ name: 'read 4', a: 1, b: 0.5, change: 'less', evidence: true }],
    ]);
  });

  it('are judged by a gate only where a slowdown counts as too large', () => {
    const gates = (notSlowerBy?: number) =>
      compare({}, {}, { notSlowerBy }).cells.map(({ gate }) => gate?.state);
    expect(gates()).toEqual([undefined, undefined]);
    expect(gates(0.02)).toEqual(['slower', 'slower']);
    expect(gates(0.04)).toEqual(['passes', 'passes']);
  });

  it('are interleaved only in one sweep and on one host', () => {
    const interleaved = (b: Partial<Side>) =>
      compare({}, b).cells.map(({ interleaved: own }) => own);
    expect(interleaved({})).toEqual([true, true]);
    const made = { sweep: 's 2', order: 'shuffled' };
    expect(interleaved({ made })).toEqual([false, false]);
    expect(interleaved({ cells: cellsBy(['new'], 'board') })).toEqual([false, false]);
  });

  it('are paired by the trials that both have', () => {
    const [cell] = first;
    const runs = (...trials: number[]) => ({
      ...{ made: { sweep: 's 1', order: 'shuffled' }, cell: cell! },
      runs: trials.map((trial) => ({ trial, bandwidth: 10 * trial })),
    });
    expect(cellPair(runs(1, 2, 4), runs(4, 3, 1))).toEqual({
      ...{ a: [10, 20, 40], b: [40, 30, 10] },
      blocks: [
        { a: 10, b: 10 },
        { a: 40, b: 40 },
      ],
    });
  });

  it('name the cells that only one of them has', () => {
    const { unmatched } = compare({ cells: first.slice(0, 1) }, { cells: second });
    expect(unmatched).toEqual([{ onlyA: [], onlyB: [second[1]] }]);
  });

  it('say which side leaves open what is meant, and in which axis its cells differ', () => {
    const both = [...first, ...second.map((cell) => ({ ...cell, cell: cell.cell + 2 }))];
    const options = { apart: new Set<AxisName>(['ipc', 'program']) };
    const thrown = (a: Partial<Side>, b: Partial<Side>) => {
      try {
        compare(a, b, options);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const message = 'cells 1 and 3 differ only in program';
    expect(thrown({ cells: both }, {})).toMatchObject({ side: 0, message });
    expect(thrown({}, { cells: both })).toMatchObject({ side: 1, message });
  });
});

it('in sequential order the channels of one program are not interleaved', () => {
  const channel = (ipc: string) => cellsBy(['']).map((cell) => ({ ...cell, ipc }));
  const compared = compareSides(
    sideOf(channel('pipe'), { '': 1 }, 'sequential'),
    [sideOf(channel('local'), { '': 1 }, 'sequential')],
    { apart: new Set<AxisName>(['ipc']) },
  );
  expect(compared.cells.map(({ interleaved }) => interleaved)).toEqual([false, false]);
});
