import { describe, expect, it } from 'vitest';
import type { CellSummary } from '../../../src/analyse/summary.ts';
import { findings } from '../../../src/report/findings/findings.ts';
import type { FindingSources } from '../../../src/report/findings/sources.ts';
import { BENT, curveOf, doubling, STRAIGHT } from '../../analyse/curve-samples.ts';

const MIB = 2 ** 20;
const DIRECTW = 0x400;

interface Sketch {
  readonly bytes: number;
  readonly ipc?: string;
  readonly program?: string;
  /** Median and its interval, MiB/s. */
  readonly rate?: readonly [number, number, number];
  /** Bandwidths of its runs by trial, MiB/s. */
  readonly runs?: readonly number[];
  readonly ratio?: number;
  readonly states?: readonly number[];
  readonly suspect?: number;
}

function summaryOf(
  { bytes, ipc = 'pipe', program = '', rate, ratio, suspect = 0 }: Sketch,
  at: number,
) {
  const cell = {
    ...{ cell: at + 1, ipc, mode: '2proc', socket_buffers: 0 },
    ...{ buffer_bytes: bytes, total_bytes: 16 * MIB, host: 'local', host_axis: 0, program },
  };
  const [median, low, high] = (rate ?? []).map((value) => value * MIB);
  return {
    ...{ cell, completed: 7, suspect, failed: 0, untraced: true, precision: undefined },
    bandwidth: rate && {
      n: 7,
      cv: 0.03,
      median,
      interval: { low, high, level: 0.95 },
      warnings: [],
    },
    probeEffect: ratio === undefined ? undefined : { ratio: { ratio, low: ratio, high: ratio } },
  } as unknown as CellSummary;
}

/** Returns the findings about some cells, as `subject: text`. */
function found(cells: readonly Sketch[], change: Partial<FindingSources> = {}): string[] {
  return findings({
    sweep: { tracer: 'dtrace', controls: 1, run_order: 'shuffled', relative_ci: null },
    summaries: cells.map(summaryOf),
    quotedRuns: new Map(
      cells.map(({ runs = [] }, at) => [
        at + 1,
        runs.map((rate, before) => ({ trial: before + 1, bandwidth: rate * MIB })),
      ]),
    ),
    pipeStates: cells.flatMap(({ states = [] }, at) =>
      states.map((state) => ({ cell: at + 1, operation: 'read', state, count: 5 })),
    ),
    stateBits: [{ bit: DIRECTW, name: 'DIRECTW' }],
    doubts: [],
    judged: [],
    advice: [],
    facts: new Map(),
    selection: { suspect: false },
    ...change,
  }).map(({ subject, text }) => `${subject}: ${text}`);
}

