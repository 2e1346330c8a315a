import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IPC_TYPES, MODES } from '../../src/experiment/axes.ts';
import { type Cell, cellKey } from '../../src/experiment/cell.ts';
import { expandMatrix, type Matrix } from '../../src/experiment/matrix.ts';
import { matrixSchema } from '../../src/experiment/matrix-schema.ts';
import { rangeValues } from '../../src/experiment/range.ts';

function expand(document: object, cellLimit = 10_000) {
  return expandMatrix(matrixSchema.parse(document), { cellLimit });
}

function matrixOf(document: object): Matrix {
  const result = expand(document);
  if (result.state !== 'ok') throw new Error(JSON.stringify(result));
  return result.matrix;
}

const keys = (cells: readonly Cell[]) => cells.map(cellKey);
const all = ({ cells, leftOut }: Matrix) => [...cells, ...leftOut.map(({ cell }) => cell)];

const sizes = fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 });
const axes = fc.record({
  buffer_size: sizes,
  total_size: sizes,
  ipc: fc.subarray([...IPC_TYPES], { minLength: 1 }),
  mode: fc.subarray([...MODES], { minLength: 1 }),
  socket_buffers: fc.subarray([false, true], { minLength: 1 }),
});
type Axes = typeof axes extends fc.Arbitrary<infer T> ? T : never;
const productSize = (given: Axes) =>
  Object.values(given).reduce((product, values) => product * values.length, 1);

describe('a matrix', () => {
  it('contains every point of the product once, as a cell or as left out', () => {
    fc.assert(
      fc.property(axes, (given) => {
        const points = keys(all(matrixOf(given)));
        expect(points).toHaveLength(productSize(given));
        expect(new Set(points).size).toBe(points.length);
      }),
    );
  });

  it('has only cells that the benchmark can run, and leaves out no others', () => {
    const runs = (cell: Cell) =>
      cell.totalBytes % cell.bufferBytes === 0 &&
      !(cell.socketBuffers && !['local', 'tcp'].includes(cell.ipc));
    fc.assert(
      fc.property(axes, (given) => {
        const { cells, leftOut } = matrixOf(given);
        expect(cells.every(runs)).toBe(true);
        expect(leftOut.some(({ cell }) => runs(cell))).toBe(false);
      }),
    );
  });

  it('contains exactly the runnable cells for which `where` is true', () => {
    fc.assert(
      fc.property(axes, fc.integer({ min: 0, max: 64 }), (given, most) => {
        const free = matrixOf(given);
        const kept = matrixOf({ ...given, where: `total_size / buffer_size <= ${most}` });
        expect(keys(kept.cells)).toEqual(
          keys(free.cells.filter((cell) => cell.totalBytes / cell.bufferBytes <= most)),
        );
        expect(all(kept)).toHaveLength(productSize(given));
      }),
    );
  });

  it('leaves out every cell that an exclude entry matches in all the axes that the entry names', () => {
    fc.assert(
      fc.property(axes, sizes, fc.constantFrom(...IPC_TYPES), (given, buffer_size, ipc) => {
        const { cells, leftOut } = matrixOf({ ...given, exclude: [{ buffer_size, ipc }] });
        const hit = (cell: Cell) => cell.ipc === ipc && buffer_size.includes(cell.bufferBytes);
        expect(cells.some(hit)).toBe(false);
        expect(
          leftOut.filter(({ cause }) => cause === 'excluded').every((it) => hit(it.cell)),
        ).toBe(true);
      }),
    );
  });

  it('adds the cells of include once, whatever exclude and where say', () => {
    fc.assert(
      fc.property(axes, fc.integer({ min: 1, max: 99 }), (given, size) => {
        const added = {
          buffer_size: size,
          total_size: 3 * size,
          ipc: 'tcp',
          mode: '2proc',
          socket_buffers: true,
        };
        const matrix = matrixOf({
          ...given,
          where: 'false',
          exclude: [{ ipc: [...IPC_TYPES] }],
          include: [added, added],
        });
        expect(keys(matrix.cells)).toEqual([`tcp,2proc,${size},${3 * size},socket_buffers`]);
        const points = keys(all(matrix));
        expect(new Set(points).size).toBe(points.length);
      }),
    );
  });

  it('lists the cells with ipc changing slowest and buffer_size fastest', () => {
    const { cells } = matrixOf({
      buffer_size: [2, 1],
      total_size: [4, 8],
      ipc: ['tcp', 'pipe'],
      mode: '2thread',
    });
    expect(keys(cells)).toEqual([
      'tcp,2thread,2,4',
      'tcp,2thread,1,4',
      'tcp,2thread,2,8',
      'tcp,2thread,1,8',
      'pipe,2thread,2,4',
      'pipe,2thread,1,4',
      'pipe,2thread,2,8',
      'pipe,2thread,1,8',
    ]);
  });

  it('uses a value once that is repeated on an axis', () => {
    expect(keys(matrixOf({ buffer_size: [1, 1], total_size: [2, 2] }).cells)).toEqual([
      'pipe,2proc,1,2',
    ]);
  });

  it('counts a repeated value only once towards the limit of cells', () => {
    expect(expand({ buffer_size: [1, 1], total_size: [2, 2] }, 1).state).toBe('ok');
  });

  it('names an exclusion as the reason before it names an invalid size', () => {
    const { leftOut } = matrixOf({
      buffer_size: [1, 3],
      total_size: 4,
      exclude: [{ buffer_size: 3 }],
    });
    expect(leftOut).toMatchObject([{ cause: 'excluded', reason: 'matches matrix.exclude[0]' }]);
  });

  it('gives each left-out cell its reason', () => {
    const { leftOut } = matrixOf({
      buffer_size: [3, '2GiB'],
      total_size: [4, '2048GiB'],
      ipc: ['pipe', 'tcp'],
      socket_buffers: true,
    });
    expect([...new Set(leftOut.map(({ reason }) => reason))]).toEqual([
      'total 4 is not a multiple of buffer 3',
      'buffer 2147483648 is above 1 GiB',
      'total 2199023255552 is above 1 TiB',
    ]);
    expect(matrixOf({ socket_buffers: true }).leftOut).toMatchObject([{ cause: 'no-sockets' }]);
  });
});

