import { describe, expect, it } from 'vitest';
import { AmbiguousCells, compareSides, type Side } from '../../src/analyse/comparison.ts';
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

it('in sequential order the channels of one program are not interleaved', () => {
  const channel = (ipc: string) => cellsBy(['']).map((cell) => ({ ...cell, ipc }));
  const compared = compareSides(
    sideOf(channel('pipe'), { '': 1 }, 'sequential'),
    [sideOf(channel('local'), { '': 1 }, 'sequential')],
    { apart: new Set<AxisName>(['ipc']) },
  );
  expect(compared.cells.map(({ interleaved }) => interleaved)).toEqual([false, false]);
});