describe('the findings of a sweep', () => {
  it('begin with doubts about the numbers, and leave out mere notes', () => {
    const about = {
      ...({ about: 'runs', runs: 445, of: 900, note: false } as const),
      ...{ cells: [], ofCells: 1, hosts: [] },
    };
    const said = found([{ bytes: 512, rate: [100, 90, 110] }], {
      doubts: [
        { ...about, code: 'missing', about: 'sweep', text: 'pipe-states is missing: x' },
        { ...about, code: 'foreign-benchmark', text: 'another benchmark ran at the same time' },
        { ...about, code: 'raw-cut', text: 'a note', note: true },
      ],
    });
    expect(said.slice(0, 2)).toEqual([
      'Missing: pipe-states is missing: x.',
      'Doubt: 445 of 900 runs: another benchmark ran at the same time (foreign-benchmark).',
    ]);
    expect(said.join()).not.toContain('a note');
  });

  it('say in which state reads mostly find the pipe, and from which size on it is another one', () => {
    const stateBits = [
      { bit: 1, name: 'EMPTY' },
      { bit: 2, name: 'FULL' },
      { bit: 4, name: 'PARTIAL' },
    ];
    const said = (counts: readonly (readonly [bytes: number, partial: number, empty: number])[]) =>
      found(
        counts.map(([bytes]) => ({ bytes })),
        {
          stateBits,
          pipeStates: counts.flatMap(([, partial, empty], at) => [
            { cell: at + 1, operation: 'read', state: 4, count: partial },
            { cell: at + 1, operation: 'read', state: 1, count: empty },
            { cell: at + 1, operation: 'write', state: 2, count: 1000 },
          ]),
        },
      ).filter((text) => text.startsWith('What reads find'));
    expect(
      said([
        [65536, 40, 60],
        [512, 90, 10],
        [4096, 80, 20],
        [16384, 30, 70],
      ]),
    ).toEqual([
      'What reads find: up to buffers of 4 KiB the pipe is mostly PARTIAL (80 % to 90 % of the reads); from 16 KiB on mostly EMPTY (60 % to 70 % of the reads).',
    ]);
    expect(said([[512, 90, 10]])).toEqual([
      'What reads find: with buffers of 512 B the pipe is mostly PARTIAL (90 % of the reads).',
    ]);
    expect(
      said([
        [512, 90, 10],
        [1024, 10, 90],
        [2048, 90, 10],
      ])[0],
    ).toContain('; at 1 KiB mostly EMPTY (90 % of the reads); from 2 KiB on mostly PARTIAL');
    expect(found([{ bytes: 512, rate: [1, 1, 1] }]).join()).not.toContain('What reads find');
  });

  it('name the best size, and the sizes that `compare` would not distinguish from it', () => {
    const runs = [940, 960, 980, 1000, 1020, 1040, 1060];
    const cells: Sketch[] = [
      { bytes: 512, rate: [100, 90, 110], runs: runs.map((rate) => rate / 10) },
      { bytes: 1024, rate: [990, 900, 1100], runs: runs.toReversed().map((rate) => rate - 10) },
      // Its interval overlaps the best one's, and it is slower in every block.
      { bytes: 2048, rate: [970, 910, 1030], runs: runs.map((rate) => rate - 30) },
      { bytes: 4096, rate: [1000, 940, 1060], runs },
      { bytes: 8192, rate: [950, 900, 1000], runs: [950, 950, 950] },
    ];
    const text = (from: string) =>
      `Highest bandwidth: 1000 MiB/s with buffers of 4 KiB (median of runs, 95% interval 940–1060, n = 7); the runs do not tell it from ${from}.`;
    expect(found(cells)[0]).toBe(text('1 KiB'));
    // What was not made in turns is compared as a whole.
    const sweep = { tracer: 'dtrace', controls: 1, run_order: 'sequential', relative_ci: null };
    expect(found(cells, { sweep })[0]).toBe(text('1 KiB and 2 KiB'));
  });

  it('call the interval of the best size nominal where the values decided how many trials it has', () => {
    const summary = {
      ...summaryOf({ bytes: 512, rate: [1000, 940, 1060] }, 0),
      precision: { relativeHalfWidth: 0.06, state: 'cap' } as const,
    };
    expect(found([], { summaries: [summary] })[0]).toContain(
      '(median of runs, nominal 95% interval 940–1060, n = 7)',
    );
  });

  it('name the best size of each channel separately', () => {
    const cells: Sketch[] = [
      { bytes: 512, rate: [100, 90, 110] },
      { bytes: 512, ipc: 'local', rate: [50, 40, 60] },
    ];
    expect(found(cells).slice(0, 2)).toEqual([
      expect.stringMatching(/^Highest bandwidth, pipe 2proc: 100 MiB/),
      expect.stringMatching(/^Highest bandwidth, local 2proc: 50 MiB/),
    ]);
  });

  it('name the program with each result, and how the programs took turns', () => {
    const said = found([
      { bytes: 512, program: 'base', rate: [100, 90, 110] },
      { bytes: 512, program: 'new', rate: [50, 40, 60] },
    ]);
    expect(said.slice(0, 3)).toEqual([
      expect.stringMatching(/^Highest bandwidth, pipe 2proc by base: 100 MiB/),
      expect.stringMatching(/^Highest bandwidth, pipe 2proc by new: 50 MiB/),
      expect.stringMatching(/^Programs: base, new took turns: .* how new differs from base\.$/),
    ]);
  });

  it('say no more about programs than the order of the runs and the cells allow', () => {
    const both = (bytes: number): Sketch[] => [
      { bytes, program: 'base' },
      { bytes, program: 'new' },
    ];
    const said = (cells: readonly Sketch[], change: Partial<FindingSources['sweep']> = {}) =>
      found(cells, {
        sweep: {
          ...{ tracer: 'dtrace', controls: 1, run_order: 'shuffled', relative_ci: null },
          ...change,
        },
      }).find((text) => text.startsWith('Programs'));
    const compared = 'ipc-sweep compare says how new differs from base';
    expect(said([...both(512), ...both(1024)])).toBe(
      `Programs: base, new took turns: each block holds a run of every point of the matrix by each of them. ${compared}.`,
    );
    expect(said(both(512), { run_order: 'sequential' })).toBe(
      `Programs: base, new took turns within each point of the matrix, one point after the other: each block holds a run of a single point by each of them. ${compared}.`,
    );
    expect(said(both(512), { relative_ci: 0.02 })).toContain(
      'by each of them that still needed another trial.',
    );
    expect(said([...both(512), { bytes: 1024, program: 'base' }])).toBe(
      `Programs: base, new took turns: each block holds a run of every point of the matrix by each of them that makes it. 1 of 2 points of the matrix is not made by all of them. ${compared}, where both make a point.`,
    );
    expect(
      said([
        { bytes: 512, program: 'base' },
        { bytes: 1024, program: 'new' },
      ]),
    ).toBe(
      'Programs: base, new share no point of the matrix: what differs between them may be due to the points.',
    );
    // The third shares a point with the second only.
    expect(
      said([...both(512), { bytes: 1024, program: 'new' }, { bytes: 1024, program: 'third' }]),
    ).toMatch(
      / 2 of 2 points of the matrix are not made by all of them\. .* how new differs from base/,
    );
  });

  it('say what a call costs and where the curve bends, with the sizes of the system in that interval', () => {
    const facts = new Map([['l2_cache_bytes', '98304']]);
    const cells = (line = BENT, ipc = 'pipe'): Sketch[] =>
      curveOf(line, doubling(12), 0.02).map(({ bytes, bandwidth }) => ({
        ...{ bytes, ipc, rate: [bandwidth / MIB, bandwidth / MIB, bandwidth / MIB] },
      }));
    const curve = (some: readonly Sketch[]) =>
      found(some, { facts }).filter((text) => text.startsWith('Curve'));
    expect(curve(cells())).toEqual([
      expect.stringMatching(
        /^Curve: a write and its read cost 1\.\d+ µs .*\. The curve bends at .*\. In that interval: L2 cache 96 KiB\.$/,
      ),
    ]);
    expect(curve([...cells(), ...cells(STRAIGHT, 'local')])).toEqual([
      expect.stringMatching(/^Curve, pipe 2proc: .* bends/),
      expect.stringMatching(/^Curve, local 2proc: (?!.*bends)/),
    ]);
    const root = doubling(12).map((bytes): Sketch => {
      const rate = Math.sqrt(bytes);
      return { bytes, rate: [rate, rate, rate] };
    });
    expect(curve(root)).toEqual([]);
  });

  it('say when the cost of a call was measured under a tracer', () => {
    const cells = curveOf(STRAIGHT, doubling(6)).map(({ bytes, bandwidth }): Sketch => {
      const rate = bandwidth / MIB;
      return { bytes, rate: [rate, rate, rate] };
    });
    const traced = cells.map(summaryOf).map((each) => ({ ...each, untraced: false }));
    expect(found([], { summaries: traced })).toContainEqual(
      expect.stringMatching(/^Curve: under a tracer, a write and its read cost 1\.2 µs/),
    );
  });

  it('say where direct writes begin, whatever the order of the cells, and where they stop and begin again', () => {
    const cells: Sketch[] = [
      { bytes: 65536, states: [DIRECTW | 0x10] },
      { bytes: 512, states: [0] },
      { bytes: 32768, states: [0] },
      { bytes: 8192, states: [0, DIRECTW] },
      { bytes: 1024 },
    ];
    expect(found(cells)).toContain(
      'Direct writes: they begin at buffers of 8 KiB (DIRECTW was never seen up to 512 B, and not at 32 KiB).',
    );
  });

  it('mention direct writes only where the kernel has them, and then also when none was seen', () => {
    const cells: Sketch[] = [
      { bytes: 512, states: [0] },
      { bytes: 1024, states: [1] },
    ];
    expect(found(cells)).toContain(
      'Direct writes: none: DIRECTW was never seen from 512 B to 1 KiB.',
    );
    expect(found(cells, { stateBits: [] }).join()).not.toContain('Direct');
  });

  it('give the range of what tracing costs, or why it is not known', () => {
    const cells: Sketch[] = [
      { bytes: 512, ratio: 0.9 },
      { bytes: 1024, ratio: 0.25 },
    ];
    expect(found(cells)).toContain(
      'Cost of tracing: a traced run has from 25 % (1 KiB) to 90 % (512 B) of the bandwidth of an untraced one. Bandwidths are of untraced runs, counts of traced ones.',
    );
    const cost = (controls: number, tracer = 'dtrace') =>
      found([{ bytes: 512 }], {
        sweep: { tracer, controls, run_order: 'shuffled', relative_ci: null },
      }).join();
    expect(cost(1)).toContain('Cost of tracing: not known');
    expect(cost(0)).toContain('Cost of tracing: not measured');
    expect(cost(0, 'none')).not.toContain('Cost');
  });

  it('count the runs by how they ended, and say whether suspect ones were let in', () => {
    const cells: Sketch[] = [{ bytes: 512, suspect: 2 }];
    expect(found(cells)).toContain(
      'Runs: 9 counted: 7 completed, 2 suspect, 0 failed; suspect runs enter no figure.',
    );
    expect(found(cells, { selection: { suspect: true } }).at(-1)).toMatch(
      /; suspect runs were let in\.$/,
    );
  });
});