describe('zip', () => {
  it('advances axes together and multiplies the group with the others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.subarray([...MODES], { minLength: 1 }),
        (pairs, mode) => {
          const matrix = matrixOf({
            buffer_size: pairs.map(([buffer]) => buffer),
            total_size: pairs.map(([buffer, times]) => buffer * times),
            mode,
            zip: [['buffer_size', 'total_size']],
          });
          const wanted = mode.flatMap((it) =>
            pairs.map(([buffer, times]) => `pipe,${it},${buffer},${buffer * times}`),
          );
          expect(matrix.leftOut).toEqual([]);
          expect(keys(matrix.cells)).toEqual([...new Set(wanted)]);
        },
      ),
    );
  });

  it('keeps a value that is repeated on a zipped axis, because it has two partners', () => {
    const document = {
      buffer_size: [1, 1, 2],
      total_size: [1, 2, 2],
      zip: [['buffer_size', 'total_size']],
    };
    expect(keys(matrixOf(document).cells)).toEqual([
      'pipe,2proc,1,1',
      'pipe,2proc,1,2',
      'pipe,2proc,2,2',
    ]);
  });

  it.each([
    [
      { buffer_size: [1, 2], zip: [['buffer_size', 'total_size']] },
      'expected axes of equal length; buffer_size has 2, total_size has 1',
    ],
    [
      {
        zip: [
          ['ipc', 'mode'],
          ['mode', 'total_size'],
        ],
      },
      'mode is zipped twice',
    ],
    [{ zip: [['ipc', 'ipc']] }, 'ipc is zipped twice'],
  ])('is refused as %j', (document, message) => {
    expect(expand(document)).toMatchObject({ state: 'broken', problems: [{ message }] });
  });
});

