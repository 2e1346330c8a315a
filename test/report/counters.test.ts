import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Cell } from '../../src/experiment/cell.ts';
import type { Figure } from '../../src/report/figure.ts';
import { renderSvg } from '../../src/report/render/svg.ts';
import { openForWriting } from '../../src/store/open.ts';
import { CELL, exampleResult, exampleSweep } from '../store/example-sweep.ts';
import { figuresOf, named, records } from './made-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CELLS: readonly Cell[] = [512, 4096, 65536].flatMap((bufferBytes) =>
  (['2proc', '2thread'] as const).map((mode) => ({
    ...{ ...CELL, bufferBytes, mode, totalBytes: 2 ** 20 },
  })),
);

let made = 0;

/** The figures of counters of a sweep in which each run has these counters. */
function figures(
  counters: (cell: Cell, trial: number) => Readonly<Record<string, number>>,
  trials = 6,
): readonly Figure[] {
  const { db, close } = openForWriting(join(folder, `${++made}.db`));
  try {
    const { store } = exampleSweep(db, { cells: CELLS, tracer: 'none', counters: 'software' });
    let ordinal = 0;
    for (let trial = 1; trial <= trials; trial++) {
      for (const [cellIndex, cell] of CELLS.entries()) {
        ordinal++;
        const place = { ordinal, block: trial, cell, cellIndex, trial };
        const samples = [
          {
            ...{ iteration: 1, elapsedNs: 1_000_000, bandwidthBytesPerS: 2 ** 20 * 1000 },
            counters: new Map(Object.entries(counters(cell, trial))),
          },
        ];
        store({
          ...exampleResult(trial),
          planned: { ...place, warmup: false, traced: false },
          ...{ outcome: { state: 'completed', samples }, counts: undefined, doubts: [] },
        });
      }
    }
    return figuresOf(db).filter(({ name }) => name.startsWith('counters'));
  } finally {
    close();
  }
}

describe('the figures of counters', () => {
  const drawn = figures(({ bufferBytes, mode }, trial) => ({
    CONTEXT_SWITCHES: 2 ** 20 / bufferBytes + trial,
    TASK_CLOCK_NS: 400_000 + 1000 * trial,
    PAGE_FAULTS: mode === '2proc' ? 10 : 0,
  }));

  it('draw each counter, and each rate that follows from them, with a series for each mode', () => {
    expect(drawn.map(({ name }) => name)).toEqual([
      ...['counters-CONTEXT_SWITCHES', 'counters-PAGE_FAULTS', 'counters-TASK_CLOCK_NS'],
      ...['counters-cpu_share', 'counters-page_faults_per_mib'],
      'counters-context_switches_per_mib',
    ]);
    const rows = records(named(drawn, 'counters-cpu_share'));
    expect(rows.map(({ series }) => series)).toEqual([
      ...['2proc', '2proc', '2proc', '2thread', '2thread', '2thread'],
    ]);
    for (const row of rows) {
      expect(row.value_median).toBeCloseTo(0.4035, 12);
      expect(row).toMatchObject({ n: 6, ci_level: 0.95 });
    }
  });

  it('have a logarithmic axis for events of very different numbers, and one from 0 otherwise', () => {
    const wide = named(drawn, 'counters-CONTEXT_SWITCHES');
    expect(wide.caption).toContain('The vertical axis is logarithmic.');
    expect(wide.alt).toContain('logarithmic');
    // There is no logarithm of no fault at all.
    const faults = named(drawn, 'counters-PAGE_FAULTS');
    expect(faults.caption).not.toContain('logarithmic');
    expect(JSON.stringify(faults.spec)).toContain('"domain":[0,');
    expect(named(drawn, 'counters-context_switches_per_mib').caption).not.toContain('logarithmic');
  });

  it('are drawn even where every value is 0, negative or of a single run', async () => {
    const odd = figures(() => ({ nothing: 0, below: -5, great: 1e300, small: 1e-300 }), 1);
    expect(odd).toHaveLength(4);
    for (const figure of [...drawn, ...odd]) {
      const svg = await renderSvg(figure, 'screen');
      expect(svg).toContain('<svg');
      expect(svg).not.toMatch(/NaN|Infinity/);
    }
    expect(odd[0]?.caption).toContain('No intervals: fewer than 5 runs');
  });

  it('have unique names whatever the counters are called, and say how many more there are', () => {
    const many = figures(
      () =>
        Object.fromEntries([
          ...['a-b', 'a_b', 'a b', 'a/b', '../a', '=1+1'].map((name, at) => [name, at]),
          ...Array.from({ length: 40 }, (_, at) => [`counter ${at}`, at]),
        ]),
      1,
    );
    const names = many.map(({ name }) => name);
    expect(names).toHaveLength(30);
    expect(new Set(names).size).toBe(30);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(many[0]?.caption).toContain('16 further counters are in counters_summary.csv alone.');
  });
});
