import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOf, sizeAxis, sizesOf } from '../../src/report/figures/axes.ts';
import type { CellRow } from '../../src/store/reader.ts';

const row = fc.record({
  ipc: fc.constantFrom('pipe', 'local', 'tcp'),
  mode: fc.constantFrom('2proc', '2thread'),
  buffer_bytes: fc.integer({ min: 1, max: 6 }),
  total_bytes: fc.integer({ min: 1, max: 4 }),
  socket_buffers: fc.constantFrom(0, 1),
});
/** Hosts whose names are the same where only letters and digits may stand. */
const HOSTS = ['root@b', 'root_b', 'board-1'];
const matrix = fc.tuple(fc.boolean(), fc.boolean()).chain(([everyHost, severalPrograms]) =>
  fc
    .uniqueArray(
      fc.tuple(
        row,
        everyHost ? fc.constantFrom(...HOSTS) : fc.constant('local'),
        severalPrograms ? fc.constantFrom('base', 'new') : fc.constant(''),
      ),
      { selector: (cell) => JSON.stringify(cell), minLength: 1, maxLength: 40 },
    )
    .map((rows) =>
      rows.map(
        ([cell, host, program], at): CellRow => ({
          ...{ cell: at + 1, host, host_axis: Number(everyHost), program },
          ...cell,
        }),
      ),
    ),
);

describe('partsOf', () => {
  it('places each cell exactly once, and never two cells of one size in a series', () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: 1, max: 8 }), (cells, most) => {
        const axis = sizeAxis(cells);
        const parts = partsOf(cells, axis, most);
        const placed = parts.flatMap(({ series }) => series.flatMap((own) => own.cells));
        expect(placed.map(({ cell }) => cell).sort((a, b) => a - b)).toEqual(
          cells.map(({ cell }) => cell),
        );
        for (const { series } of parts) {
          for (const own of series) {
            const sizes = own.cells.map((cell) => cell[axis.field]);
            expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
          }
        }
      }),
    );
  });

  it('keeps to the largest number of series in a chart, and gives each its own label and suffix', () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: 1, max: 8 }), (cells, most) => {
        const parts = partsOf(cells, sizeAxis(cells), most);
        for (const { series } of parts) {
          expect(series.length).toBeLessThanOrEqual(most);
          expect(new Set(series.map(({ label }) => label)).size).toBe(series.length);
        }
        expect(new Set(parts.map(({ suffix }) => suffix)).size).toBe(parts.length);
      }),
    );
  });

  it('names one series by what it is, and several series by what distinguishes them', () => {
    const cell = {
      ...{ cell: 1, ipc: 'pipe', mode: '2proc', socket_buffers: 0 },
      ...{ host: '', host_axis: 0, program: '' },
    };
    const one = [1, 2].map((size) => ({ ...cell, buffer_bytes: size, total_bytes: 4096 }));
    const labelsOf = (cells: readonly CellRow[]) =>
      partsOf(cells, sizeAxis(cells), 6)[0]!.series.map(({ label }) => label);
    expect(labelsOf(one)).toEqual(['pipe 2proc']);
    expect(labelsOf([...one, ...one.map((own) => ({ ...own, mode: '2thread' }))])).toEqual([
      '2proc',
      '2thread',
    ]);
    expect(labelsOf([...one, ...one.map((own) => ({ ...own, total_bytes: 8192 }))])).toEqual([
      'total 4 KiB',
      'total 8 KiB',
    ]);
    const byPrograms = ['base', 'new'].flatMap((program) =>
      one.map((own) => ({ ...own, program })),
    );
    expect(labelsOf(byPrograms)).toEqual(['base', 'new']);
  });
});

describe('the hosts of a sweep', () => {
  const cell = { ipc: 'pipe', mode: '2proc', socket_buffers: 0, total_bytes: 4096 };
  const cells = (axis: number, hosts: readonly string[]): CellRow[] =>
    hosts.flatMap((host, at) =>
      [1, 2].map((size) => ({
        ...{ ...cell, cell: 2 * at + size, host, host_axis: axis, program: '' },
        buffer_bytes: axis === 1 ? size : 2 * at + size,
      })),
    );

  it('are series where each makes the whole matrix', () => {
    const [part] = partsOf(cells(1, ['board-1', 'board-2']), sizeAxis(cells(1, ['a'])), 6);
    expect(part!.series.map(({ label }) => label)).toEqual(['board-1', 'board-2']);
    for (const { cells: own } of part!.series) {
      expect(new Set(own.map(({ host }) => host)).size).toBe(1);
    }
  });

  it('form one series where they share the cells', () => {
    const shared = cells(0, ['board-1', 'board-2']);
    const [part] = partsOf(shared, sizeAxis(shared), 6);
    expect(part!.series.map(({ label }) => label)).toEqual(['pipe 2proc']);
  });
});

describe('sizesOf', () => {
  it('lists each size once, in rising order', () => {
    fc.assert(
      fc.property(matrix, (cells) => {
        const sizes = sizesOf(cells, sizeAxis(cells));
        expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
      }),
    );
  });
});