describe('include', () => {
  it('takes a missing axis from the matrix if that has only one value', () => {
    const { cells } = matrixOf({
      buffer_size: [1, 2],
      total_size: [4, 4],
      include: [{ buffer_size: 4, ipc: 'local' }],
    });
    expect(keys(cells)).toEqual(['pipe,2proc,1,4', 'pipe,2proc,2,4', 'local,2proc,4,4']);
  });

  it('restores a cell that exclude has left out', () => {
    const entry = { buffer_size: 1, total_size: 2 };
    const matrix = matrixOf({ ...entry, exclude: [entry], include: [entry] });
    expect(keys(matrix.cells)).toEqual(['pipe,2proc,1,2']);
    expect(matrix.leftOut).toEqual([]);
  });

  it('names the missing axis if there are several values', () => {
    expect(expand({ buffer_size: [1, 2], include: [{ ipc: 'tcp' }] })).toMatchObject({
      problems: [
        {
          path: ['include', 0],
          message: 'expected a value for buffer_size, which has 2 values on its axis',
        },
      ],
    });
  });

  it('leaves out a cell that cannot run', () => {
    expect(matrixOf({ include: [{ buffer_size: 3, total_size: 4 }] }).leftOut).toMatchObject([
      { cause: 'not-a-multiple' },
    ]);
  });
});

describe('a range', () => {
  it('rises from its first value and ends at the last that is not above its end', () => {
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 2, max: 9 }), (from, more, by) => {
        const to = from + more;
        const steps = rangeValues({ from, to, step: by }, 10_000)!;
        expect(steps).toHaveLength(Math.floor(more / by) + 1);
        expect(steps.at(-1)! + by).toBeGreaterThan(to);
        const factors = rangeValues({ from, to, factor: by }, 10_000)!;
        expect(factors.every((value, at) => value === from * by ** at && value <= to)).toBe(true);
        expect(factors.at(-1)! * by).toBeGreaterThan(to);
      }),
    );
  });

  it('ends before a value exceeds the exact integers', () => {
    const to = Number.MAX_SAFE_INTEGER;
    expect(rangeValues({ from: 1, to, factor: to }, 100)).toEqual([1, to]);
    expect(rangeValues({ from: 1, to, step: to - 1 }, 100)).toEqual([1, to]);
    expect(rangeValues({ from: to, to, step: to }, 100)).toEqual([to]);
  });

  it('is given up at the limit', () => {
    expect(rangeValues({ from: 1, to: 100, step: 1 }, 100)).toHaveLength(100);
    expect(rangeValues({ from: 1, to: 101, step: 1 }, 100)).toBeUndefined();
  });
});

it('too many cells are counted, and not made one by one', () => {
  const axis = { from: 1, to: 101, step: 1 };
  expect(expand({ buffer_size: axis, total_size: axis })).toEqual({
    state: 'too-many',
    cells: 10_201,
  });
});

describe('the hosts of a matrix that each host makes', () => {
  const AXES = { buffer_size: [512, 1024, 3000], total_size: 4096 };
  const on = (hosts: readonly string[] | undefined, more: object = {}, cellLimit = 100) =>
    expandMatrix(matrixSchema.parse({ ...AXES, ...more }), { cellLimit, hosts });

  it('multiply the cells and those left out, host by host', () => {
    const found = on(['a', 'b'], { include: [{ buffer_size: 256 }] });
    if (found.state !== 'ok') throw new Error(found.state);
    const { cells, leftOut } = found.matrix;
    expect(cells.map(({ host, bufferBytes }) => `${host} ${bufferBytes}`)).toEqual(
      ['a', 'b'].flatMap((host) => [512, 1024, 256].map((size) => `${host} ${size}`)),
    );
    expect(leftOut.map(({ cell }) => `${cell.host} ${cell.bufferBytes}`)).toEqual([
      'a 3000',
      'b 3000',
    ]);
  });

  it('count towards the limit of cells', () => {
    expect(on(['a', 'b', 'c'], {}, 8)).toEqual({ state: 'too-many', cells: 9 });
    expect(on(undefined, {}, 8).state).toBe('ok');
  });

  it('can be used in the condition, but not in that of a matrix without hosts', () => {
    const where = { where: 'host == "b" || buffer_size == 512' };
    const found = on(['a', 'b'], where);
    expect(found).toMatchObject({
      matrix: { cells: [{ host: 'a' }, { host: 'b' }, { host: 'b' }] },
    });
    expect(on(undefined, where)).toMatchObject({
      state: 'broken',
      problems: [{ path: ['where'] }],
    });
    expect(on(undefined, { where: 'ipc in ["host"] || true' }).state).toBe('ok');
  });
});

