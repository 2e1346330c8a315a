import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerInterface } from 'vega';
import { compile } from 'vega-lite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Cell } from '../../src/experiment/cell.ts';
import type { Figure } from '../../src/report/figure.ts';
import { inFormat, widthOf } from '../../src/report/render/formats.ts';
import { drawFigure, renderSvg } from '../../src/report/render/svg.ts';
import { THEMES } from '../../src/report/render/theme.ts';
import { openForWriting } from '../../src/store/open.ts';
import { CELL } from '../store/example-sweep.ts';
import { figuresOf, madeSweep, named } from './made-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
const HOSTILE = `<script>alert('x')</script>&"]]>\u0000\u001b[31m=1+1../..`;
let figures: readonly Figure[];
let hostile: readonly Figure[];

beforeAll(() => {
  const figuresFor = (name: string, cells: readonly Cell[]) => {
    const { db, close } = openForWriting(join(folder, `${name}.db`));
    try {
      madeSweep(db, {
        cells,
        trials: 6,
        controls: true,
        facts: [
          { key: 'page_size_bytes', value: '4096' },
          { key: 'l1d_cache_bytes', value: '32768' },
          { key: 'l2_cache_bytes', value: '65536' },
        ],
      });
      return figuresOf(db);
    } finally {
      close();
    }
  };
  const sizes = Array.from({ length: 11 }, (_, at) => 2 ** (at + 8));
  const modes = ['2proc', '2thread'] as const;
  figures = figuresFor(
    'plain',
    modes.flatMap((mode) =>
      sizes.map((bufferBytes) => ({ ...CELL, mode, bufferBytes, totalBytes: 2 ** 20 })),
    ),
  );
  hostile = figuresFor(
    'hostile',
    ['2proc', HOSTILE].flatMap((mode) =>
      [512, 1024].map((bufferBytes) => ({
        ...{ ...CELL, mode: mode as Cell['mode'], bufferBytes, totalBytes: 2 ** 20 },
      })),
    ),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const all = () => [...figures, ...hostile];

describe('drawing', () => {
  it('gets every chart of the sweep', () => {
    expect(figures.map(({ name }) => name)).toEqual([
      ...['cause-and-effect-2proc', 'cause-and-effect-2thread'],
      ...['bandwidth', 'probe-effect', 'syscalls'],
      ...['pipe-states-read', 'pipe-states-write'],
      ...['pipe-dwell', 'pipe-transitions-read-2proc', 'pipe-transitions-read-2thread'],
      ...['io-sizes', 'run-order'],
    ]);
  });

  it.each(THEMES)('raises no warning of Vega-Lite or Vega (%s)', async (theme) => {
    const warnings: unknown[] = [];
    const warned = vi.spyOn(console, 'warn').mockImplementation((...words) => {
      warnings.push(words);
    });
    const keep = (...words: unknown[]) => {
      warnings.push(words);
      return logger;
    };
    const logger: LoggerInterface = {
      level: (() => logger) as LoggerInterface['level'],
      error: keep,
      warn: keep,
      info: () => logger,
      debug: () => logger,
    };
    for (const figure of all()) {
      for (const columns of [1, 2] as const) {
        const width = widthOf(theme, columns);
        const { spec } = await drawFigure(figure, theme, { width, titled: true });
        compile(spec, { logger });
      }
    }
    warned.mockRestore();
    expect(warnings).toEqual([]);
  });

  it('gives the same text each time, in the width that is asked for', async () => {
    for (const figure of figures) {
      for (const columns of [1, 2] as const) {
        const width = widthOf('print', columns);
        const once = await renderSvg(figure, 'print', { width });
        expect(await renderSvg(figure, 'print', { width })).toBe(once);
        const [, drawn] = /^<svg [^>]*width="([\d.]+)pt"/.exec(once)!;
        expect(Math.abs(Number(drawn) - width), figure.name).toBeLessThan(3);
      }
    }
  });

  it('saves a spec that draws the same by itself', async () => {
    const { spec, svg } = await drawFigure(named(figures, 'pipe-states-read'), 'screen');
    const again = { ...named(figures, 'bandwidth'), name: 'pipe-states-read', spec };
    const { drawSpec } = await import('../../src/report/render/draw.ts');
    const saved = JSON.parse(JSON.stringify(again.spec));
    expect(await drawSpec(saved, { name: again.name, unit: 'px' })).toBe(svg);
    expect(JSON.stringify(spec)).not.toMatch(/"url":/);
  });

  it('escapes the texts of a database', async () => {
    for (const figure of hostile) {
      expect(figure.name).toMatch(/^[A-Za-z0-9_-]+$/);
      const svg = await renderSvg(figure, 'screen', { titled: true });
      expect(svg).not.toContain('<script');
      expect(svg).not.toMatch(/[\x00-\x08\x1b]/);
      // It parses XML strictly.
      await inFormat('png', svg, { figure, theme: 'screen' });
      await inFormat('pdf', svg, { figure, theme: 'screen' });
    }
    const drawn = await Promise.all(hostile.map((figure) => renderSvg(figure, 'screen')));
    expect(drawn.some((svg) => svg.includes('&lt;script&gt;'))).toBe(true);
  });

  it('gives every figure ids of its own', async () => {
    const ids = (await Promise.all(figures.map((figure) => renderSvg(figure, 'screen')))).flatMap(
      (svg) => [...new Set([...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))],
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the file formats', () => {
  it('have the same bytes each time', async () => {
    const figure = named(figures, 'syscalls');
    const svg = await renderSvg(figure, 'print');
    for (const format of ['svg', 'png', 'pdf'] as const) {
      const once = Buffer.from(await inFormat(format, svg, { figure, theme: 'print' }));
      const again = Buffer.from(await inFormat(format, svg, { figure, theme: 'print' }));
      expect(once.equals(again), format).toBe(true);
    }
  });

  it('begin as their format requires, and a PNG for a page has 300 pixels to the inch', async () => {
    const figure = named(figures, 'bandwidth');
    const svg = await renderSvg(figure, 'print', { width: widthOf('print', 1) });
    const png = Buffer.from(await inFormat('png', svg, { figure, theme: 'print' }));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(Math.abs(png.readUInt32BE(16) - (84 / 25.4) * 300)).toBeLessThan(12);
    const pdf = Buffer.from(await inFormat('pdf', svg, { figure, theme: 'print' }));
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  });
});
