import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Figure } from '../../src/report/figure.ts';
import { inFormat, widthOf } from '../../src/report/render/formats.ts';
import { renderSvg } from '../../src/report/render/svg.ts';
import { openForReading } from '../../src/store/open.ts';
import { figuresOf } from '../report/made-sweep.ts';
import { recordedSweep } from '../report/recorded-sweep.ts';

const missing: string[] = [];
for (const [program, option] of [
  ['pdftoppm', '-v'],
  ['pdffonts', '-v'],
  ['python3', '--version'],
] as const) {
  const { failed } = await execa(program, [option], { reject: false });
  if (failed) missing.push(program);
}
if (missing.length > 0 && process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
  throw new Error(`${missing.join(', ')} must be installed here`);
}
const without = missing.length > 0 ? `(skipped: no ${missing.join(', ')})` : '';

describe.skipIf(without)(`charts for paper ${without}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
  let figures: readonly Figure[];

  beforeAll(() => {
    const db = openForReading(recordedSweep(folder));
    try {
      figures = figuresOf(db);
    } finally {
      db.close();
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function pdf(figure: Figure): Promise<string> {
    const svg = await renderSvg(figure, 'print', { width: widthOf('print', 1) });
    const file = join(folder, `${figure.name}.pdf`);
    writeFileSync(file, await inFormat('pdf', svg, { figure, theme: 'print' }));
    return file;
  }

  it('embed their fonts as PDF', async () => {
    for (const figure of figures) {
      const { stdout } = await execa('pdffonts', [await pdf(figure)]);
      const [, , ...fonts] = stdout.split('\n');
      expect(fonts.length, figure.name).toBeGreaterThan(0);
      // name, type (two words), encoding, emb, sub, uni, object (two words)
      for (const font of fonts) expect(font).toMatch(/DejaVuSans.* yes yes yes +\d+ +\d+$/);
    }
  });

  it('are as wide as a column, on one page, with ink on it and none at its edge', async () => {
    for (const figure of figures) {
      const file = await pdf(figure);
      await execa('pdftoppm', ['-gray', '-r', '144', file, join(folder, figure.name)]);
      const grey = pixels(join(folder, `${figure.name}-1.pgm`));
      expect(Math.abs(grey.width / 2 - widthOf('print', 1)), figure.name).toBeLessThan(4);
      expect(shareOfInk(grey), figure.name).toBeGreaterThan(0.01);
      expect(inkAtEdge(grey), figure.name).toBe(0);
    }
  });

  it('look alike as PNG and as PDF', async () => {
    const figure = figures.find(({ name }) => name === 'pipe-states-read')!;
    const file = await pdf(figure);
    await execa('pdftoppm', ['-png', '-r', '300', file, join(folder, 'paper')]);
    const svg = await renderSvg(figure, 'print', { width: widthOf('print', 1) });
    const png = Buffer.from(await inFormat('png', svg, { figure, theme: 'print' }));
    const paper = readFileSync(join(folder, 'paper-1.png'));
    for (const at of [16, 20]) {
      expect(Math.abs(png.readUInt32BE(at) - paper.readUInt32BE(at))).toBeLessThanOrEqual(4);
    }
  });

  it('are XML that a parser takes, with all labels as text', async () => {
    const script =
      "import sys, xml.etree.ElementTree as e; print('\\n'.join(t.text or '' for t in e.parse(sys.stdin).iter('{http://www.w3.org/2000/svg}text')))";
    for (const figure of figures) {
      const input = await renderSvg(figure, 'screen', { titled: true });
      const { stdout } = await execa('python3', ['-c', script], { input });
      expect(stdout.split('\n')).toContain(figure.title);
    }
  });
});

interface Grey {
  readonly width: number;
  readonly height: number;
  readonly values: Buffer;
}

/** A binary PGM. */
function pixels(file: string): Grey {
  const bytes = readFileSync(file);
  const [header = '', width, height] =
    /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 40).toString('latin1')) ?? [];
  return {
    width: Number(width),
    height: Number(height),
    values: bytes.subarray(header.length),
  };
}

function shareOfInk({ values }: Grey): number {
  return values.filter((value) => value < 128).length / values.length;
}

/** What is cut off leaves ink in the outermost row or column. */
function inkAtEdge({ width, height, values }: Grey): number {
  let ink = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (edge && values[y * width + x]! < 128) ink++;
    }
  }
  return ink;
}
