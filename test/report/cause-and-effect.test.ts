import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Cell } from '../../src/experiment/cell.ts';
import { chooseFigures } from '../../src/report/choose-figures.ts';
import type { Figure } from '../../src/report/figure.ts';
import { renderSvg } from '../../src/report/render/svg.ts';
import { openForWriting } from '../../src/store/open.ts';
import { CELL } from '../store/example-sweep.ts';
import { figuresOf, type Made, madeSweep, named, records } from './made-sweep.ts';
import { recordedFigures } from './recorded-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sized = (...sizes: readonly number[]) =>
  sizes.map((bufferBytes): Cell => ({ ...CELL, totalBytes: 2 ** 20, bufferBytes }));
const FACTS = [
  { key: 'page_size_bytes', value: '4096' },
  { key: 'l1d_cache_bytes', value: '32768' },
];

let made = 0;
function figuresFor(sweep: Partial<Made> & Pick<Made, 'cells'>): readonly Figure[] {
  const { db, close } = openForWriting(join(folder, `${++made}.db`));
  try {
    madeSweep(db, { trials: 6, controls: true, facts: FACTS, ...sweep });
    return figuresOf(db);
  } finally {
    close();
  }
}

interface Chart {
  readonly layer: readonly {
    readonly data?: { readonly values: readonly { readonly size?: number }[] };
    readonly mark?: { readonly type: string; readonly style?: string };
    readonly encoding?: { readonly x?: { readonly scale: { readonly domain: unknown } } };
    readonly layer?: Chart['layer'];
  }[];
}
const chartsOf = ({ spec }: Figure) => (spec as unknown as { vconcat: readonly Chart[] }).vconcat;
const layersOf = (layers: Chart['layer']): Chart['layer'] =>
  layers.flatMap((layer) => [layer, ...layersOf(layer.layer ?? [])]);

describe('the chart of cause and effect', () => {
  const figures = figuresFor({ cells: sized(512, 4096, 65536, 262144) });
  const figure = named(figures, 'cause-and-effect');

  it('is the first figure of a sweep, and can be drawn alone by its name', () => {
    expect(figures[0]).toBe(figure);
    expect(chooseFigures(figures, ['cause-and-effect'])).toEqual([figure]);
    expect(chooseFigures(figures, ['bandwidth'])).not.toContain(figure);
  });

  it('has the medians of the bandwidth chart and the shares of the state charts', () => {
    const of = (name: string, keep: (row: Record<string, unknown>) => boolean, column: string) =>
      records(named(figures, name))
        .filter(keep)
        .map((row) => [row.buffer_bytes, row[column]]);
    const part = (name: string) => (row: Record<string, unknown>) => row.part === name;
    for (const column of ['bandwidth_bytes_per_s', 'ci_low_bytes_per_s', 'n']) {
      expect(of('cause-and-effect', part('bandwidth'), column)).toEqual(
        of('bandwidth', ({ mark }) => mark === 'median', column),
      );
    }
    for (const end of ['read', 'write']) {
      for (const column of ['pipe_state_names', 'share', 'count']) {
        expect(of('cause-and-effect', part(end), column)).toEqual(
          of(`pipe-states-${end}`, () => true, column),
        );
      }
    }
  });

  it('has one axis of sizes for all its charts, with every threshold through all of them', () => {
    const charts = chartsOf(figure);
    expect(charts).toHaveLength(3);
    const domains = charts.flatMap(({ layer }) =>
      layersOf(layer).flatMap(({ encoding }) => encoding?.x?.scale.domain ?? []),
    );
    expect(new Set(domains).size).toBe(2);
    for (const { layer } of charts) {
      const rules = layersOf(layer).filter(({ mark }) => mark?.style === 'threshold-rule');
      expect(rules).toHaveLength(1);
      const data = layer.find((one) => one === rules[0] || one.layer?.includes(rules[0]!))?.data;
      expect(data?.values.map(({ size }) => size).toSorted()).toEqual([32768, 65536]);
    }
  });

  it('is drawn for each series in its own look, for the largest total only, and says so', async () => {
    const cells = [2 ** 20, 2 ** 22].flatMap((totalBytes) =>
      (['2proc', '2thread'] as const).flatMap((mode) =>
        sized(512, 4096, 65536).map((cell) => ({ ...cell, mode, totalBytes })),
      ),
    );
    const all = figuresFor({ cells });
    expect(all.slice(0, 3).map(({ name }) => name)).toEqual([
      ...['cause-and-effect-2proc', 'cause-and-effect-2thread', 'bandwidth'],
    ]);
    for (const [name, colour] of [
      ['2proc', '#000000'],
      ['2thread', '#0072B2'],
    ] as const) {
      const one = named(all, `cause-and-effect-${name}`);
      expect(new Set(records(one).map((row) => row.total_bytes))).toEqual(new Set([2 ** 22]));
      const svg = await renderSvg(one, 'print', { width: 300 });
      expect(svg).toContain('cells of total 4 MiB only');
      expect(svg).toContain(`stroke="${colour}"`);
    }
  });

  it('needs pipe states and at least two sizes', () => {
    const names = (sweep: Parameters<typeof figuresFor>[0]) =>
      figuresFor(sweep).map(({ name }) => name);
    expect(names({ cells: sized(512, 4096), traced: false, controls: false })).not.toContain(
      'cause-and-effect',
    );
    expect(names({ cells: sized(512) })).not.toContain('cause-and-effect');
    const totals = [1, 2].map((times) => ({ ...CELL, totalBytes: times * 2 ** 20 }));
    expect(names({ cells: totals })).not.toContain('cause-and-effect');
  });

  it('shows the direct writes of FreeBSD below the bandwidth of the recorded runs', () => {
    const recorded = named(
      recordedFigures(mkdtempSync(join(folder, 'recorded-'))),
      'cause-and-effect',
    );
    expect(recorded.alt).toMatch(/at reads: .*8 KiB to 1 MiB: DIRECTOK\|DIRECTW/);
    expect(JSON.stringify(recorded.spec)).toContain('PIPE_MINDIRECT 8 KiB');
  });
});
