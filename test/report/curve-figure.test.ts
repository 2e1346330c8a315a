import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cell } from '../../src/experiment/cell.ts';
import { sweepTables } from '../../src/export/tables.ts';
import type { Figure } from '../../src/report/figure.ts';
import { renderSvg } from '../../src/report/render/svg.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import type { Db } from '../../src/store/open.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { CELL } from '../store/example-sweep.ts';
import { figuresOf, madeSweep, named, records } from './made-sweep.ts';

const MIB = 2 ** 20;
const BEND = 100_000;
const sizes = Array.from({ length: 12 }, (_, at) => 512 * 2 ** at);
const cell = (ipc: Cell['ipc'], bufferBytes: number): Cell => ({
  ...CELL,
  ...{ ipc, bufferBytes, totalBytes: 16 * MIB },
});

/** Pipes bend, local sockets do not, and tcp follows no line; runs differ by 2 %. */
function elapsedNs({ ipc, bufferBytes, totalBytes }: Cell, trial: number): number {
  const straight = 1200 + bufferBytes / 2.4;
  const times = {
    pipe: straight + Math.max(0, bufferBytes - BEND) / 2.4,
    local: 2 * straight,
    tcp: 100 * Math.sqrt(bufferBytes),
    shmem: straight,
  };
  return Math.round((totalBytes / bufferBytes) * times[ipc] * (1 + 0.01 * ((trial % 3) - 1)));
}

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-curves-'));
let db: Db;
let close: () => void;
let figure: Figure;
beforeAll(() => {
  ({ db, close } = openForWriting(join(folder, 'sweep.db')));
  const cells = (['pipe', 'local', 'tcp'] as const).flatMap((ipc) =>
    sizes.map((bytes) => cell(ipc, bytes)),
  );
  const facts = [{ key: 'l2_cache_bytes', value: String(MIB) }];
  madeSweep(db, { cells, trials: 6, traced: false, facts, elapsedNs });
  figure = named(figuresOf(db), 'bandwidth');
});
afterAll(() => {
  close();
  rmSync(folder, { recursive: true });
});

const marks = (mark: string) => records(figure).filter((row) => row.mark === mark);
const table = (name: string) => {
  const found = sweepTables(sweepResults(db, chooseSweep(db, undefined), { suspect: false }));
  const { columns, rows } = found.find((each) => each.name === name)!;
  return [...rows()].map((row) =>
    Object.fromEntries(row.map((value, at) => [columns[at]!.name, value])),
  );
};

describe('the tables of curves', () => {
  it('have a row for each curve, with estimates where it follows the model', () => {
    const [pipe, local, tcp] = table('bandwidth_fit');
    expect(pipe).toMatchObject({ series: 1, ipc: 'pipe', state: 'fitted', sizes: 12, runs: 72 });
    expect(Number(pipe!.call_ns) / 1200).toBeCloseTo(1, 1);
    expect(Number(pipe!.break_bytes) / BEND).toBeCloseTo(1, 4);
    expect(Number(pipe!.beyond_bytes_per_s) / 1.2e9).toBeCloseTo(1, 1);
    expect(local).toMatchObject({ state: 'fitted', break_bytes: null, level: 0.95 });
    expect(Number(local!.call_ns) / 2400).toBeCloseTo(1, 1);
    expect(tcp).toMatchObject({ ipc: 'tcp', state: 'does-not-follow', call_ns: null, level: null });
    expect(tcp!.residual_max).toBeGreaterThan(0.1);
  });

  it('say for every cell how far it is off, even where the curve does not follow the model', () => {
    const rows = table('bandwidth_residuals');
    expect(rows).toHaveLength(3 * sizes.length);
    for (const {
      bandwidth_median_bytes_per_s: median,
      fitted_bytes_per_s: line,
      residual,
    } of rows) {
      expect(Number(median) / Number(line) - 1).toBeCloseTo(Number(residual), 9);
    }
    const worst = (series: number) =>
      Math.max(...rows.filter((r) => r.series === series).map((r) => Math.abs(Number(r.residual))));
    for (const fit of table('bandwidth_fit')) {
      expect(worst(Number(fit.series))).toBeCloseTo(Number(fit.residual_max), 12);
    }
  });
});

describe('the chart of bandwidth', () => {
  it('shows the fitted lines of curves and their bends, with the figures of the tables', () => {
    const lines = marks('line');
    expect(new Set(lines.map(({ series }) => series))).toEqual(new Set(['pipe', 'local']));
    expect(lines.map(({ bandwidth_bytes_per_s: value }) => value)).toEqual(
      table('bandwidth_residuals')
        .filter(({ series }) => series !== 3)
        .map(({ fitted_bytes_per_s: value }) => value),
    );
    const [pipe] = table('bandwidth_fit');
    expect(marks('bend')).toEqual([
      expect.objectContaining({
        ...{ series: 'pipe', buffer_bytes: pipe!.break_bytes },
        bend_ci_low_bytes: pipe!.break_ci_low_bytes,
        bend_ci_high_bytes: pipe!.break_ci_high_bytes,
      }),
    ]);
  });

  it('names the bend beside the sizes of the system, in the drawing and below it', async () => {
    const svg = await renderSvg(figure, 'screen');
    expect(svg).toContain('>pipe bends 97.7 KiB</text>');
    expect(svg).toContain('>L2 cache 1 MiB</text>');
    expect(figure.caption).toContain('Thin line: time of a call');
    expect(figure.caption).toContain('pipe bends at 97.7 KiB');
  });

  it('draws fitted lines thinner than lines between medians', async () => {
    const svg = await renderSvg(figure, 'screen');
    const widths = [...svg.matchAll(/<path [^>]*?stroke-width="([\d.]+)"/g)].map(
      ([, width]) => width,
    );
    expect(new Set(widths)).toEqual(expect.objectContaining(new Set(['0.8', '1.8'])));
  });
});