describe('the programs of a matrix that each program makes', () => {
  const names = fc.uniqueArray(fc.constantFrom('base', 'new', 'third'), { minLength: 2 });
  const by = (programs: readonly string[] | undefined, more: object = {}, cellLimit = 100) =>
    expandMatrix(
      matrixSchema.parse({ buffer_size: [512, 1024, 3000], total_size: 4096, ...more }),
      { cellLimit, programs },
    );
  const found = (programs: readonly string[] | undefined, more: object = {}, limit = 10_000) => {
    const result = by(programs, more, limit);
    if (result.state !== 'ok') throw new Error(JSON.stringify(result));
    return result.matrix;
  };
  const withoutProgram = ({ program: _, ...cell }: Cell) => cellKey(cell);

  it('multiply the cells, and those of one point are neighbours in the order of the programs', () => {
    fc.assert(
      fc.property(axes, names, (given, programs) => {
        const alone = matrixOf(given);
        const several = found(programs, given, 100_000);
        expect(several.cells.map((cell) => `${withoutProgram(cell)} ${cell.program}`)).toEqual(
          alone.cells.flatMap((cell) => programs.map((name) => `${cellKey(cell)} ${name}`)),
        );
        expect(several.leftOut).toHaveLength(programs.length * alone.leftOut.length);
        expect(new Set(keys(all(several))).size).toBe(all(several).length);
      }),
    );
  });

  it('are neighbours in included cells, too, and on each host', () => {
    const result = expandMatrix(
      matrixSchema.parse({ buffer_size: 512, total_size: 4096, include: [{ buffer_size: 256 }] }),
      { cellLimit: 100, hosts: ['h', 'i'], programs: ['base', 'new'] },
    );
    if (result.state !== 'ok') throw new Error(result.state);
    expect(
      result.matrix.cells.map((cell) => `${cell.host} ${cell.bufferBytes} ${cell.program}`),
    ).toEqual(
      ['h', 'i'].flatMap((host) =>
        [512, 256].flatMap((size) => ['base', 'new'].map((name) => `${host} ${size} ${name}`)),
      ),
    );
  });

  it('count towards the limit of cells', () => {
    expect(by(['base', 'new'], {}, 5)).toEqual({ state: 'too-many', cells: 6 });
    expect(by(undefined, {}, 5).state).toBe('ok');
  });

  it('can be used in conditions and exclusions, but not in those of a matrix without programs', () => {
    const where = { where: 'program == "new" || buffer_size == 512' };
    expect(found(['base', 'new'], where).cells.map(({ program }) => program)).toEqual([
      ...['base', 'new', 'new'],
    ]);
    const exclude = { exclude: [{ program: 'base', buffer_size: 512 }] };
    expect(found(['base', 'new'], exclude).cells.map(({ program }) => program)).toEqual([
      ...['new', 'base', 'new'],
    ]);
    expect(by(undefined, where)).toMatchObject({ problems: [{ path: ['where'] }] });
    expect(by(undefined, exclude)).toMatchObject({
      problems: [{ path: ['exclude', 0, 'program'] }],
    });
  });

  it('may not be excluded by a name that none of them has', () => {
    const misspelt = by(['base', 'new'], { exclude: [{ program: ['new', 'bse'] }] });
    expect(misspelt).toMatchObject({
      state: 'broken',
      problems: [
        { path: ['exclude', 0, 'program'], message: expect.stringContaining('mean base?') },
      ],
    });
  });
});
